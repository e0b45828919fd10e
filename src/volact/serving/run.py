"""Runs a door on a socket until it is told to stop: TLS, readiness, background work, an end within 20 seconds."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from volact.errors import Refusal, Refused
from volact.serving.asgi import Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]
Background = Callable[[], Coroutine[Any, Any, None]]
GRACE_SECONDS = 10
BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Tls:
    """Where certificate chain and private key lie, in PEM."""

    cert: Path
    key: Path


def split_bind(bind: str) -> tuple[str, int]:
    """Reads HOST:PORT ([::1]:8470 for IPv6); raises Refused `usage`."""
    host, colon, port = bind.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise Refused(Refusal("usage", f"--bind takes HOST:PORT, not {bind}"))
    return host.strip("[]"), int(port)


def serve(
    app: App, *, bind: str, tls: Tls | None, ready: Callable[[str], None], alongside: Sequence[Background] = ()
) -> None:
    """Serves until SIGTERM or SIGINT; calls `ready` with the URL once it listens; raises Refused `port_in_use`.

    `alongside` runs beside it in the same loop and is cancelled at the end.
    """
    listener = _listen(bind)
    scheme = "https" if tls else "http"
    host, port = listener.getsockname()[:2]
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        proxy_headers=False,
        ws="none",
        loop="auto",
        http="httptools",
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
        ssl_certfile=str(tls.cert) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )
    with contextlib.closing(listener):
        _check_tls(config)
        _settle_memory()
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_run(_Server(config, lambda: ready(url)), listener, alongside=alongside))


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Signals are ours: uvicorn would raise them again after its end, and the exit code would be the signal's."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


async def _run(server: _Server, listener: socket.socket, *, alongside: Sequence[Background]) -> None:
    async with _beside(alongside):
        await server.serve([listener])


@contextlib.asynccontextmanager
async def _beside(alongside: Sequence[Background]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work()) for work in alongside]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _listen(bind: str) -> socket.socket:
    host, port = split_bind(bind)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as err:
        why = (isinstance(err, OSError) and err.strerror) or err
        raise Refused(Refusal("usage", f"{bind} cannot be listened on: {why}")) from err
    listener = socket.socket(found[0], found[1])
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(found[4])
        listener.listen(BACKLOG)
    except OSError as err:
        listener.close()
        if err.errno == errno.EADDRINUSE:
            raise Refused(Refusal("port_in_use", f"another program listens on {bind}", {"bind": bind})) from err
        raise Refused(Refusal("usage", f"{bind} cannot be listened on: {err.strerror or err}")) from err
    return listener


def _settle_memory() -> None:
    """What stands when a program begins to serve is not looked through for garbage again, and the rest more rarely.

    Requests leave no cycles worth a look every 700 objects: it took a tenth of the processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _check_tls(config: uvicorn.Config) -> None:
    try:
        config.load()
    except OSError as err:
        raise Refused(Refusal("usage", f"the TLS certificate or key cannot be used: {err}")) from err
