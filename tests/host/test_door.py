"""Everything that may be sent to a host: what is refused, with which code, and nothing that makes a 5xx."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.computer import Asker
from tests.support.desk import asked
from tests.support.hosts import code
from tests.support.publisher import Publisher
from tests.support.service import Device
from volact.credential.encoding import b64
from volact.credential.request import sign_request
from volact.host import setup
from volact.host.app import compose
from volact.host.gate import Gate
from volact.host.upstream import Upstream
from volact.protocol.flows import Reply, Send

SERVER = "windows-server-2008-r2-standard"


class Told:
    """A transport to the publisher in this process."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def send(self, step: Send) -> Reply:
        """Sends one request."""
        return self._publisher.answer(step.method, step.path, step.body)


class Inside:
    """A host's door in this process."""

    def __init__(self, door: object, runner: asyncio.Runner) -> None:
        self._door, self._runner = door, runner

    def send(
        self, method: str, path: str, body: bytes = b"", *, client: str = "127.0.0.1", **headers: str
    ) -> httpx.Response:
        """Sends one request from an address."""
        return self._runner.run(self._send(method, path, body, client=client, headers=headers))

    async def _send(
        self, method: str, path: str, body: bytes, *, client: str, headers: dict[str, str]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._door, client=(client, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://host") as sender:
            return await sender.request(method, path, content=body, headers=headers)

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        """Sends one request for a lease."""
        return self.send("POST", "/v1/requests", body, **headers)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """A host that has counted enough servers."""
    folder, publisher = tmp_path_factory.mktemp("door"), Publisher.of(now=int(time.time()))
    (folder / "publisher").write_bytes(publisher.file("http://service.example"))
    (folder / "identity").write_text('{"id": "door"}')
    setup.init(folder / "host", setup.Wish(folder / "publisher", identity=folder / "identity"))
    with setup.opened(folder / "host") as opened, asyncio.Runner() as runner:
        setup.install_key(opened, publisher.issue("host", "windows-server-2008-r2-b").text)
        Upstream(opened, lambda url, whom: Told(publisher)).activate()
        with compose(folder / "host") as door:
            inside = Inside(Gate(door, ("203.0.113.0/24",)), runner)
            for number in range(5):
                inside.post(Asker(f"s{number}").ask(SERVER, int(time.time())))
            yield inside


def test_addresses(host: Inside) -> None:
    """Private and loopback addresses may ask, and those that the host was started with; others get 403."""
    for address in (
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.9",
        "172.31.0.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "203.0.113.9",
    ):
        assert host.send("GET", "/healthz", client=address).status_code == 200, address
    for address in ("8.8.8.8", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8", "nonsense"):
        reply = host.send("GET", "/healthz", client=address)
        assert (reply.status_code, code(reply)) == (403, "address_not_allowed"), address


def test_other_operations(host: Inside) -> None:
    """A signed request for anything but a lease is `operation_not_offered`."""
    assert code(host.post(Device("acme.example").renew("0" * 26))) == "operation_not_offered"


def test_requests_that_are_not_believed(host: Inside) -> None:
    """One altered byte, another publisher, another device's signature: `request_malformed`, and nothing is counted."""
    now = int(time.time())
    good = Asker("n1").ask(SERVER, now)
    for place in range(0, len(good), 7):
        altered = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        assert code(host.post(altered)) == "request_malformed"
    assert code(host.post(Asker("n1", publisher="other.example").ask(SERVER, now))) == "request_malformed"
    members = json.loads(good) | {"signature": json.loads(Asker("n2").ask(SERVER, now))["signature"]}
    assert code(host.post(json.dumps(members).encode())) == "request_malformed"
    assert 'count_group="windows"} 5.0' in host.send("GET", "/metrics").text


def test_sizes_and_methods(host: Inside) -> None:
    """A body over 64 KiB is 413, one over 16 KiB malformed, and a wrong method names the right ones."""
    assert code(host.post(b"x" * (64 * 1024 + 1))) == "request_too_large"
    assert code(host.post(b'"' + b"x" * 20_000 + b'"')) == "request_malformed"
    reply = host.send("DELETE", "/v1/requests")
    assert (code(reply), reply.headers["allow"]) == ("method_not_allowed", "POST")


def test_a_name_is_cleaned(host: Inside) -> None:
    """What a computer calls itself is shown as text, on one line, in at most 64 characters."""
    body = Asker("evil").ask(SERVER, int(time.time()))
    headers = {"volact-computer": "<script>alert(1)</script>" + "x" * 100}
    assert host.send("POST", "/v1/requests", body, **headers).status_code == 200
    page = host.send("GET", "/").text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" + "x" * 39 + "<" in page


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(
    st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS"]),
    st.sampled_from(["/v1/requests", "/v1/root/", "/v1/catalog", "/", "/assets/", "/metrics", "/readyz"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#%\\"), max_size=12),
    st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_nothing_sent_makes_a_5xx(host: Inside, method: str, path: str, more: str, body: bytes) -> None:
    """Whatever method, path and body are sent, the answer is below 500."""
    assert host.send(method, path + more if path.endswith("/") else path, body).status_code < 500


@settings(max_examples=150)
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("op", "aud", "via", "iat", "rid", "dev", "mv", "product", "virtual", "keyid", "proof", "jti"), JSON
        ),
    )
)
def test_no_signed_request_makes_a_5xx(host: Inside, changed: dict[str, object]) -> None:
    """Whatever a device signs, the answer is below 500."""
    asker = Asker("fuzz")
    said = json.loads(base64.urlsafe_b64decode(json.loads(asker.ask(SERVER, int(time.time())))["payload"] + "=="))
    payload = json.dumps(said | changed, default=str).encode("utf-8", "surrogatepass")
    members = json.loads(sign_request(asked("fuzz", SERVER).request, asker.signer))
    signing_input = f"{members['protected']}.{b64(payload)}".encode()
    members |= {"payload": b64(payload), "signature": b64(asker.signer.sign(signing_input))}
    assert host.post(json.dumps(members).encode()).status_code < 500
