"""A receiver of webhooks as a real server on loopback, which answers as a test says: well, never, or without an end."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = Callable[["Taking"], None]


@dataclass(frozen=True, slots=True)
class Hook:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass(slots=True)
class Receiver:
    """What came, in the order in which it came; `answer` may be changed at any time. `written` counts endless bytes."""

    answer: Answer
    url: str = ""
    hooks: list[Hook] = field(default_factory=list)
    connections: int = 0
    written: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def place(self) -> str:
        """Host and port, as an operator allows them."""
        return self.url.split("/")[2]

    def wait_for(self, number: int, seconds: float = 60) -> list[Hook]:
        """Waits until so many have come."""
        deadline = time.monotonic() + seconds
        while len(self.hooks) < number:
            assert time.monotonic() < deadline, f"{len(self.hooks)} of {number} came"
            time.sleep(0.02)
        return list(self.hooks)


class Taking(BaseHTTPRequestHandler):
    """One request of one connection."""

    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def setup(self) -> None:
        self.receiver.connections += 1
        super().setup()

    def do_POST(self) -> None:
        size = int(self.headers["content-length"])
        body = self.rfile.read(size)
        if len(body) < size:  # who sent it was killed in the middle: that is no delivery
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.hooks.append(Hook(self.path, headers, body))
        self.close_connection = True
        with suppress(OSError):
            self.receiver.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        return


def status(number: int, **headers: str) -> Answer:
    """Answers with a status and nothing else."""

    def answer(taking: Taking) -> None:
        taking.send_response(number)
        for name, value in headers.items():
            taking.send_header(name, value)
        taking.send_header("content-length", "0")
        taking.end_headers()

    return answer


def in_turn(*answers: Answer) -> Answer:
    """Answers differently each time, and at last always the same."""
    left = list(answers)
    return lambda taking: (left.pop(0) if len(left) > 1 else left[0])(taking)


def silence(taking: Taking) -> None:
    """Never answers, until whoever asks goes away."""
    while not taking.receiver.ended.is_set() and taking.connection.recv(1):
        pass


def drops(*, header: bool) -> Answer:
    """Answers a byte now and then without an end: of its headers, or of its body."""

    def answer(taking: Taking) -> None:
        if not header:
            taking.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while not taking.receiver.ended.wait(0.1):
            taking.wfile.write(b"x")

    return answer


def flood(start: bytes) -> Answer:
    """Answers with a start, and then with ten thousand million bytes, as fast as they are taken."""

    def answer(taking: Taking) -> None:
        taking.wfile.write(start)
        chunk = b"x" * 65_536
        while taking.receiver.written < 10_000_000_000 and not taking.receiver.ended.is_set():
            taking.wfile.write(chunk)
            taking.receiver.written += len(chunk)

    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        return  # who asks may go away at any time


@contextmanager
def receiving(answer: Answer | None = None, *, tls: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of loopback, which takes everything unless it is told otherwise."""
    receiver = Receiver(answer or status(204))
    server = _Server(("127.0.0.1", 0), type("Handler", (Taking,), {"receiver": receiver}))
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of loopback on which nobody listens, and that nobody else takes meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
