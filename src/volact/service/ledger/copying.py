"""Copies of the whole ledger, taken beside a service that goes on writing, and what a ledger holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from volact.errors import Damaged
from volact.service.ledger import documents, log, settings, transfer
from volact.service.ledger.connection import reading, translated, writing
from volact.service.ledger.migrating import check_known, lay, put_steps
from volact.service.ledger.ports import Ledger
from volact.service.ledger.sqlite import SqliteLedger

if TYPE_CHECKING:
    from volact.service.ledger.postgresql import PostgresqlLedger

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

    Who writes meanwhile is not held up: the copy reads the state that it began with. Raises StorageFull, and Damaged
    where the database is damaged already, or on a server and has steps that this program does not know.
    """
    with translated(path), closing(SqliteLedger.open(path)) as target:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):  # the caller makes the whole file durable
            target.execute(f"PRAGMA {pragma}")
        with reading(ledger):
            for statement in ledger.dialect.unhurried:
                ledger.execute(statement)
            found = holdings(ledger)
            if isinstance(ledger, SqliteLedger):
                ledger.backup(target, pages=STEP_PAGES)
            else:
                _copy_rows(cast("PostgresqlLedger", ledger), target)
    with translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as copied:
        said = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise Damaged(f"the database is damaged, so no copy of it is kept: {said}")
    return found


def put_in_database(path: Path, ledger: PostgresqlLedger, *, aside: str | None) -> None:
    """Lays a copy in a database, in one transaction; what was there is kept in a schema of that name.

    Raises Damaged where what it holds then is not what the copy holds.
    """
    with translated(path), closing(SqliteLedger.open(path)) as source, reading(source), writing(ledger):
        if aside:
            ledger.set_aside(aside)
        ledger.put_claim()
        put_steps(ledger)
        transfer.from_file(source, ledger)
        if holdings(ledger) != holdings(source):
            raise Damaged(f"{ledger.name} holds something else than the copy that was laid in it")


def _copy_rows(ledger: PostgresqlLedger, target: SqliteLedger) -> None:
    check_known(ledger)
    target.execute("PRAGMA cache_size = -65536")  # KiB: rows arrive in an order that scatters them over the indexes
    lay(target)
    target.begin(write=True)
    transfer.into_file(ledger, target)
    target.commit()


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


def found_in(ledger: PostgresqlLedger) -> Holdings | None:
    """What a ledger in a database holds; None for one that is damaged."""
    from psycopg import Error  # a service on SQLite does without the driver

    try:
        with reading(ledger):
            return holdings(ledger)
    except Error:
        return None


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
