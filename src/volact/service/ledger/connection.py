"""Opening the service's database, its transactions, and the one place where its errors get our names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volact.errors import Damaged, Refusal, Refused, VolactError
from volact.service.ledger.migrating import lay, migrate
from volact.service.ledger.ports import Ledger
from volact.service.ledger.sqlite import SqliteLedger, named

if TYPE_CHECKING:
    from volact.service.ledger.postgresql import PostgresqlLedger


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL database by its URL, without a password; a ledger lies in one, or else in a file."""

    url: str

    def check(self) -> None:
        """Raises Refused (`usage`) for a URL that names no database, or gives a password."""
        self.ledger()

    def ledger(self, *, alone: bool = False) -> PostgresqlLedger:
        """A connection to it, not made yet; raises Refused (`usage`) for a URL that is none."""
        from volact.service.ledger.postgresql import PostgresqlLedger  # a service on SQLite does without the driver

        return PostgresqlLedger(self.url, alone=alone)


@contextmanager
def creating(place: Path | Database) -> Iterator[Ledger]:
    """A new ledger where no file, and in the database no table, is; whatever goes wrong inside, none is there after.

    Raises FileExistsError, and Refused (`already_initialized`) for a database that holds something.
    """
    if isinstance(place, Path):
        ledger = create(place)
        try:
            yield ledger
        finally:
            ledger.close()
        return
    server = place.ledger()
    try:
        server.claim()
        try:
            lay(server)
            yield server
        except BaseException:
            server.rollback()
            with suppress(VolactError):  # what was wrong first is what is told
                server.clear()
            raise
    finally:
        server.close()


def create(path: Path) -> SqliteLedger:
    """Makes an empty database where no file is; raises FileExistsError where one is."""
    path.touch(mode=0o600, exist_ok=False)
    with translated(path):
        ledger = SqliteLedger.open(path)
        ledger.configure()
        lay(ledger)
        return ledger


def connect(place: Path | Database) -> Ledger:
    """Opens a ledger that `creating` made, for one thread at a time.

    Every commit is on disk when it returns; another writer is waited for up to 30 seconds. Raises Damaged for a
    missing, cut or foreign file or database, and `not_ready` for a server that cannot be reached.
    """
    if isinstance(place, Database):
        return _connect_server(place.ledger())
    if not place.is_file():
        raise Damaged(f"there is no database {place.name} in {place.parent}")
    with translated(place):
        ledger = SqliteLedger.open(place)
        try:
            if not ledger.is_ours:  # asked before anything else, which would already write to the file
                raise Damaged(f"{place.name} is empty, or the database of another program")
            ledger.configure()
            migrate(ledger)
        except BaseException:
            ledger.close()
            raise
        return ledger


@contextmanager
def writing(ledger: Ledger) -> Iterator[None]:
    """One transaction that writes, alone from its first line on: committed at the end, undone by any exception.

    Inside of another one it is a part of that, and ends with it.
    """
    with translated(ledger):
        if ledger.in_transaction:
            yield
            return
        ledger.begin(write=True)
        try:
            yield
            ledger.commit()
        except BaseException:
            ledger.rollback()
            raise


@contextmanager
def step(ledger: Ledger) -> Iterator[None]:
    """One part of a transaction that writes: kept with it at the end, undone by itself by any exception."""
    ledger.execute("SAVEPOINT step")
    try:
        yield
    except BaseException:
        if ledger.in_transaction:
            ledger.execute("ROLLBACK TO step")
            ledger.execute("RELEASE step")
        raise
    ledger.execute("RELEASE step")


@contextmanager
def reading(ledger: Ledger) -> Iterator[None]:
    """One transaction that reads a single state of the database and writes nothing; inside of another, a part of it."""
    with translated(ledger):
        if ledger.in_transaction:
            yield
            return
        ledger.begin(write=False)
        try:
            yield
            ledger.commit()
        except BaseException:
            ledger.rollback()
            raise


@contextmanager
def translated(where: Path | Ledger) -> Iterator[None]:
    """Raises a database's errors as Damaged, StorageFull or `not_ready`; a broken statement stays a defect.

    PostgreSQL's side of the seam does so by itself, whether inside of this or not.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise named(error, where.name) from error
    except UnicodeEncodeError as error:  # an argument of the command line that is no text
        raise Refused(Refusal("usage", "something that was given is not text in UTF-8")) from error


def _connect_server(ledger: PostgresqlLedger) -> Ledger:
    try:
        if ledger.version == 0:
            raise Damaged(f"{ledger.name} is empty, or the database of another program")
        migrate(ledger)
    except BaseException:
        ledger.close()
        raise
    return ledger
