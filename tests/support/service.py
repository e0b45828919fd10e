"""A service in a folder of its own, devices that ask it, and its program as a real process.

place = Place.make(tmp_path / "service")            a publisher founded from demo.toml, in this process
key = place.key("tracer-9", "mak", activations=10)  a key as it was issued: key.text, key.keyid
device = Device(place.publisher)                    a device key and a `dev`
body = device.activate(key, "tracer-9")             one signed request
with place.running() as running: running.post(body)  `volact service run` on a free port
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from msgspec import json as msgjson

from tests.support.commands import VOLACT
from volact.credential.encoding import b64, crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.productkey import ProductKey, read_key
from volact.credential.proof import Derived, ProofContext, derive, make_proof
from volact.credential.publisher import read_publisher_file
from volact.credential.request import ActivateRequest, HostRequest, sign_request
from volact.errors import Refusal
from volact.licensing.catalogfile import read_catalog_text
from volact.protocol.flows import Reply
from volact.protocol.trust import Trust
from volact.service.app import App, composed
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.devices.telemetry import no_log
from volact.service.ledger import keys
from volact.service.ledger.connection import Database
from volact.service.ledger.rows import KeyRow
from volact.service.opening import Export, initialize, opened
from volact.service.ports import Act, Service
from volact.service.usecases import catalogs, customers
from volact.service.usecases import keys as key_deeds
from volact.service.usecases.founding import Founding

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Key:
    """A key as a customer holds it."""

    text: str
    product: ProductKey
    derived: Derived

    @property
    def keyid(self) -> str:
        return self.derived.keyid


@dataclass(slots=True)
class Place:
    """One service folder; `licensing_id` is that of the customer which `make` adds."""

    folder: Path
    publisher: str
    licensing_id: str = ""

    @classmethod
    def make(
        cls, folder: Path, *, catalog: str = "demo", publisher: str = "acme.example", database: str | None = None
    ) -> Place:
        """Founds a publisher, its record in the database of that URL where one is given, and adds one customer with
        one agreement."""
        text = (ROOT / "catalogs" / f"{catalog}.toml").read_text("utf-8")
        founding = Founding(publisher, "Acme Engineering")
        export = Export(folder.with_name(f"{folder.name}-root-keys"))
        lies = None if database is None else Database(database)
        initialize(Folder(folder), founding, catalog=read_catalog_text(text), export=export, act=now(), database=lies)
        place = cls(folder, publisher)
        place.licensing_id = place.customer("Nordlys Energi")
        return place

    @contextlib.contextmanager
    def opened(self) -> Iterator[Service]:
        """The service as a command of the command line opens it."""
        with opened(Folder(self.folder)) as service:
            yield service

    @property
    def trust(self) -> Trust:
        """What a client of this publisher believes now."""
        with self.opened() as service:
            data, pin = catalogs.publisher_file(service)
        return Trust.load(pin, read_publisher_file(data))

    def customer(self, name: str, country: str | None = "NO") -> str:
        """Adds an organization with an agreement that bought something of every pool; gives its Licensing ID."""
        with self.opened() as service:
            owner = customers.add_organization(service, name, parent=None, country=country, act=now())
            catalog = catalogs.current_catalog(service).catalog
            program = next(iter(catalog.programs.values()))
            level = next(iter(program.allowance.by_level), None)
            bought = {catalog.group_of(product).pool: product for product in reversed(list(catalog.products))}
            terms = customers.Terms(program=program.id, level=level, licenses=dict.fromkeys(bought.values(), 1))
            return customers.add_agreement(service, owner, terms=terms, act=now())

    def key(self, product: str, kind: str, *, activations: int | None = None) -> Key:
        """Issues one key."""
        order = key_deeds.Order(licensing_id=self.licensing_id, product=product, kind=kind, activations=activations)
        with self.opened() as service:
            return read(key_deeds.issue(service, order, act=now())[0].key, self.publisher)

    def block(self, key: Key, *, revoked: bool = False) -> None:
        """Blocks a key."""
        with self.opened() as service:
            key_deeds.block(service, key.keyid, revoked=revoked, act=now())

    def allow(self, key: Key, activations: int) -> None:
        """Sets what a key allows."""
        with self.opened() as service:
            key_deeds.change_allowance(service, key.keyid, activations=activations, reason="a test", act=now())

    def row(self, key: Key) -> KeyRow:
        """What is on record of a key."""
        with self.opened() as service:
            row = keys.key(service.ledger, key.keyid)
        assert row is not None
        return row

    @contextlib.contextmanager
    def running(self, *options: str, bind: str = "127.0.0.1:0") -> Iterator[Running]:
        """`volact service run` as a real process, ready, on a free port; ended with SIGTERM."""
        running = start(self.folder, *options, bind=bind)
        try:
            yield running
        finally:
            running.stop()

    @contextlib.contextmanager
    def answering(self, clock: SigningClock | None = None) -> Iterator[Answering]:
        """The same program in this process, for tests that need no network."""
        with asyncio.Runner() as runner, composed(Folder(self.folder), log=no_log(), clock=clock) as app:
            try:
                yield Answering(app, runner)
            finally:
                runner.run(app.finish())


@dataclass(frozen=True, slots=True)
class Answering:
    """A service in this process; `answer` is that of `tests.support.publisher.Publisher`."""

    app: App
    runner: asyncio.Runner

    def answer(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Sends one request through the door."""
        return self.runner.run(self.sent(method, path, body))

    async def sent(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """The same inside of the runner's loop."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app.door), base_url="http://test") as client:
            reply = await client.request(method, path, content=body)
        return Reply(reply.status_code, reply.content)


@dataclass(slots=True)
class Running:
    """A service as a real process."""

    process: subprocess.Popen[bytes]
    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def post(self, body: bytes, *, client: httpx.Client | None = None) -> httpx.Response:
        """Sends one signed request."""
        headers = {"content-type": "application/jose+json"}
        return (client or self.client).post(f"{self.url}/v1/requests", content=body, headers=headers)

    def stop(self) -> int:
        """Ends it as an operator does, and gives its exit code."""
        self.client.close()
        self.process.terminate()
        with self.process:  # closes its pipe
            return self.process.wait(25)

    def kill(self) -> None:
        """Ends it as a power cut does."""
        self.client.close()
        self.process.send_signal(signal.SIGKILL)
        with self.process:
            self.process.wait(10)


def now() -> Act:
    """An act of a test, at the present time."""
    return Act("test", int(time.time()))


def start(folder: Path, *options: str, bind: str = "127.0.0.1:0", env: dict[str, str] | None = None) -> Running:
    """Starts `volact service run` and waits until it says where it answers; its log goes to FOLDER.log."""
    command = [str(VOLACT), "service", "run", str(folder), "--bind", bind, *options, "--json"]
    with folder.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **(env or {})})
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the service did not start: {folder.with_suffix('.log').read_text()}"
    return Running(process, msgjson.decode(line)["url"])


def read(text: str, publisher: str) -> Key:
    """A key from its text."""
    product = read_key(text, publisher)
    assert not isinstance(product, Refusal)
    return Key(text, product, derive(product, publisher))


@dataclass(slots=True)
class Device:
    """A computer or a host: a device key, a `dev`, and the requests that it signs."""

    publisher: str
    dev: str = field(default_factory=lambda: crockford(int.from_bytes(os.urandom(9), "big"), 15))
    signer: SoftwareSigner = field(default_factory=lambda: SoftwareSigner(os.urandom(32)))
    mv: str = field(default_factory=lambda: b64(os.urandom(32)))

    @property
    def jkt(self) -> str:
        return self.signer.public.kid

    def activate(
        self, key: Key, product: str, *, rid: str = "", iat: int | None = None, via: str = "online", proof: str = ""
    ) -> bytes:
        """A request for an activation; a proof that is given is sent instead of the right one."""
        rid = rid or draw_rid()
        context = ProofContext(jkt=self.jkt, aud=self.publisher, op="activate", rid=rid, dev=self.dev, product=product)
        request = ActivateRequest(
            aud=self.publisher,
            via=via,  # type: ignore[arg-type]
            iat=int(time.time()) if iat is None else iat,
            rid=rid,
            dev=self.dev,
            mv=self.mv,
            keyid=key.keyid,
            proof=proof or make_proof(key.derived.proof_key, context),
            product=product,
        )
        return sign_request(request, self.signer)

    def host(
        self, key: Key, *, platform: str = "linux", virtual: bool = False, rid: str = "", iat: int | None = None
    ) -> bytes:
        """A request for a host's first certificate."""
        rid = rid or draw_rid()
        context = ProofContext(jkt=self.jkt, aud=self.publisher, op="host", rid=rid, dev=self.dev)
        request = HostRequest(
            aud=self.publisher,
            via="online",
            iat=int(time.time()) if iat is None else iat,
            rid=rid,
            dev=self.dev,
            mv=self.mv,
            platform=platform,
            virtual=virtual,
            keyid=key.keyid,
            proof=make_proof(key.derived.proof_key, context),
        )
        return sign_request(request, self.signer)

    def renew(self, predecessor: str, *, platform: str = "linux", rid: str = "", iat: int | None = None) -> bytes:
        """A request for the certificate that follows another one."""
        request = HostRequest(
            aud=self.publisher,
            via="online",
            iat=int(time.time()) if iat is None else iat,
            rid=rid or draw_rid(),
            dev=self.dev,
            mv=self.mv,
            platform=platform,
            virtual=False,
            predecessor=predecessor,
        )
        return sign_request(request, self.signer)

    def reinstalled(self) -> Device:
        """The same hardware with a new device key."""
        return Device(self.publisher, self.dev)


def draw_rid() -> str:
    """A request's number."""
    return b64(os.urandom(16))
