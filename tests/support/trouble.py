"""A way to a service on which things go wrong, as a real server on a port of its own.

with troubled(running.url, "503") as url:     the first POST is answered 503 with Retry-After, the others by the service
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class Way(ThreadingHTTPServer):
    """Passes on what it is asked, but for what comes to grief."""

    def __init__(self, url: str, trouble: str, *, until: Callable[[], bool]) -> None:
        super().__init__(("127.0.0.1", 0), Step)
        self.target, self.trouble, self.until = url, trouble, until
        self.posts = itertools.count(1)


class Step(BaseHTTPRequestHandler):
    """One request on the way."""

    protocol_version = "HTTP/1.1"
    server: Way

    def do_GET(self) -> None:
        self._pass(httpx.get(self.server.target + self.path, timeout=30))

    def do_POST(self) -> None:
        number, body = next(self.server.posts), self.rfile.read(int(self.headers["content-length"]))
        match self.server.trouble:
            case "503" | "429" if number == 1:
                self._answer(int(self.server.trouble), b"", retry_after="0")
            case "nobody" if number == 1:
                self.close_connection = True
            case "404 after two" if number > 2:
                while not self.server.until():
                    threading.Event().wait(0.01)
                self._pass(httpx.get(f"{self.server.target}/nothing/here", timeout=30))
            case "cut" if number == 1:
                whole = self._passed_on(body).content
                self._answer(200, whole[: len(whole) // 2], length=len(whole))
                self.close_connection = True
            case "another" if number == 1:
                lines = self._passed_on(body).content.splitlines(keepends=True)
                self._answer(200, b"".join(reversed(lines)))
            case "slow":
                threading.Event().wait(3)
                self._pass(self._passed_on(body))
            case _:
                self._pass(self._passed_on(body))

    def _passed_on(self, body: bytes) -> httpx.Response:
        return httpx.post(self.server.target + self.path, content=body, timeout=30)

    def _pass(self, reply: httpx.Response) -> None:
        self._answer(reply.status_code, reply.content)

    def _answer(self, status: int, body: bytes, *, length: int | None = None, retry_after: str = "") -> None:
        self.send_response(status)
        if retry_after:
            self.send_header("retry-after", retry_after)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        with suppress(ConnectionError):  # whoever asked may be gone
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def troubled(url: str, trouble: str, *, until: Callable[[], bool] = lambda: True) -> Iterator[str]:
    """The URL of a way to a service on which a page comes to grief, once `until` holds."""
    with Way(url, trouble, until=until) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
