"""The one door through which HTTP comes in: routes, limits, and refusals as problem documents (spec P-5).

A lean ASGI application. A handler takes a whole request and returns a whole reply; a `VolactError` that it raises
becomes its problem document, and nothing that a caller sends makes a 5xx.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from volact.errors import Refusal, Refused, VolactError
from volact.protocol import problems

BODY_LIMIT = 64 * 1024
RETRY_AFTER = 5  # seconds; long enough for a database to come back, short enough for a person

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Report = Callable[[str, BaseException], None]


class HttpRequest(msgspec.Struct, frozen=True):
    """One HTTP request, read whole; `part` is what the route's `{}` stood for, or its `{}/{}`."""

    method: str
    path: str
    part: str
    headers: Mapping[str, str]
    body: bytes
    client: str


class HttpReply(msgspec.Struct, frozen=True):
    """One HTTP reply."""

    body: bytes = b""
    status: int = 200
    media: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[HttpRequest], Awaitable[HttpReply]]
Routes = Mapping[tuple[str, str], Handler]


def problem_reply(refusal: Refusal, instance: str | None = None) -> HttpReply:
    """A refusal as its HTTP reply."""
    status, body = problems.to_problem(refusal, instance)
    headers: tuple[tuple[str, str], ...] = (("retry-after", str(RETRY_AFTER)),) if status == 503 else ()
    if status == 429 and "retry_after" in refusal.fields:
        headers = (("retry-after", str(refusal.fields["retry_after"])),)
    if refusal.code == "method_not_allowed":
        headers = (("allow", str(refusal.fields["allow"])),)
    return HttpReply(body, status, problems.MEDIA_TYPE, headers)


class Door:
    """An ASGI application of whole requests and whole replies.

    `report` is told of every defect (a foreign exception) with the id that its problem document names.
    """

    def __init__(self, routes: Routes, *, report: Report) -> None:
        self._exact = {route: handler for route, handler in routes.items() if "{}" not in route[1]}
        self._open = {
            (m, path[: path.index("{}")], path.count("{}")): handler
            for (m, path), handler in routes.items()
            if "{}" in path
        }
        self._exact["GET", "/healthz"] = _healthz
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one ASGI connection; a lifespan is accepted and holds nothing."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            reply = await self._answer(scope, receive)
            await send_reply(reply, send, bare=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> HttpReply:
        try:
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            handler, part = self._find(method, scope["path"])
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            body = await read_body(receive, headers)
            client = scope["client"][0] if scope.get("client") else ""
            return await handler(HttpRequest(method, scope["path"], part, headers, body, client))
        except VolactError as err:
            return problem_reply(err.refusal)
        except Exception as err:
            instance = f"urn:uuid:{uuid.uuid4()}"
            self._report(instance, err)
            return problem_reply(Refusal("internal", "the request could not be answered"), instance)

    def _find(self, method: str, path: str) -> tuple[Handler, str]:
        handler = self._exact.get((method, path))
        if handler:
            return handler, ""
        parts = _parts(path)
        for depth, (start, part) in enumerate(parts, 1):
            handler = self._open.get((method, start, depth))
            if handler:
                return handler, part
        others = [m for m, known in self._exact if known == path]
        others += [m for m, known, depth in self._open if depth <= len(parts) and known == parts[depth - 1][0]]
        if others:
            allow = ", ".join(sorted(set(others)))
            raise Refused(Refusal("method_not_allowed", f"{path} is offered for {allow} only", {"allow": allow}))
        raise Refused(Refusal("not_found", "nothing is at that address"))


def _parts(path: str) -> list[tuple[str, str]]:
    """A path cut before its last part, and before the last two: what stands before, and what a route leaves open."""
    found, start = [], path
    for _ in range(2):
        start, _, part = start.rpartition("/")
        if not part:
            break
        found.append((f"{start}/", path[len(start) + 1 :]))
    return found


async def _healthz(_: HttpRequest) -> HttpReply:
    return HttpReply(b'{"status":"ok"}')


async def read_body(receive: Receive, headers: Mapping[str, str], *, limit: int = BODY_LIMIT) -> bytes:
    """A request's whole body; raises Refused `request_too_large` for one over `limit` bytes."""
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:12]) > limit:
        raise Refused(Refusal("request_too_large", f"the body is larger than {limit} bytes"))
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > limit:
            raise Refused(Refusal("request_too_large", f"the body is larger than {limit} bytes"))
        if not message.get("more_body"):
            return body


async def body_chunks(receive: Receive) -> AsyncIterator[bytes]:
    """A request's body as it comes, of any size; it ends where the caller goes away."""
    more = True
    while more:
        message = await receive()
        yield bytes(message.get("body", b""))
        more = bool(message.get("more_body"))


async def send_chunks(reply: HttpReply, send: Send, *, chunks: Iterator[bytes], size: int) -> None:
    """Sends a reply whose body of `size` bytes comes in chunks."""
    await send(start_of(reply, size=size))
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def send_reply(reply: HttpReply, send: Send, *, bare: bool) -> None:
    """Sends a reply whole; `bare` leaves the body out, as HEAD asks."""
    await send(start_of(reply, size=len(reply.body)))
    await send({"type": "http.response.body", "body": b"" if bare else reply.body})


def start_of(reply: HttpReply, *, size: int | None = None) -> dict[str, object]:
    """The message that a reply begins with; without `size` its body ends where it ends."""
    headers = [
        (b"content-type", reply.media.encode()),
        *([] if size is None else [(b"content-length", str(size).encode())]),
        (b"x-content-type-options", b"nosniff"),
        *((name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers),
    ]
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def _lifespan(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    if message["type"] == "lifespan.shutdown":
        await send({"type": "lifespan.shutdown.complete"})
