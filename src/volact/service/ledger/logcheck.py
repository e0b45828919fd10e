"""Reading the audit and its log from end to end, for whoever verifies them."""

from __future__ import annotations

from collections.abc import Iterator

from volact.credential.checkpoint import Entry
from volact.service.ledger.ports import Ledger, Row
from volact.service.ledger.rows import CheckpointRow, LeafRow

_PAGE = 5_000  # rows that are in memory at once, whichever database they come from


def leaves(ledger: Ledger) -> Iterator[tuple[LeafRow, Entry | None]]:
    """Every leaf in its order, with its entry of the audit; None where there is none."""
    rows = _pages(
        ledger,
        """
        SELECT l.leaf, l.entry, l.salt, l.hash, a.entry, a.at, a.who, a.act, a.subject, a.detail
        FROM log AS l LEFT JOIN audit AS a ON a.entry = l.entry WHERE l.leaf > ? ORDER BY l.leaf LIMIT ?
        """,
    )
    return ((LeafRow(*row[:4]), None if row[4] is None else Entry(*row[4:])) for row in rows)


def subtrees(ledger: Ledger) -> dict[tuple[int, int], bytes]:
    """The kept hashes of whole subtrees, by level and place."""
    return {(row[0], row[1]): row[2] for row in ledger.execute("SELECT level, place, hash FROM log_nodes")}


def checkpoints(ledger: Ledger) -> Iterator[CheckpointRow]:
    """Every checkpoint, the smallest size first."""
    rows = _pages(
        ledger, "SELECT size, root, at, kid, payload, text FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?"
    )
    return (CheckpointRow(*row) for row in rows)


def first_added(ledger: Ledger, last: int) -> int | None:
    """The first entry up to the log's last one that is not in the log, or None."""
    row = ledger.execute(
        """
        SELECT min(entry) FROM audit
        WHERE entry <= ? AND NOT EXISTS (SELECT 1 FROM log WHERE log.entry = audit.entry)
        """,
        (last,),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def count_entries(ledger: Ledger) -> int:
    """How many entries the audit has."""
    return int(ledger.execute("SELECT count(*) FROM audit").fetchone()[0])


def count_waiting(ledger: Ledger, last: int) -> int:
    """How many entries came after the log's last one."""
    return int(ledger.execute("SELECT count(*) FROM audit WHERE entry > ?", (last,)).fetchone()[0])


def waiting_details(ledger: Ledger, last: int, *, act: str) -> tuple[str, ...]:
    """What the acts of one name say that came after the log's last entry."""
    rows = ledger.execute("SELECT detail FROM audit WHERE entry > ? AND act = ? ORDER BY entry", (last, act))
    return tuple(row[0] for row in rows)


def _pages(ledger: Ledger, statement: str) -> Iterator[Row]:
    """The rows of a statement that begins after a number and gives so many, ordered by the number that leads them."""
    last, page = -1, ledger.execute(statement, (-1, _PAGE)).fetchall()
    while page:
        yield from page
        last = page[-1][0]
        page = ledger.execute(statement, (last, _PAGE)).fetchall()
