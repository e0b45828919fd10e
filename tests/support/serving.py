"""The in-process publisher on a socket, for tests of real programs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.publisher import Publisher
from volact.protocol.flows import Reply


@contextmanager
def serving(publisher: Publisher, port: int = 0) -> Iterator[str]:
    """Serves the publisher's device API on loopback and gives its URL; `publisher.down` makes it drop connections."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(publisher.answer("GET", self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            self._answer(publisher.answer("POST", self.path, body))

        def log_message(self, format: str, *args: object) -> None:
            return

        def _answer(self, reply: Reply) -> None:
            if publisher.down:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
