"""A publisher's service, as the fleet tool asks it: its documents, and pages of requests, several at once."""

from __future__ import annotations

import os
import ssl
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import httpx
import msgspec

from volact.errors import Refused, Unreachable, VolactError
from volact.protocol import problems
from volact.protocol.bundles import AnswersHead
from volact.protocol.messages import Versions

TRIES = 8
LONGEST_WAIT = 30  # seconds between two tries
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class _About(msgspec.Struct):
    publisher: str
    versions: Versions


@dataclass(frozen=True, slots=True)
class Service:
    """A service at a URL; what it says is not believed here, but by the computers that it is for."""

    url: str
    client: httpx.Client

    @classmethod
    def at(cls, url: str) -> Service:
        """The service at a URL, by the environment's proxies and certificates."""
        verify: ssl.SSLContext | bool = False
        if url.startswith("https:"):
            verify = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None)
        return cls(url.rstrip("/"), httpx.Client(verify=verify, timeout=_TIMEOUT, follow_redirects=False))

    def head(self) -> AnswersHead:
        """What goes before its answers: the documents that computers may be behind on."""
        about = msgspec.json.decode(self._sent("GET", "/.well-known/volact"), type=_About)
        roots = tuple(self._sent("GET", f"/v1/root/{number}").decode() for number in range(1, about.versions.root + 1))
        return AnswersHead(
            answers=1,
            publisher=about.publisher,
            versions=about.versions,
            roots=roots,
            revocations=self._sent("GET", "/v1/revocations").decode(),
            checkpoint=self._checkpoint(),
        )

    def _checkpoint(self) -> str | msgspec.UnsetType:
        """The newest checkpoint of the publisher's log, for the computers to compare; none before the first."""
        try:
            return self._sent("GET", "/v1/log/checkpoint").decode()
        except VolactError as err:
            if err.code == "not_found":
                return msgspec.UNSET
            raise

    def answered(self, pages: Iterable[list[bytes]], *, at_once: int) -> Iterator[list[bytes]]:
        """The answers to pages, in their order, while so many pages are on their way."""
        with ThreadPoolExecutor(at_once) as pool:
            waiting: deque[Future[list[bytes]]] = deque()
            for page in pages:
                waiting.append(pool.submit(self._page, page))
                if len(waiting) == at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _page(self, rows: list[bytes]) -> list[bytes]:
        lines = self._sent("POST", "/v1/bundles", body=b"".join(row + b"\n" for row in rows)).splitlines()
        if len(lines) != len(rows):
            raise self._unreachable("it answered another number of rows than it was asked for")
        return lines

    def _sent(self, method: str, path: str, *, body: bytes | None = None) -> bytes:
        """Asks until there is an answer: what a service is too busy for, or not ready, is asked again."""
        wait, why = 1.0, ""
        for _ in range(TRIES):
            try:
                reply = self.client.request(method, self.url + path, content=body)
                if reply.status_code == 200:
                    return reply.content
                if reply.status_code not in (429, 502, 503, 504):
                    raise Refused(problems.from_problem(reply.content))
                why = f"status {reply.status_code}"
                wait = _told(reply, wait)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as err:
                why = str(err) or type(err).__name__
            Event().wait(min(wait, LONGEST_WAIT))
            wait *= 2
        raise self._unreachable(why)

    def _unreachable(self, why: str) -> Unreachable:
        detail = f"service {self.url}: {why}; the same command goes on from here"
        return Unreachable(detail, code="service_unreachable", url=self.url)


def _told(reply: httpx.Response, otherwise: float) -> float:
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isdecimal() and len(text) < 6 else otherwise
