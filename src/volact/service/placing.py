"""Where a restored ledger goes: a file in the service's folder, or a database; the one before it is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from volact.errors import Damaged, Refusal, Refused
from volact.service.config import Folder
from volact.service.ledger import accountschema, copying
from volact.service.ledger.connection import Database, writing
from volact.service.ledger.copying import Holdings
from volact.service.presence import alone

if TYPE_CHECKING:
    from volact.service.ledger.postgresql import PostgresqlLedger


class Place(Protocol):
    """The place of a ledger, which nobody else uses meanwhile."""

    @property
    def is_taken(self) -> bool:
        """Whether a ledger is there, whole or not."""
        ...

    def before(self) -> Holdings | None:
        """What the ledger holds that is there; None where none is, or a damaged one."""
        ...

    def forget_staged(self) -> None:
        """Takes away what is staged of accounts outside of the folder."""
        ...

    def put(self, staged: Folder, *, at: int, accounts: bool) -> Kept:
        """Puts a whole ledger there, from one moment to the next, and the accounts that are staged with it."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Under which names what was there before is kept; None of what was not there, or was left as it is."""

    ledger: str | None = None
    accounts: str | None = None


@contextmanager
def place_of(folder: Folder, database: Database | None) -> Iterator[Place]:
    """The place of a folder's ledger, had alone; raises Refused (`folder_in_use`) while another program uses it."""
    with alone(folder):
        if database is None:
            yield InFolder(folder)
            return
        with closing(database.ledger(alone=True)) as ledger:
            yield InDatabase(ledger)


@dataclass(frozen=True, slots=True)
class InFolder:
    """The files `ledger.db` and `accounts.db`."""

    folder: Folder

    @property
    def is_taken(self) -> bool:
        """Whether there is such a file."""
        return self.folder.ledger.exists()

    def before(self) -> Holdings | None:
        """What it holds, once what lies beside it is brought into it."""
        return copying.settle(self.folder.ledger) if self.is_taken else None

    def forget_staged(self) -> None:
        """All that is staged lies in the folder."""

    def put(self, staged: Folder, *, at: int, accounts: bool) -> Kept:
        """Puts the files there, the ledger first: a restore that is killed between the two leaves the accounts."""
        ledger = _put_file(staged.ledger, self.folder.ledger, at=at)
        return Kept(ledger, _put_file(staged.accounts, self.folder.accounts, at=at) if accounts else None)


@dataclass(frozen=True, slots=True)
class InDatabase:
    """The tables of a PostgreSQL database."""

    ledger: PostgresqlLedger

    @property
    def is_taken(self) -> bool:
        """Whether a ledger is there; raises Refused (`already_initialized`) for another program's tables."""
        if self.ledger.version:
            return True
        if not self.ledger.is_empty:
            detail = f"the database {self.ledger.name} holds tables of another program"
            raise Refused(Refusal("already_initialized", detail, {"database": self.ledger.name}))
        return False

    def before(self) -> Holdings | None:
        """What it holds."""
        return copying.found_in(self.ledger) if self.is_taken else None

    def forget_staged(self) -> None:
        """Drops the staged schema."""
        accountschema.drop(self.ledger, accountschema.STAGED)

    def put(self, staged: Folder, *, at: int, accounts: bool) -> Kept:
        """Lays the ledger in the database, in the transaction that moves the old tables into schemas of their own."""
        name = f"before_restore_{_stamp(at).lower()}_{os.urandom(2).hex()}"
        kept = f"ledger_{name}" if self.is_taken else None
        with writing(self.ledger):
            copying.put_in_database(staged.ledger, self.ledger, aside=kept)
            return Kept(kept, accountschema.put(self.ledger, aside=f"accounts_{name}") if accounts else None)


def _put_file(staged: Path, place: Path, *, at: int) -> str | None:
    """Puts a database there; gives the name under which the old one is kept.

    A log beside a database is read into whatever database lies there, so that none may be left. `settle` brings it
    into its database; that of one which is not settled is kept beside it first, and the database without it until then.
    """
    if any(_beside(staged)):
        raise Damaged(f"the restored {place.name} could not be brought into one file")
    had, number = place.exists(), 1
    name = f"{place.stem}-before-restore-{_stamp(at)}"
    while (kept := place.with_name(f"{name}{'' if number == 1 else f'-{number}'}.db")).exists():
        number += 1
    for side in _beside(place):
        side.rename(kept.with_name(kept.name + side.name.removeprefix(place.name)))
    if had:
        os.link(place, kept)
    staged.replace(place)
    make_durable(place.parent)
    return str(kept) if had else None


def make_durable(folder: Path) -> None:
    """Has the disk hold what was renamed in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _beside(database: Path) -> list[Path]:
    sides = (database.with_name(database.name + side) for side in copying.SIDES)
    return [side for side in sides if side.exists()]
