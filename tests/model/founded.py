"""A publisher that was founded once; every run of the model has a copy of its record."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec
from postgres import Server

from tests.model.expected import COOL_DOWN_DAYS, REACTIVATIONS, REQUESTS_PER_DAY, RETIREMENTS_PER_YEAR
from tests.support.databases import lay_database, lay_file
from tests.unit.service.conftest import START, Time
from volact.credential.keys import Signer, SoftwareSigner
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import read_catalog_text
from volact.service.ledger.connection import Database, connect
from volact.service.ports import Act, Service
from volact.service.usecases.customers import Terms, add_agreement, add_organization
from volact.service.usecases.founding import Founding, found
from volact.service.vault import ThrowawayVault

ROOT = Path(__file__).resolve().parents[2]
PUBLISHER = "acme.example"


@dataclass(slots=True)
class Founded:
    """The record as it was founded, and what belongs to it: signing keys, root keys, a customer's Licensing ID."""

    copy: Callable[[], Path | Database]
    drop: Callable[[Path | Database], None]
    vault: ThrowawayVault
    roots: Sequence[Signer]
    licensing_id: str

    @classmethod
    def in_file(cls, folder: Path) -> Founded:
        """Founds it in a file of a folder."""
        first, numbers = lay_file(folder / "founded.db"), count()
        return cls(lambda: Path(shutil.copy(first, folder / f"{next(numbers)}.db")), _unlink, *_found(first))

    @classmethod
    def on_server(cls, server: Server) -> Founded:
        """Founds it in a database of a server."""
        first = lay_database(server.database())
        name = first.url.rpartition("/")[2]
        return cls(lambda: Database(server.database(name)), lambda each: server.drop(each.url), *_found(first))  # type: ignore[union-attr]


def _unlink(place: Path | Database) -> None:
    assert isinstance(place, Path)
    for path in place.parent.glob(f"{place.name}*"):
        path.unlink()


def _catalog() -> Catalog:
    catalog = read_catalog_text((ROOT / "catalogs" / "demo.toml").read_text("utf-8"))
    policy = msgspec.structs.replace(
        catalog.policy,
        requests_per_day=REQUESTS_PER_DAY,
        retirements_per_year=RETIREMENTS_PER_YEAR,
        retirement_days=COOL_DOWN_DAYS,
        host_reactivations=REACTIVATIONS,
    )
    return msgspec.structs.replace(catalog, policy=policy)


def _found(place: Path | Database) -> tuple[ThrowawayVault, Sequence[Signer], str]:
    act, vault, roots = Act("kari", START), ThrowawayVault(), [SoftwareSigner(os.urandom(32)) for _ in range(2)]
    service = Service(connect(place), vault, Time().clock(), os.urandom)
    found(service, Founding(PUBLISHER, "Acme"), catalog=_catalog(), roots=roots, act=act)
    organization = add_organization(service, "Nordlys Energi", parent=None, country="NO", act=act)
    terms = Terms(program="corporate", level="A", licenses={"tracer-9": 1})
    licensing_id = add_agreement(service, organization, terms=terms, act=act)
    service.ledger.close()
    return vault, roots, licensing_id
