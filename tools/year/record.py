"""The year on record: a service founded a year ago, and what its customers and their computers did since."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from msgspec import json as msgjson

from volact.credential import claims
from volact.credential.encoding import b64, crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.productkey import read_key
from volact.credential.proof import Derived, ProofContext, derive, make_proof
from volact.credential.request import ActivateRequest, HostRequest, sign_request
from volact.errors import Refusal, VolactError
from volact.licensing.catalogfile import read_catalog_text
from volact.service.app import App, composed
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.devices.telemetry import no_log
from volact.service.opening import Export, initialize
from volact.service.ports import Act, Service
from volact.service.usecases.customers import Terms, add_agreement, add_organization
from volact.service.usecases.founding import Founding
from volact.service.usecases.keys import Order, issue
from volact.serving.asgi import HttpRequest
from year.plan import CUSTOMERS, DAYS, HOST_KEYS_OF_EACH, MAKS_OF_EACH, PRODUCTS, maks, spread

PUBLISHER, NAME = "fjordwerk.example", "Fjordwerk Engineering"
CATALOG = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
DAY = 86_400
RENEWED_AFTER = 120  # days


@dataclass(slots=True)
class Calendar:
    """A clock that is moved, and moves by itself as real ones do not."""

    now: int

    def __call__(self) -> float:
        """The time in seconds."""
        return float(self.now)


@dataclass(frozen=True, slots=True)
class Given:
    """A key that was issued, as a device uses it."""

    product: str
    derived: Derived


@dataclass(slots=True)
class Host:
    """An activation host: its key, its device key, the certificate it has, and the day on which it asks again."""

    given: Given
    signer: SoftwareSigner
    dev: str
    due: int
    last: int
    jti: str = ""


@dataclass(slots=True)
class Year:
    """What is to happen, by day."""

    calendar: Calendar
    drawn: random.Random = field(default_factory=lambda: random.Random(9))
    computers: dict[int, list[Given]] = field(default_factory=lambda: defaultdict(list))
    hosts: list[Host] = field(default_factory=list)
    organizations: dict[str, str] = field(default_factory=dict)


def make(folder: Path, *, today: int) -> dict[str, str]:
    """Makes the service in a folder that is not there; gives the organizations' ids by their names."""
    calendar = Calendar(today - DAYS * DAY)
    clock = SigningClock(calendar, calendar)
    act = Act("back office", calendar.now)
    catalog = read_catalog_text(CATALOG.read_text("utf-8"))
    export = Export(folder.with_name(f"{folder.name}-root-keys"))
    initialize(Folder(folder), Founding(PUBLISHER, NAME), catalog=catalog, export=export, act=act, clock=clock)
    with composed(Folder(folder), log=no_log(), clock=clock) as app, asyncio.Runner() as runner:
        year = Year(calendar)
        _sell(app.writer, year, act=act)
        runner.run(_live(app, year))
        calendar.now = today
        runner.run(app.tally())
        runner.run(app.finish())
    return year.organizations


def _sell(service: Service, year: Year, *, act: Act) -> None:
    plans, start = maks(), year.calendar.now
    for customer in CUSTOMERS:
        parent = year.organizations.get(customer.parent or "")
        owner = add_organization(service, customer.name, parent=parent, country=customer.country, act=act)
        year.organizations[customer.name] = owner
        for program, level, months, ends in customer.agreements:
            first = DAYS - months * 30 if months < 12 else 0
            days = {"valid_from": _day(start)}
            if ends is not None:
                days["valid_until"] = _day(start + (DAYS + ends) * DAY)
            licenses = {product: year.drawn.randrange(20, 400) for product in PRODUCTS}
            terms = Terms(program=program, level=level, licenses=licenses, **days)
            licensing_id = add_agreement(service, owner, terms=terms, act=act)
            for number in range(MAKS_OF_EACH):
                plan, product = next(plans), PRODUCTS[number % len(PRODUCTS)]
                given = _issued(service, licensing_id, product=product, kind="mak", activations=plan.allowance, act=act)
                for day in spread(plan.used, first, drawn=year.drawn):
                    year.computers[day].append(given)
            for _ in range(HOST_KEYS_OF_EACH):
                given = _issued(service, licensing_id, product=PRODUCTS[2], kind="host", activations=None, act=act)
                _place_hosts(year, given, first=first)


