"""The pages' door: whole requests of a bounded size in, each answered in a thread of the pages' own."""

from __future__ import annotations

import asyncio
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from volact.errors import VolactError
from volact.service.app import NONE, App
from volact.service.config import Folder
from volact.service.devices.telemetry import Telemetry
from volact.service.opening import opened
from volact.service.pages.backups import Backups
from volact.service.pages.mailing import Mail
from volact.service.pages.scripts import shelf
from volact.service.pages.settings import URLS, settle
from volact.service.ports import Service
from volact.service.webhooks.targets import Allowed
from volact.serving.asgi import (
    HttpReply,
    HttpRequest,
    Receive,
    Scope,
    Send,
    problem_reply,
    read_body,
    send_reply,
    start_of,
)
from volact.serving.callers import request_id

PREFIXES = ("/account/", "/assets/", "/center/", "/invitation/", "/office/", "/portal/")
BODY_LIMIT = 8 * 1024 * 1024  # a sheet or a bundle that is uploaded
THREADS = 4
HALL, REQUEST = "volact.hall", "volact.request"  # where both lie in the ASGI scope
Found = TypeVar("Found")


@dataclass(slots=True)
class Hall:
    """What running pages have: a reading connection for each thread, and the way to the one writer."""

    folder: Folder
    app: App
    own: threading.local
    stack: ExitStack
    allowed: Allowed  # where servers of a sign-on may be beside public https
    mailer: ThreadPoolExecutor
    backups: Backups | None = None  # where backups may be made from a page
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def reader(self) -> Service:
        """The connection of this thread."""
        found: Service = self.own.reader
        return found

    def open_thread(self) -> None:
        """Opens what a new thread reads by."""
        self.own.reader = self.stack.enter_context(opened(self.folder, self.app.writer.clock))

    def write(self, work: Callable[[Service], Found]) -> Found:
        """Does work that writes, between two batches of the device API; called from a thread of the pages."""
        assert self.loop is not None  # requests come from it
        done = self.app.commit.between(partial(work, self.app.writer))
        return asyncio.run_coroutine_threadsafe(done, self.loop).result()

    def post(self, send: Callable[[], bool]) -> None:
        """Sends a letter beside the pages; one that cannot be sent is in the log."""
        self.mailer.submit(self._sent, send)

    def _sent(self, send: Callable[[], bool]) -> None:
        if not send():
            self.app.api.telemetry.not_mailed()


@dataclass(slots=True)
class Asked:
    """One request: whence, what it is called, and what is told of it in the log."""

    address: str
    request_id: str
    route: str = "unknown"
    member: str | None = None
    code: str | None = None
    defect: BaseException | None = None
    streamed: Any = None  # the response whose body is sent piece by piece


class Pages:
    """An ASGI application for everything below `PREFIXES`, and `/`."""

    def __init__(self, hall: Hall, pool: ThreadPoolExecutor, *, telemetry: Telemetry) -> None:
        from django.core.handlers.base import BaseHandler
        from django.core.signals import got_request_exception

        self._hall = hall
        self._pool = pool
        self._telemetry = telemetry
        self._handler = BaseHandler()
        self._handler.load_middleware()
        got_request_exception.connect(_note_defect)

    def takes(self, path: str) -> bool:
        """Whether a path is one of the pages'."""
        return path == "/" or path.startswith(PREFIXES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        http = HttpRequest(scope["method"], scope["path"], "", headers, b"", scope["client"][0])
        asked = Asked(self._hall.app.api.callers.address(http), request_id(http) or secrets.token_hex(8))
        try:
            asset = shelf().found(scope["path"], headers.get("accept-encoding", ""))
            if asset is not None:
                reply = HttpReply(asset.body, media=asset.media, headers=asset.headers)
            else:
                body = await read_body(receive, headers, limit=BODY_LIMIT)
                loop = self._hall.loop = asyncio.get_running_loop()
                reply = await loop.run_in_executor(self._pool, partial(self._answer, scope, asked, body=body))
        except VolactError as err:
            asked.code = err.code
            reply = problem_reply(err.refusal)
        if asked.streamed is None:
            await send_reply(reply, send, bare=scope["method"] == "HEAD")
        else:
            await self._send_pieces(reply, send, asked=asked, bare=scope["method"] == "HEAD")
        if asked.defect is not None:
            self._telemetry.defect(asked.request_id, asked.defect)
        self._telemetry.visited(
            scope["method"],
            reply.status,
            route=asked.route,
            member=asked.member,
            code=asked.code,
            address=asked.address,
            request_id=asked.request_id,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )

    def _answer(self, scope: Scope, asked: Asked, *, body: bytes) -> HttpReply:
        from django.core.handlers.asgi import ASGIRequest
        from django.core.signals import request_started

        request_started.send(sender=type(self))
        request = ASGIRequest({**scope, HALL: self._hall, REQUEST: asked}, BytesIO(body))
        request.urlconf = URLS
        response = self._handler.get_response(request)
        try:
            if request.resolver_match:
                asked.route = request.resolver_match.route
            return _reply(response, asked)
        finally:
            if not response.streaming:
                response.close()

    async def _send_pieces(self, reply: HttpReply, send: Send, *, asked: Asked, bare: bool) -> None:
        """Sends what is made while it is sent; where making it fails, the connection is cut, and the log says why."""
        loop, pieces = asyncio.get_running_loop(), iter(asked.streamed.streaming_content)
        try:
            await send(start_of(reply))
            while not bare and (piece := await loop.run_in_executor(self._pool, next, pieces, b"")):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})
        except Exception as err:
            asked.defect = err
        finally:
            asked.streamed.close()


def _reply(response: Any, asked: Asked) -> HttpReply:
    headers = {name.lower(): value for name, value in response.items()}
    media = headers.pop("content-type", "text/html; charset=utf-8")
    headers.pop("content-length", None)
    cookies = [("set-cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    asked.streamed = response if response.streaming else None
    content = b"" if response.streaming else response.content
    more = (("x-request-id", asked.request_id),)
    return HttpReply(content, response.status_code, media, (*headers.items(), *cookies, *more))


def _note_defect(request: Any, **_: Any) -> None:
    request.scope[REQUEST].defect = sys.exception()


def _finish(service: Service) -> None:
    from volact.service.pages.accounts.invitations import finish

    finish(service)


@contextmanager
def paged(
    app: App, folder: Folder, *, mail: Mail, allowed: Allowed = NONE, backups: Path | None = None
) -> Iterator[Pages]:
    """The pages of a service in a folder, once in a process; raises what `opened` raises.

    `allowed` are the servers of a single sign-on beside public https, `backups` is where a page may make backups.
    """
    with opened(folder, app.writer.clock) as service:
        settle(folder, service, mail=mail)
        _finish(service)
    with ExitStack() as stack:
        mailer = ThreadPoolExecutor(1, thread_name_prefix="mail")
        stack.callback(mailer.shutdown, cancel_futures=True)
        made = Backups(folder, backups, failed=app.api.telemetry.not_backed_up) if backups else None
        hall = Hall(folder, app, threading.local(), stack, allowed, mailer, made)
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="page", initializer=hall.open_thread)
        stack.callback(pool.shutdown)
        yield Pages(hall, pool, telemetry=app.api.telemetry)
