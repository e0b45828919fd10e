"""Who looks names up for webhooks: the system, and names that a test says, answer alike."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from tests.api.test_webhook_sender import Names
from volact.service.webhooks.sender import Resolve, Resolver


def looked_up(resolve: Resolve, host: str) -> Sequence[object]:
    """The addresses of a host."""

    async def look() -> Sequence[object]:
        return await resolve(host, 443)

    return asyncio.run(look())


@pytest.mark.parametrize(
    ("resolve", "host"),
    [(Resolver(), "localhost"), (Resolver(), "127.0.0.1"), (Names("127.0.0.1 ::1"), "hooks.example.com")],
    ids=["system", "address", "names"],
)
def test_a_host_has_addresses(resolve: Resolve, host: str) -> None:
    """A host that there is has addresses, each once; an address is its own."""
    found = looked_up(resolve, host)
    assert ip_address("127.0.0.1") in found
    assert len(found) == len(set(found))


@pytest.mark.parametrize("resolve", [Resolver(), Names(socket.gaierror(-2, "unknown"))], ids=["system", "names"])
def test_a_host_that_there_is_not(resolve: Resolve) -> None:
    """A host that there is not is an OSError."""
    with pytest.raises(OSError):  # noqa: PT011 - whichever of them the system has
        looked_up(resolve, "hooks.invalid")


def test_one_name_is_looked_up_once_at_a_time() -> None:
    """Whoever asks for a name that is being looked up waits for the same answer, also after another one went away."""
    resolver = Resolver()

    async def look() -> list[object]:
        asked = [asyncio.create_task(resolver("localhost", 443)) for _ in range(20)]
        await asyncio.sleep(0)
        asked[0].cancel()
        found: list[object] = list(await asyncio.gather(*asked, return_exceptions=True))
        return found

    first, *others = asyncio.run(look())
    assert isinstance(first, asyncio.CancelledError)
    assert all(each == others[0] for each in others)
    assert others[0]