def _issued(
    service: Service, licensing_id: str, *, product: str, kind: str, activations: int | None, act: Act
) -> Given:
    order = Order(licensing_id=licensing_id, product=product, kind=kind, activations=activations)
    read = read_key(issue(service, order, act=act)[0].key, PUBLISHER)
    assert not isinstance(read, Refusal)
    return Given(product, derive(read, PUBLISHER))


def _place_hosts(year: Year, given: Given, *, first: int) -> None:
    """One to five hosts; some stop asking, and one of the last ones' certificate is near its end."""
    for _ in range(year.drawn.randrange(1, 6)):
        silent = year.drawn.random() < 0.15
        last = year.drawn.randrange(200, 250) if silent else DAYS
        begins = first + year.drawn.randrange(1, 60)
        year.hosts.append(Host(given, SoftwareSigner(os.urandom(32)), _dev(), begins, last))


async def _live(app: App, year: Year) -> None:
    start = year.calendar.now
    for day in range(DAYS):
        year.calendar.now = start + day * DAY + 8 * 3600
        asked = [_activate(given, iat=year.calendar.now) for given in year.computers[day]]
        await asyncio.gather(*(_send(app, each) for each in asked))
        for host in year.hosts:
            if host.due == day and day < host.last:
                credential = await _send(app, _certify(host, iat=year.calendar.now))
                host.jti, host.due = claims.parse(claims.HostCertificate, credential)[0].jti, day + RENEWED_AFTER
        await app.sequence()
        if day % 30 == 0:
            sys.stderr.write(f"\r  day {day} of {DAYS}" if sys.stderr.isatty() else "")
            sys.stderr.flush()
    sys.stderr.write("\r" + " " * 20 + "\r" if sys.stderr.isatty() else "")


async def _send(app: App, body: bytes) -> str:
    handler = app.api.routes[("POST", "/v1/requests")]
    try:
        reply = await handler(HttpRequest("POST", "/v1/requests", "", {}, body, "192.0.2.10"))
    except VolactError as err:  # more computers than the key has activations, on its last day
        return err.code
    return str(msgjson.decode(reply.body)["credential"])


def _activate(given: Given, *, iat: int) -> bytes:
    signer, dev, rid = SoftwareSigner(os.urandom(32)), _dev(), b64(os.urandom(16))
    proof = ProofContext(jkt=signer.public.kid, aud=PUBLISHER, op="activate", rid=rid, dev=dev, product=given.product)
    request = ActivateRequest(
        aud=PUBLISHER,
        via="online",
        iat=iat,
        rid=rid,
        dev=dev,
        mv=b64(os.urandom(32)),
        keyid=given.derived.keyid,
        proof=make_proof(given.derived.proof_key, proof),
        product=given.product,
    )
    return sign_request(request, signer)


def _certify(host: Host, *, iat: int) -> bytes:
    """The first request of a host, or one that renews its certificate."""
    rid = b64(os.urandom(16))
    common = {
        "aud": PUBLISHER,
        "via": "online",
        "iat": iat,
        "rid": rid,
        "dev": host.dev,
        "mv": b64(os.urandom(32)),
        "platform": "linux",
        "virtual": True,
    }
    if host.jti:
        return sign_request(HostRequest(**common, predecessor=host.jti), host.signer)  # type: ignore[arg-type]
    proof = ProofContext(jkt=host.signer.public.kid, aud=PUBLISHER, op="host", rid=rid, dev=host.dev)
    known = {"keyid": host.given.derived.keyid, "proof": make_proof(host.given.derived.proof_key, proof)}
    return sign_request(HostRequest(**common, **known), host.signer)  # type: ignore[arg-type]


def _dev() -> str:
    return crockford(int.from_bytes(os.urandom(9), "big"), 15)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
