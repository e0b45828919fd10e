"""The way to the publisher's service: pages and documents, asked again while it is away or busy."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import msgspec

from volact.client.transport import trusted
from volact.credential import strictjson
from volact.credential.jws import DOCUMENT_LIMIT
from volact.errors import Malformed, Refused, Unreachable, Untrusted
from volact.protocol import problems
from volact.protocol.bundles import PAGE_ROWS, Row, page_body
from volact.protocol.messages import ANSWER_LIMIT, Versions
from volact.protocol.results import Documents, page_lines

TIMEOUT = httpx.Timeout(60.0, connect=10.0)  # seconds
AGAIN = frozenset({429, 502, 503, 504})
TRIES = 9
PAUSE, LONGEST = 0.5, 30.0  # seconds before the second try, doubled for each one after it, and at the most
LONGEST_TOLD = 600.0  # seconds that a service may ask to wait
_PAGE_ANSWER = PAGE_ROWS * ANSWER_LIMIT


class About(msgspec.Struct, frozen=True):
    """Who answers."""

    publisher: str
    versions: Versions


@dataclass(frozen=True, slots=True)
class Link:
    """A service by its URL."""

    client: httpx.AsyncClient
    url: str

    async def about(self) -> About:
        """Whose service it is, and its newest documents; raises Unreachable, Untrusted."""
        body = await self._asked("GET", "/.well-known/volact")
        try:
            return msgspec.convert(strictjson.loads(body or b""), About)
        except (Malformed, msgspec.ValidationError) as err:
            raise Untrusted(f"{self.url} is no service of this kind: {err}") from err

    async def page(self, rows: Sequence[Row]) -> tuple[bytes, ...]:
        """The lines that answer a page; raises Unreachable, Untrusted, and Refused for a page that is none there."""
        body = await self._asked("POST", "/v1/bundles", content=page_body(rows), limit=_PAGE_ANSWER)
        try:
            return page_lines(body or b"", rows)
        except Malformed as err:
            raise Untrusted(f"{self.url} answered another page: {err.detail}") from err

    async def documents(self) -> Documents:
        """The publisher's documents as the service has them now; raises Unreachable, Untrusted."""
        said = await self.about()
        checkpoint = await self._asked("GET", "/v1/log/checkpoint", absent=True)
        return Documents(
            publisher=said.publisher,
            versions=said.versions,
            roots=tuple([await self._text(f"/v1/root/{number}") for number in range(1, said.versions.root + 1)]),
            catalog=await self._text("/v1/catalog"),
            revocations=await self._text("/v1/revocations"),
            checkpoint=msgspec.UNSET if checkpoint is None else checkpoint.decode("ascii", "replace"),
        )

    async def _text(self, path: str) -> str:
        return (await self._asked("GET", path) or b"").decode("utf-8", "replace")

    async def _asked(
        self, method: str, path: str, *, content: bytes | None = None, limit: int = DOCUMENT_LIMIT, absent: bool = False
    ) -> bytes | None:
        """The body of a good answer, None for one that may be absent and is."""
        pause, why = PAUSE, ""
        for last in (number == TRIES for number in range(1, TRIES + 1)):
            told: float | None = None
            try:
                status, headers, body = await self._once(method, path, content=content, limit=limit)
            except (httpx.HTTPError, OSError) as err:
                why = str(err) or type(err).__name__
            else:
                if status == 200 or (absent and status == 404):
                    return body if status == 200 else None
                if status not in AGAIN:
                    raise _refused(self.url, status, body=body)
                why, told = f"status {status}", _told(headers.get("retry-after", ""))
            if not last:
                await asyncio.sleep(min(told, LONGEST_TOLD) if told is not None else pause)
                pause = min(2 * pause, LONGEST)
        raise Unreachable(f"{self.url} did not answer {TRIES} times ({why}); the same command goes on from here")

    async def _once(
        self, method: str, path: str, *, content: bytes | None, limit: int
    ) -> tuple[int, httpx.Headers, bytes]:
        headers = {"accept-encoding": "identity"}
        async with self.client.stream(method, self.url + path, content=content, headers=headers) as reply:
            body = bytearray()
            async for chunk in reply.aiter_raw():
                body += chunk
                if len(body) > limit:
                    raise Untrusted(f"{self.url} answered with more than {limit} bytes")
            return reply.status_code, reply.headers, bytes(body)


def client(url: str) -> httpx.AsyncClient:
    """A client for one service, with the environment's proxies and certificates."""
    return httpx.AsyncClient(verify=trusted(url), timeout=TIMEOUT, follow_redirects=False, trust_env=True)


def _refused(url: str, status: int, *, body: bytes) -> Refused | Untrusted:
    try:
        return Refused(problems.from_problem(body))
    except Malformed:
        return Untrusted(f"{url} answered with status {status} and no reason that can be read")


def _told(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None
