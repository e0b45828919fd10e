"""The management API of a service in this process, as a back office calls it.

with managing(place) as office:                     the front of `volact service run`, without a network
    token = office.token("keys:read")               a token with scopes, of the publisher's or of an organization
    office.get("/keys", token=token)                one call below /api/v1; `post` draws an Idempotency-Key
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.service import Answering, Place, now
from volact.service.app import composed
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.devices.telemetry import no_log
from volact.service.front import Front, fronted
from volact.service.usecases.tokens import CUSTOMER_SCOPES, SCOPES, add_token

MANY = 1_000_000  # requests a minute, where a test is not about limits


@dataclass(frozen=True, slots=True)
class Managing:
    """A running front; `devices` asks its device API."""

    place: Place
    front: Front
    runner: asyncio.Runner

    @property
    def devices(self) -> Answering:
        """The device API of the same service."""
        return Answering(self.front.app, self.runner)

    def token(self, *scopes: str, organization_id: str | None = None, days: int | None = None) -> str:
        """A new token; without scopes it has all that it may have."""
        wanted = scopes or (SCOPES if organization_id is None else CUSTOMER_SCOPES)
        with self.place.opened() as service:
            made = add_token(service, "a test", scopes=wanted, organization_id=organization_id, days=days, act=now())
        return made.text

    def get(self, path: str, *, token: str, **asked: Any) -> httpx.Response:
        """Reads."""
        return self.call("GET", path, token=token, params=asked)

    def post(self, path: str, body: Any, *, token: str, key: str | None = None) -> httpx.Response:
        """Writes, under an Idempotency-Key that is drawn where none is given."""
        return self.call("POST", path, token=token, body=body, key=key or os.urandom(8).hex())

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        body: Any = None,
        key: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Sends one request below /api/v1."""
        return self.runner.run(self.sent(method, path, token=token, body=body, key=key, params=params))

    def raw(self, method: str, path: str, *, token: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        """Sends bytes as they are."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.front, raise_app_exceptions=False)
            more = {"content-type": "application/json", "authorization": f"Bearer {token}", **headers}
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                sent = httpx.Headers(more, encoding="latin-1")
                return await client.request(method, f"/api/v1{path}", content=content, headers=sent)

        return self.runner.run(send())

    async def sent(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        body: Any = None,
        key: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """The same inside of the runner's loop."""
        headers = {"content-type": "application/json"} if body is not None else {}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if key is not None:
            headers["idempotency-key"] = key
        content = None if body is None else json.dumps(body).encode()
        transport = httpx.ASGITransport(self.front, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, f"/api/v1{path}", content=content, headers=headers, params=params)


@contextlib.contextmanager
def managing(place: Place, *, clock: SigningClock | None = None, per_minute: int = MANY) -> Iterator[Managing]:
    """A service's front in this process."""
    folder = Folder(place.folder)
    with (
        asyncio.Runner() as runner,
        composed(folder, log=no_log(), clock=clock) as app,
        fronted(app, folder, per_minute=per_minute) as front,
    ):
        try:
            yield Managing(place, front, runner)
        finally:
            runner.run(app.finish())
