"""HTTP by httpx: proxies and private CAs from the environment, bounded answers, no redirects, one error (spec D-6)."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import httpx

from volact.credential.jws import DOCUMENT_LIMIT
from volact.errors import Unreachable, Untrusted
from volact.protocol.flows import Reply, Send
from volact.protocol.messages import ANSWER_LIMIT

TIMEOUT = httpx.Timeout(10.0, connect=5.0)  # seconds, for each step
DEADLINE = 60.0  # seconds, for one answer as a whole
MEDIA_TYPE = "application/jose+json"
HINT = "volact-computer"


@dataclass(frozen=True, slots=True)
class HttpTransport:
    """Sends to one URL; `whom` is `host` or `service` and names the code of what goes wrong."""

    url: str
    whom: str

    def send(self, step: Send) -> Reply:
        """Sends one request and gives its reply; raises Unreachable, or Untrusted for an answer without measure."""
        try:
            with _client(self.url.startswith("https:")).stream(
                step.method, self.url + step.path, content=step.body, headers=self._headers(step)
            ) as response:
                limit = ANSWER_LIMIT if step.method == "POST" else DOCUMENT_LIMIT
                return Reply(response.status_code, self._body(response, limit))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as err:
            raise self._unreachable(str(err) or type(err).__name__) from err

    def _body(self, response: httpx.Response, limit: int) -> bytes:
        body = bytearray()
        for chunk in self._chunks(response):
            body += chunk
            if len(body) > limit:
                raise Untrusted(f"{self.url} answered with more than {limit} bytes")
        return bytes(body)

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        end = time.monotonic() + DEADLINE
        for chunk in response.iter_raw():
            if time.monotonic() > end:
                raise self._unreachable(f"no whole answer within {DEADLINE:.0f} seconds")
            yield chunk

    def _headers(self, step: Send) -> dict[str, str]:
        headers = {"accept-encoding": "identity"}
        if step.body is not None:
            headers["content-type"] = MEDIA_TYPE
            if self.whom == "host":  # a hint for the administrator's list, never signed and never for the publisher
                headers[HINT] = socket.gethostname().encode("ascii", "replace").decode()[:64]
        return headers

    def _unreachable(self, why: str) -> Unreachable:
        return Unreachable(f"{self.whom} {self.url}: {why}", code=f"{self.whom}_unreachable", url=self.url)


@lru_cache(maxsize=2)
def _client(encrypted: bool) -> httpx.Client:
    """One client a process; the certificates are read only where they are needed."""
    return httpx.Client(verify=_verify(encrypted), timeout=TIMEOUT, follow_redirects=False, trust_env=True)


def trusted(url: str) -> ssl.SSLContext | bool:
    """What decides whose certificate a URL's server may show; False where it shows none."""
    return _verify(url.startswith("https:"))


def _verify(encrypted: bool) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None) if encrypted else False
