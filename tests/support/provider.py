"""A real provider of OpenID Connect in a process of its own: discovery, keys, codes with PKCE, signed identities.

with Provider.running(client_id="volact", secret="...") as provider:
    provider.url                          its issuer
    provider.be("sub-1", email="...")     who is signed in there; its next authorization answers as that person
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that runs."""

    url: str
    client_id: str
    secret: str

    @classmethod
    @contextmanager
    def running(cls, *, client_id: str, secret: str) -> Iterator[Provider]:
        """Starts one on a free port of loopback, and ends it."""
        command = [sys.executable, "-m", __name__, client_id, secret]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            yield cls(process.stdout.readline().strip(), client_id, secret)
            process.terminate()

    def be(self, subject: str, *, email: str) -> None:
        """Signs somebody in there."""
        httpx.post(f"{self.url}/be", json={"sub": subject, "email": email, "email_verified": True}).raise_for_status()


class _Handler(BaseHTTPRequestHandler):
    """The provider's pages."""

    protocol_version = "HTTP/1.1"
    client: tuple[str, str]
    key = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig", "alg": "RS256"})
    person: dict[str, Any] = {}  # noqa: RUF012 - one for all requests
    asked: dict[str, dict[str, str]] = {}  # noqa: RUF012 - by code
    tokens: dict[str, dict[str, Any]] = {}  # noqa: RUF012

    def do_GET(self) -> None:
        """Discovery, keys, authorization, who somebody is."""
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            self._say(self._configuration())
        elif url.path == "/keys":
            self._say({"keys": [self.key.as_dict(private=False)]})
        elif url.path == "/authorize":
            self._authorize(asked)
        elif url.path == "/userinfo":
            self._say(self.tokens[self.headers["Authorization"].removeprefix("Bearer ")])
        else:
            self._say({}, status=404)

    def do_POST(self) -> None:
        """A token for a code; or somebody signs in here."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/be":
            type(self).person = json.loads(body)
            self._say({})
            return
        sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        asked = self.asked.pop(sent.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest()).decode()
        known = (sent.get("client_id"), sent.get("client_secret")) == self.client
        if asked is None or not known or asked["code_challenge"] != proof.rstrip("="):
            self._say({"error": "invalid_grant"}, status=400)
            return
        token = secrets.token_urlsafe()
        self.tokens[token] = dict(self.person)
        now = int(time.time())
        claims = {"iss": self._issuer, "aud": self.client[0], "iat": now, "exp": now + 60, **self.person}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        self._say({"access_token": token, "token_type": "Bearer", "id_token": signed})

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    @property
    def _issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self._issuer,
            "authorization_endpoint": f"{self._issuer}/authorize",
            "token_endpoint": f"{self._issuer}/token",
            "userinfo_endpoint": f"{self._issuer}/userinfo",
            "jwks_uri": f"{self._issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _authorize(self, asked: dict[str, str]) -> None:
        if asked.get("client_id") != self.client[0] or asked.get("code_challenge_method") != "S256":
            self._say({"error": "invalid_request"}, status=400)
            return
        code = secrets.token_urlsafe()
        self.asked[code] = asked
        self.send_response(302)
        back = urlencode({"code": code, "state": asked["state"]})
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _say(self, what: dict[str, Any], *, status: int = 200) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    _Handler.client = (sys.argv[1], sys.argv[2])
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
