"""A publisher founded in a real database, with throwaway keys and a clock that tests move."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.databases import everything
from volact.credential.keys import Signer, SoftwareSigner
from volact.credential.publisher import Pin, read_publisher_file
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import read_catalog_text
from volact.protocol.trust import Trust
from volact.service.clock import SigningClock
from volact.service.ledger.connection import Database, connect
from volact.service.ledger.ports import Ledger
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import current_catalog, publisher_file
from volact.service.usecases.customers import Terms, add_agreement, add_organization
from volact.service.usecases.founding import Founding, found
from volact.service.vault import ThrowawayVault

DAY = 86_400
START = 1_795_511_600  # 24 November 2026


@dataclass
class Time:
    """A wall clock and a monotonic clock, moved together or apart."""

    wall: float = START
    monotonic: float = 1000.0

    def go(self, seconds: float) -> None:
        """Lets time pass."""
        self.wall += seconds
        self.monotonic += seconds

    def clock(self) -> SigningClock:
        """The clock of a run that starts now."""
        return SigningClock(lambda: self.wall, lambda: self.monotonic)


@dataclass
class Office:
    """A service under test, whose roots are at hand."""

    place: Path | Database
    time: Time
    service: Service
    roots: tuple[Signer, ...]
    pin: Pin
    others: list[Ledger] = field(default_factory=list)

    @property
    def act(self) -> Act:
        """An act of the operator now."""
        return Act("kari", self.service.clock.now())

    def again(self) -> Service:
        """The same service in a run that starts now."""
        self.others.append(connect(self.place))
        return Service(self.others[-1], self.service.vault, self.time.clock(), os.urandom)

    def on_record(self) -> bytes:
        """Everything that the database holds."""
        return everything(self.service.ledger, self.place)

    def trust(self) -> Trust:
        """What a product believes that compiled in the first pin."""
        data, _ = publisher_file(self.service)
        return Trust.load(self.pin, read_publisher_file(data))

    def agreement(self, **terms: object) -> str:
        """A new organization's new agreement; unless it is said, it bought one license of everything."""
        organization = add_organization(self.service, "Nordlys Energi", parent=None, country="NO", act=self.act)
        everything = dict.fromkeys(current_catalog(self.service).catalog.products, 1)
        given: dict[str, object] = {"program": "open-license", "licenses": everything} | terms
        return add_agreement(self.service, organization, terms=Terms(**given), act=self.act)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def reference(root: Path) -> Catalog:
    """The reference catalog."""
    return read_catalog_text((root / "catalogs" / "reference.toml").read_bytes())


@pytest.fixture
def office(ledger_at: Path | Database, reference: Catalog) -> Iterator[Office]:
    """A publisher that sells the reference catalog."""
    time = Time()
    service = Service(connect(ledger_at), ThrowawayVault(), time.clock(), os.urandom)
    roots = tuple(SoftwareSigner(os.urandom(32)) for _ in range(2))
    pin = found(service, Founding("acme.example", "Acme"), catalog=reference, roots=roots, act=Act("kari", START))
    office = Office(ledger_at, time, service, roots, Pin.parse(pin))
    yield office
    for connection in (service.ledger, *office.others):
        connection.close()
