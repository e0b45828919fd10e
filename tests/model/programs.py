"""Programs on one ledger that may end at any moment: their database and their signing keys are gone from there on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.unit.service.conftest import Time
from volact.credential.keys import PublicKey, Signer
from volact.service.app import App, compose
from volact.service.devices.telemetry import no_log
from volact.service.ledger import settings
from volact.service.ledger.connection import Database, connect
from volact.service.ledger.ports import Dialect, Ledger, Rows
from volact.service.ports import Service
from volact.service.signing import sign_pending
from volact.service.vault import Envelope, ThrowawayVault

ENDS = ("before the commit", "after the commit", "before signing", "before the signature is on record")


class Ended(Exception):
    """The program ended here."""


@dataclass(slots=True)
class Fate:
    """Where a program ends, if it does; `commits` counts what it has written since it was decided."""

    end: str | None = None
    commits: int = 0
    ended: bool = False

    def decide(self, end: str | None) -> None:
        """From here on it ends at that place."""
        self.end, self.commits = end, 0

    def meet(self, *ends: str) -> None:
        """Ends here, if here is one of the places where it does, or if it has ended before."""
        self.ended = self.ended or self.end in ends
        if self.ended:
            raise Ended


class MortalLedger:
    """A connection that its program's end cuts off, with whatever was not committed."""

    def __init__(self, ledger: Ledger, fate: Fate) -> None:
        self._ledger, self._fate, self._writes = ledger, fate, False

    @property
    def name(self) -> str:
        return self._ledger.name

    @property
    def dialect(self) -> Dialect:
        return self._ledger.dialect

    @property
    def version(self) -> int:
        return self._ledger.version

    @property
    def in_transaction(self) -> bool:
        return not self._fate.ended and self._ledger.in_transaction

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        self._fate.meet()
        return self._ledger.execute(statement, parameters)

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> object:
        self._fate.meet()
        return self._ledger.executemany(statement, parameters)

    @property
    def is_served(self) -> bool:
        return self._ledger.is_served

    def add(self, into: str, rows: Iterable[Sequence[Any]], /) -> None:
        self._fate.meet()
        self._ledger.add(into, rows)

    def index(self, statement: str, /) -> None:
        self._ledger.index(statement)

    def set_version(self, version: int) -> None:
        self._ledger.set_version(version)

    def begin(self, *, write: bool) -> None:
        self._fate.meet()
        self._ledger.begin(write=write)
        self._writes = write

    def commit(self) -> None:
        if not self._writes:
            self._ledger.commit()
            return
        try:
            self._fate.meet(ENDS[3] if self._fate.commits else ENDS[0])
            self._ledger.commit()
            self._fate.commits += 1
            self._fate.meet(ENDS[1])
        except Ended:
            self._ledger.close()
            raise

    def rollback(self) -> None:
        if not self._fate.ended:
            self._ledger.rollback()

    def close(self) -> None:
        self._ledger.close()


@dataclass(frozen=True, slots=True)
class MortalSigner:
    """A signing key that its program's end takes along."""

    signer: Signer
    fate: Fate

    @property
    def public(self) -> PublicKey:
        return self.signer.public

    def sign(self, message: bytes) -> bytes:
        self.fate.meet(ENDS[2])
        return self.signer.sign(message)


@dataclass(frozen=True, slots=True)
class MortalVault:
    """The vault as one program holds it."""

    vault: ThrowawayVault
    fate: Fate

    @property
    def envelope(self) -> Envelope:
        return self.vault.envelope

    def signer(self, kid: str) -> Signer | None:
        found = self.vault.signer(kid)
        return None if found is None else MortalSigner(found, self.fate)

    def make(self) -> Signer:
        return self.vault.make()


@dataclass(slots=True)
class Program:
    """A service in this process: `desk` does an operator's acts, `post` asks its device API."""

    place: Path | Database
    vault: ThrowawayVault
    time: Time
    runner: asyncio.Runner
    fate: Fate = field(default_factory=Fate)
    desk: Service = field(init=False)
    reader: Service = field(init=False)
    app: App = field(init=False)

    def __post_init__(self) -> None:
        clock, vault = self.time.clock(), MortalVault(self.vault, self.fate)
        self.desk, self.reader = (
            Service(MortalLedger(connect(self.place), self.fate), vault, clock, os.urandom) for _ in range(2)
        )
        sign_pending(self.desk)
        settings.start(self.desk.ledger, clock)
        self.app = compose(self.reader, self.desk, watcher=self.reader, log=no_log())

    def post(self, bodies: Sequence[bytes]) -> list[httpx.Response]:
        """Sends requests that all wait for the same batch, in this order."""
        return self.runner.run(self._post(bodies))

    def close(self) -> None:
        """Gives back what it holds."""
        self.runner.run(self.app.commit.close())
        for service in (self.desk, self.reader):
            service.ledger.close()

    async def _post(self, bodies: Sequence[bytes]) -> list[httpx.Response]:
        door = httpx.ASGITransport(self.app.door, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=door, base_url="http://test") as client:
            return await asyncio.gather(*(client.post("/v1/requests", content=body) for body in bodies))
