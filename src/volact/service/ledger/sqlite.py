"""SQLite's side of the seam: the ledger as one file, written by one connection at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from volact.errors import Damaged, StorageFull, VolactError
from volact.service.ledger.dialects import SQLITE
from volact.service.ledger.ports import Dialect

APPLICATION_ID = 0x566F6C61  # "Vola": tells our database from another program's
BUSY_SECONDS = 30
_SETTINGS = (
    "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -32768", "wal_autocheckpoint = 8192",
)  # fmt: skip
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_AWAY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})


class SqliteLedger(sqlite3.Connection):
    """`ports.Ledger` on a file; its errors are SQLite's own, which `connection.translated` names."""

    name: str
    is_served = False

    @classmethod
    def open(cls, path: Path) -> SqliteLedger:
        """Opens a file as it is; nothing of it is read or written yet."""
        ledger = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=cls)
        ledger.name = path.name
        return ledger

    @property
    def dialect(self) -> Dialect:
        """SQLite's words."""
        return SQLITE

    @property
    def is_ours(self) -> bool:
        """Whether the file says that it is a ledger."""
        return bool(self.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)

    @property
    def version(self) -> int:
        """Which step of the schema the file stands at."""
        return int(self.execute("PRAGMA user_version").fetchone()[0])

    def set_version(self, version: int) -> None:
        """Notes that step, and whose file this is."""
        self.execute(f"PRAGMA user_version = {version}")
        self.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    def add(self, into: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Adds rows, one INSERT each."""
        places = ", ".join("?" * (into.count(",") + 1))
        self.executemany(f"INSERT INTO {into} VALUES ({places})", rows)

    def configure(self) -> None:
        """Makes every commit durable, and foreign keys hold; this already writes to the file."""
        for pragma in _SETTINGS:
            self.execute(f"PRAGMA {pragma}")

    def index(self, statement: str, /) -> None:
        """Makes an index unless it is there; who writes waits for it."""
        self.execute(statement.replace("INDEX ", "INDEX IF NOT EXISTS ", 1))

    def begin(self, *, write: bool) -> None:
        """Begins a transaction; another writer is waited for up to 30 seconds."""
        self.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def commit(self) -> None:
        """Ends the transaction; an error where there is none."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Undoes the transaction, if the database has not done so by itself."""
        if self.in_transaction:
            self.execute("ROLLBACK")


def named(error: sqlite3.Error, name: str) -> Exception:
    """The error by our names: StorageFull, Damaged or `not_ready`; a broken statement stays what it is."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code in _FULL or code & 0xFF in _FULL:
        return StorageFull(f"{name} could not be written: the disk is full")
    if code & 0xFF in _DAMAGED:
        return Damaged(f"{name} is damaged: {error}")
    if code & 0xFF in _AWAY:
        return VolactError(f"{name} cannot be used at the moment: {error}", code="not_ready")
    return error
