"""Copies of the whole ledger, taken beside a service that goes on writing, and what a ledger holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from volact.errors import Damaged, Refusal, Refused
from volact.service.ledger import documents, log, settings
from volact.service.ledger.connection import reading, translated
from volact.service.ledger.ports import Ledger
from volact.service.ledger.sqlite import SqliteLedger

STEP_PAGES = 256  # copied at a time, one MiB
COUNTED = ("organizations", "agreements", "keys", "activations", "slots")
SIDES = ("-wal", "-shm", "-journal")  # what may lie beside a database, and belongs to that one alone


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a ledger holds at one moment: `log_root` is None before the first checkpoint; `newest_signed` in seconds."""

    publisher: str
    schema: int
    entries: int
    log_size: int
    log_root: bytes | None
    root: int
    catalog: int
    revocations: int
    newest_signed: int
    rows: dict[str, int]
    roots: tuple[str, ...]


def copy(ledger: Ledger, path: Path) -> Holdings:
    """Copies one state of the ledger into a new file, and gives what it holds.

    Who writes meanwhile is not held up: the copy reads the state that it began with (WAL). Raises StorageFull,
    Damaged where the database is damaged already, and Refused (`usage`) for a ledger that lies on a server.
    """
    if not isinstance(ledger, SqliteLedger):
        raise on_server()
    with translated(path), closing(sqlite3.connect(path, isolation_level=None)) as target:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):  # the caller makes the whole file durable
            target.execute(f"PRAGMA {pragma}")
        with reading(ledger):
            found = holdings(ledger)
            ledger.backup(target, pages=STEP_PAGES)
    with translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as copied:
        said = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise Damaged(f"the database is damaged, so no copy of it is kept: {said}")
    return found


def on_server() -> Refused:
    """The refusal for a ledger that is backed up and restored by its database's own means."""
    detail = "the ledger lies in a PostgreSQL database, which is backed up and restored by its own means, like pg_dump"
    return Refused(Refusal("usage", detail))


def holdings(ledger: Ledger) -> Holdings:
    """What the ledger holds, inside the caller's transaction."""
    newest = log.newest_on_record(ledger)
    return Holdings(
        publisher=settings.publisher_id(ledger),
        schema=ledger.version,
        entries=int(ledger.execute("SELECT count(*) FROM audit").fetchone()[0]),
        log_size=log.size(ledger),
        log_root=newest.root if newest else None,
        root=documents.newest_version(ledger, "root"),
        catalog=documents.newest_version(ledger, "catalog"),
        revocations=documents.newest_version(ledger, "revocations"),
        newest_signed=settings.newest_signed(ledger),
        rows={table: int(ledger.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in COUNTED},
        roots=documents.root_texts(ledger),
    )


def settle(path: Path) -> Holdings | None:
    """Brings what lies beside a database into its one file, and gives what it holds; None for one that is damaged.

    Nobody else may have it open.
    """
    try:
        with closing(SqliteLedger.open(path)) as ledger:
            found = holdings(ledger)
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return found
    except sqlite3.Error:
        return None
