"""Where the tables of accounts lie: in a file of their own, or in a PostgreSQL database in a schema of their own."""

from __future__ import annotations

import sqlite3
from typing import Any

from volact.errors import StorageFull, VolactError
from volact.service.ledger.ports import Ledger
from volact.service.ledger.sqlite import named

SQLITE = {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode = WAL"}
SCHEMA = "accounts"
STAGED = "accounts_restoring"  # before a restore puts it into the place of the other


def told(error: Exception) -> Exception:
    """What Django says of the database of accounts, by our names: StorageFull, Damaged or `not_ready`."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return named(cause, "accounts.db")
    if getattr(cause, "sqlstate", None) == "53100":
        return StorageFull("accounts could not be written: the disk of their server is full")
    return VolactError(f"accounts cannot be used at the moment: {error}", code="not_ready")


def make(cursor: Any, schema: str) -> None:
    """Makes the schema unless it is there, and keeps other programs from laying tables until the transaction ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('volact accounts'))")
    cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")


def hold(cursor: Any) -> None:
    """Has a transaction of a PostgreSQL database, which has just begun, see one state of it to its end."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def exists(ledger: Ledger, schema: str) -> bool:
    """Whether a ledger's PostgreSQL database has the schema."""
    return bool(ledger.execute("SELECT to_regnamespace(?) IS NOT NULL", (schema,)).fetchall()[0][0])


def drop(ledger: Ledger, schema: str) -> None:
    """Takes the schema away with what is in it, where it is there."""
    ledger.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def put(ledger: Ledger, *, aside: str) -> str | None:
    """Puts the staged schema into the place of the accounts, in the caller's transaction.

    Gives the name of the schema in which the accounts are kept that were there; None where none were.
    """
    had = exists(ledger, SCHEMA)
    if had:
        ledger.execute(f"ALTER SCHEMA {SCHEMA} RENAME TO {aside}")
    ledger.execute(f"ALTER SCHEMA {STAGED} RENAME TO {SCHEMA}")
    return aside if had else None
