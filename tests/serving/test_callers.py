"""Whose address counts, and how much of it is kept."""

from __future__ import annotations

import pytest

from volact.errors import Refused
from volact.serving.asgi import HttpRequest
from volact.serving.callers import Callers, read_network, request_id

PROXIES = Callers((read_network("10.0.0.0/8"), read_network("::1")))


def http(client: str, **headers: str) -> HttpRequest:
    """One request from an address."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest("POST", "/v1/requests", "", told, b"", client)


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("file", "file"),
    ],
)
def test_addresses_are_kept_as_far_as_needed(client: str, shown: str) -> None:
    """An address of IPv4 is kept whole, one of IPv6 as its network of 64 bits."""
    assert PROXIES.address(http(client)) == shown


@pytest.mark.parametrize(
    ("client", "told", "shown"),
    [
        ("10.1.1.1", "192.0.2.7", "192.0.2.7"),
        ("10.1.1.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("10.1.1.1", "198.51.100.1, 192.0.2.7, 10.2.2.2", "192.0.2.7"),
        ("::1", "2001:db8::5", "2001:db8::/64"),
        ("10.1.1.1", "10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("10.1.1.1", "192.0.2.7, <script>", "10.1.1.1"),
        ("192.0.2.200", "198.51.100.1", "192.0.2.200"),
    ],
)
def test_only_a_trusted_proxy_names_the_caller(client: str, told: str, shown: str) -> None:
    """What a trusted proxy added to X-Forwarded-For names the caller, and what the caller wrote there does not."""
    assert PROXIES.address(http(client, x_forwarded_for=told)) == shown


def test_nobody_is_trusted_unless_it_is_said() -> None:
    """Without a trusted proxy the peer is the caller, also on loopback."""
    assert Callers().address(http("127.0.0.1", x_forwarded_for="192.0.2.7")) == "127.0.0.1"


@pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/99", "proxy.example"])
def test_networks_that_are_none_are_refused(text: str) -> None:
    """A trusted proxy is named by an address or a network, and everything else is `usage`."""
    with pytest.raises(Refused) as caught:
        read_network(text)
    assert caught.value.code == "usage"


@pytest.mark.parametrize(
    ("told", "kept"),
    [("a1b2-c3", "a1b2-c3"), ("", None), ("x" * 65, None), ("a\tb", None), ("caf\xe9", None)],
)
def test_ids_of_a_proxy_are_short_and_printable(told: str, kept: str | None) -> None:
    """A proxy's X-Request-Id is kept if it has at most 64 printable ASCII characters."""
    assert request_id(http("10.1.1.1", x_request_id=told)) == kept
