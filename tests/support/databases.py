"""Both databases that a ledger can lie in, for tests that have to hold on either."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import psycopg

from volact.service.ledger.connection import Database, create
from volact.service.ledger.migrating import lay
from volact.service.ledger.ports import Ledger
from volact.service.ledger.postgresql import PostgresqlLedger

BOTH = ("sqlite", "postgresql")
BROKEN = (sqlite3.IntegrityError, psycopg.IntegrityError)  # what a rule of the database raises


def lay_file(path: Path) -> Path:
    """A ledger in a new file, before its publisher is founded."""
    create(path).close()
    return path


def lay_database(url: str) -> Database:
    """A ledger in an empty database, before its publisher is founded."""
    ledger = PostgresqlLedger(url)
    ledger.claim()
    lay(ledger)
    ledger.close()
    return Database(url)


def everything(ledger: Ledger, place: Path | Database) -> bytes:
    """All that a ledger holds, as bytes."""
    if isinstance(place, Path):
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return place.read_bytes()
    tables = ledger.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1").fetchall()
    rows = [row for (table,) in tables for row in ledger.execute(f"SELECT * FROM {table}")]
    assert len(rows) > 5
    return b"\n".join(each if isinstance(each, bytes) else str(each).encode() for row in rows for each in row)


def tamper_with(ledger: Ledger, statement: str, values: Sequence[object] = ()) -> None:
    """Writes to a ledger as somebody does with a program of their own, whatever triggers and references say."""
    if isinstance(ledger, PostgresqlLedger):
        statement = re.sub(r"zeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')", statement)
        ledger.execute("SET session_replication_role = replica")
        ledger.execute(statement, values)
        ledger.execute("SET session_replication_role = origin")
        return
    ledger.execute("PRAGMA foreign_keys = OFF")
    for trigger in ("audit_is_not_changed", "audit_is_not_deleted"):
        ledger.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    ledger.execute(statement, values)
    ledger.execute("PRAGMA foreign_keys = ON")
