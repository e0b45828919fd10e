"""Reading the audit and its log from end to end, for whoever verifies them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from volact.credential.checkpoint import Entry
from volact.service.ledger.rows import CheckpointRow, LeafRow


def leaves(ledger: sqlite3.Connection) -> Iterator[tuple[LeafRow, Entry | None]]:
    """Every leaf in its order, with its entry of the audit; None where there is none."""
    rows = ledger.execute(
        """
        SELECT l.leaf, l.entry, l.salt, l.hash, a.entry, a.at, a.who, a.act, a.subject, a.detail
        FROM log AS l LEFT JOIN audit AS a ON a.entry = l.entry ORDER BY l.leaf
        """
    )
    return ((LeafRow(*row[:4]), None if row[4] is None else Entry(*row[4:])) for row in rows)


def subtrees(ledger: sqlite3.Connection) -> dict[tuple[int, int], bytes]:
    """The kept hashes of whole subtrees, by level and place."""
    return {(row[0], row[1]): row[2] for row in ledger.execute("SELECT level, place, hash FROM log_nodes")}


def checkpoints(ledger: sqlite3.Connection) -> Iterator[CheckpointRow]:
    """Every checkpoint, the smallest size first."""
    rows = ledger.execute("SELECT size, root, at, kid, payload, text FROM checkpoints ORDER BY size")
    return (CheckpointRow(*row) for row in rows)


def first_added(ledger: sqlite3.Connection, last: int) -> int | None:
    """The first entry up to the log's last one that is not in the log, or None."""
    row = ledger.execute(
        "SELECT min(entry) FROM audit WHERE entry <= ? AND entry NOT IN (SELECT entry FROM log)", (last,)
    ).fetchone()
    return None if row[0] is None else int(row[0])


def count_entries(ledger: sqlite3.Connection) -> int:
    """How many entries the audit has."""
    return int(ledger.execute("SELECT count(*) FROM audit").fetchone()[0])


def count_waiting(ledger: sqlite3.Connection, last: int) -> int:
    """How many entries came after the log's last one."""
    return int(ledger.execute("SELECT count(*) FROM audit WHERE entry > ?", (last,)).fetchone()[0])
