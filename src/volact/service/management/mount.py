"""The management API's door: whole bodies of a bounded size in, problems and nothing foreign out, a log line each."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from os import SEEK_END
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.urls import get_resolver

from volact.errors import Refusal, VolactError
from volact.service.devices.telemetry import Telemetry
from volact.service.devices.uploads import chunks_of
from volact.service.management.api import document
from volact.service.management.limits import headers as limit_headers
from volact.service.management.office import OFFICE, VISIT, Office, Visit
from volact.serving.asgi import (
    HttpReply,
    HttpRequest,
    Receive,
    Scope,
    Send,
    body_chunks,
    problem_reply,
    read_body,
    send_chunks,
    send_reply,
)
from volact.serving.callers import request_id

PREFIX = "/api/"
DOCUMENT = "/api/v1/openapi.json"  # for everybody: nothing in it is secret
BODY_LIMIT = 8 * 1024 * 1024  # a catalog of 4 MiB as a JSON text
UPLOAD = ("POST", "/api/v1/center/bundles")  # is read by its operation, piece by piece
_METHODS = frozenset({"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"})
_PLAIN = {404: "not_found", 405: "method_not_allowed"}
Django = Callable[[Scope, Receive, Send], Awaitable[None]]


class Mount:
    """An ASGI application for everything below `PREFIX`."""

    def __init__(self, office: Office, telemetry: Telemetry) -> None:
        self._office = office
        self._telemetry = telemetry
        self._django: Django = ASGIHandler()
        _ = get_resolver().url_patterns  # every operation is read before anything listens
        self._document = json.dumps(document()).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope["client"][0] if scope.get("client") else ""
        http = HttpRequest(scope["method"], scope["path"], "", headers, b"", client)
        visit = Visit(self._office.callers.address(http), request_id(http) or secrets.token_hex(8))
        async with visit.held:
            reply = await self._judged(scope, receive, visit=visit, headers=headers)
            more = (("x-request-id", visit.request_id), ("cache-control", "no-store"), *limit_headers(visit.taken))
            reply = HttpReply(reply.body, reply.status, reply.media, (*reply.headers, *more, *visit.extra))
            if visit.answer is None:
                await send_reply(reply, send, bare=scope["method"] == "HEAD")
            else:
                size = visit.answer.seek(0, SEEK_END)
                await send_chunks(reply, send, chunks=chunks_of(visit.answer), size=size)
        self._note(visit, method=scope["method"], status=reply.status, ms=(time.perf_counter() - began) * 1000)

    async def _judged(self, scope: Scope, receive: Receive, *, visit: Visit, headers: dict[str, str]) -> HttpReply:
        try:
            if (scope["method"], scope["path"]) == UPLOAD:
                visit.body = body_chunks(receive)
                return await self._answer(scope, visit, body=b"")
            body = await read_body(receive, headers, limit=BODY_LIMIT)
            told = scope["path"] == DOCUMENT and scope["method"] in ("GET", "HEAD")
            return HttpReply(self._document) if told else await self._answer(scope, visit, body=body)
        except VolactError as err:
            visit.code = err.code
            return problem_reply(err.refusal)

    def _note(self, visit: Visit, *, method: str, status: int, ms: float) -> None:
        if visit.defect is not None:
            self._telemetry.defect(*visit.defect)
        self._telemetry.managed(
            method if method in _METHODS else "other",
            status,
            route=visit.route,
            code=visit.code,
            token=visit.token.token_id if visit.token else None,
            address=visit.address,
            request_id=visit.request_id,
            ms=round(ms, 1),
        )

    async def _answer(self, scope: Scope, visit: Visit, *, body: bytes) -> HttpReply:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        seen: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not asked:
                await asyncio.Event().wait()  # Django asks whether the caller went away, and is cancelled in the end
            return asked.pop()

        async def collect(message: Any) -> None:
            seen.append(message)

        within = {**scope, "method": method, OFFICE: self._office, VISIT: visit}
        await self._django(within, receive, collect)
        reply = _reply(seen)
        if reply.status in _PLAIN and not reply.media.startswith("application/"):
            refusal = _refusal(reply)
            visit.code = refusal.code
            return problem_reply(refusal)
        return reply


def _reply(messages: list[dict[str, Any]]) -> HttpReply:
    start = messages[0]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    media = headers.pop("content-type", "application/json")
    kept = tuple(pair for pair in headers.items() if pair[0] in ("allow", "retry-after", "www-authenticate"))
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return HttpReply(body, start["status"], media, kept)


def _refusal(reply: HttpReply) -> Refusal:
    if reply.status == 405:
        allow = ", ".join(sorted(dict(reply.headers).get("allow", "").split(", ")))
        return Refusal("method_not_allowed", f"this is offered for {allow} only", {"allow": allow})
    return Refusal("not_found", "nothing is at that address")
