"""One try of one delivery: a judged address, TLS by the URL's name, no redirect, five seconds, no answer read.

The environment's proxies are not asked: a proxy would look the name up by itself, and connect to what was not judged.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from ipaddress import ip_address
from typing import Protocol

import httpcore

from volact import __version__
from volact.errors import Refused
from volact.service.webhooks.targets import Address, Allowed, Target, judged

DEADLINE = 5.0  # seconds for one try, from the look-up of the name to the status of the answer
_CONNECT = 2.0  # seconds for one address, so that a name with a dead one is reached by the next
_MOST_ADDRESSES = 4

Headers = Sequence[tuple[bytes | str, bytes | str]]


class Resolve(Protocol):
    """Looks a name up."""

    async def __call__(self, host: str, port: int, /) -> Sequence[Address]:
        """The addresses of a host; raises OSError where there are none."""
        ...


class Resolver:
    """Asks the system, for one name once at a time: a look-up that hangs takes one thread, however many wait for it."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Future[list[Address]]] = {}

    async def __call__(self, host: str, port: int, /) -> Sequence[Address]:
        """The addresses of a host, in the system's order; raises OSError where there are none."""
        asked = self._asked.get(host)
        if asked is None:
            asked = self._asked[host] = asyncio.ensure_future(_looked_up(host, port))
            asked.add_done_callback(lambda done: self._answered(host, done))
        return await asyncio.shield(asked)

    def _answered(self, host: str, done: asyncio.Future[list[Address]]) -> None:
        del self._asked[host]
        if not done.cancelled():
            done.exception()  # heard, also where nobody waits any more


class Sender:
    """Sends to targets that are allowed."""

    def __init__(self, allowed: Allowed, resolve: Resolve | None = None) -> None:
        self._allowed = allowed
        self._resolve = resolve or Resolver()

    async def send(self, target: Target, headers: Mapping[str, str], *, body: bytes) -> tuple[int | None, str | None]:
        """Posts a body; gives the status where one came, and what was wrong: None for a status of 200 to 299.

        Wrong is one of: `refused_target`, `unresolved`, `unreachable`, `tls`, `timeout`, `redirect`, `gone`, `status`.
        """
        try:
            async with asyncio.timeout(DEADLINE):
                status = await self._status(target, _headers(target, headers, body=body), body=body)
        except (Refused, OSError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as err:
            return None, _wrong(err)
        return status, _told(status)

    async def _status(self, target: Target, headers: Headers, *, body: bytes) -> int:
        """The status of the answer, of which nothing else is looked at."""
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        limits = {"timeout": {"connect": _CONNECT}}
        async with (
            self._pool(target) as pool,
            pool.stream("POST", url, headers=headers, content=body, extensions=limits) as answer,
        ):
            return answer.status

    def _pool(self, target: Target) -> httpcore.AsyncConnectionPool:
        network = _Judging(target, allowed=self._allowed, resolve=self._resolve)
        context = self._tls if target.scheme == "https" else None
        return httpcore.AsyncConnectionPool(ssl_context=context, network_backend=network, max_connections=1)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None)


class _Judging(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were judged, without a second look-up."""

    def __init__(self, target: Target, *, allowed: Allowed, resolve: Resolve) -> None:
        self._target, self._allowed, self._resolve = target, allowed, resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(  # signature of httpcore
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first address that answers; raises Refused where one of them may not be."""
        addresses = judged(self._target, await self._resolve(host, port), allowed=self._allowed)
        wrong: Exception = OSError("the name has no address")
        for address in addresses[:_MOST_ADDRESSES]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as err:
                wrong = err
        raise wrong


async def _looked_up(host: str, port: int) -> list[Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(ip_address(each[4][0]) for each in found))


def _headers(target: Target, headers: Mapping[str, str], *, body: bytes) -> Headers:
    return [
        ("host", target.authority),
        ("user-agent", f"volact/{__version__}"),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("connection", "close"),
        *headers.items(),
    ]


def _wrong(error: Exception) -> str:
    if isinstance(error, Refused):
        return "refused_target"
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return "unresolved"
    return "tls" if isinstance(error.__context__, ssl.SSLError) else "unreachable"


def _told(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if status == 410:
        return "gone"
    return "redirect" if 300 <= status < 400 else "status"
