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
from volact.service.ledger import copying
from volact.service.ledger.connection import Database
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

    def put(self, staged: Path, *, at: int) -> str | None:
        """Puts a whole ledger there, from one moment to the next; gives the name under which the old one is kept."""
        ...


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
    """The file `ledger.db`."""

    folder: Folder

    @property
    def is_taken(self) -> bool:
        """Whether there is such a file."""
        return self.folder.ledger.exists()

    def before(self) -> Holdings | None:
        """What it holds, once what lies beside it is brought into it."""
        return copying.settle(self.folder.ledger) if self.is_taken else None

    def put(self, staged: Path, *, at: int) -> str | None:
        """Puts the file there.

        A log beside a database is read into whatever database lies there, so that none may be left. `settle` brings it
        into its database; that of one too damaged for it is kept beside it first, and the database without it until
        then.
        """
        if any(_beside(staged)):
            raise Damaged("the restored ledger could not be brought into one file")
        ledger, had, number = self.folder.ledger, self.is_taken, 1
        name = f"{ledger.stem}-before-restore-{_stamp(at)}"
        while (kept := ledger.with_name(f"{name}{'' if number == 1 else f'-{number}'}.db")).exists():
            number += 1
        for side in _beside(ledger):
            side.rename(kept.with_name(kept.name + side.name.removeprefix(ledger.name)))
        if had:
            os.link(ledger, kept)
        staged.replace(ledger)
        make_durable(self.folder.path)
        return str(kept) if had else None


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

    def put(self, staged: Path, *, at: int) -> str | None:
        """Lays the ledger in the database, in the transaction that moves the old tables into a schema of their own."""
        kept = f"ledger_before_restore_{_stamp(at).lower()}_{os.urandom(2).hex()}" if self.is_taken else None
        copying.put_in_database(staged, self.ledger, aside=kept)
        return kept


def make_durable(folder: Path) -> None:
    """Has the disk hold what was renamed in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _beside(ledger: Path) -> list[Path]:
    sides = (ledger.with_name(ledger.name + side) for side in copying.SIDES)
    return [side for side in sides if side.exists()]
