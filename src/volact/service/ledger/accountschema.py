"""Where the tables of accounts lie: in a file of their own, or in a PostgreSQL database in a schema of their own."""

from __future__ import annotations

from typing import Any

SQLITE = {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode = WAL"}


def make(cursor: Any, schema: str) -> None:
    """Makes the schema unless it is there, and keeps other programs from laying tables until the transaction ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('volact accounts'))")
    cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
