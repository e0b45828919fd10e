"""Opening the service's database, its transactions, and the one place where its errors get our names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from volact.errors import Damaged, Refusal, Refused, StorageFull, VolactError
from volact.service.ledger.schema import APPLICATION_ID, migrate

BUSY_SECONDS = 30
_SETTINGS = (
    "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -32768", "wal_autocheckpoint = 8192",
)  # fmt: skip
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_AWAY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})


def create(path: Path) -> sqlite3.Connection:
    """Makes an empty database where no file is; raises FileExistsError where one is."""
    path.touch(mode=0o600, exist_ok=False)
    with translated(path):
        connection = _open(path)
        _configure(connection)
        migrate(connection)
        return connection


def connect(path: Path) -> sqlite3.Connection:
    """Opens a database that `create` made, for one thread at a time; raises Damaged for a missing, cut or foreign file.

    Every commit is on disk when it returns (WAL, synchronous=FULL); another writer is waited for up to 30 seconds.
    """
    if not path.is_file():
        raise Damaged(f"there is no database {path.name} in {path.parent}")
    with translated(path):
        connection = _open(path)
        try:
            # Before anything else, which would already write to the file.
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise Damaged(f"{path.name} is empty, or the database of another program")
            _configure(connection)
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that writes, alone from its first line on: committed at the end, undone by any exception."""
    with translated(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def step(connection: sqlite3.Connection) -> Iterator[None]:
    """One part of a transaction that writes: kept with it at the end, undone by itself by any exception."""
    connection.execute("SAVEPOINT step")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO step")
            connection.execute("RELEASE step")
        raise
    connection.execute("RELEASE step")


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that reads a single state of the database and writes nothing."""
    with translated(connection):
        connection.execute("BEGIN")
        try:
            yield
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


@contextmanager
def translated(where: Path | sqlite3.Connection) -> Iterator[None]:
    """Raises the database's errors as Damaged, StorageFull or `not_ready`; a broken statement stays a defect."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, where if isinstance(where, Path) else _path_of(where)) from error
    except UnicodeEncodeError as error:  # an argument of the command line that is no text
        raise Refused(Refusal("usage", "something that was given is not text in UTF-8")) from error


def _translate(error: sqlite3.Error, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code in _FULL or code & 0xFF in _FULL:
        return StorageFull(f"{path.name} could not be written: the disk is full")
    if code & 0xFF in _DAMAGED:
        return Damaged(f"{path.name} is damaged: {error}")
    if code & 0xFF in _AWAY:
        return VolactError(f"{path.name} cannot be used at the moment: {error}", code="not_ready")
    return error


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    for pragma in _SETTINGS:
        connection.execute(f"PRAGMA {pragma}")


def _path_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])
