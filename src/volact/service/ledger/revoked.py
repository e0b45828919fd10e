"""What the publisher ended early: the lines of the revocation list."""

from __future__ import annotations

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import RevokedRow


def add(ledger: Ledger, row: RevokedRow) -> bool:
    """Adds a line; gives False, and changes nothing, where it is there already."""
    done = ledger.execute(
        "INSERT INTO revoked (kind, id, jkt, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (row.kind, row.id, row.jkt, row.at),
    )
    return done.rowcount == 1


def has(ledger: Ledger, kind: str, *, id: str, jkt: str = "") -> bool:
    """Whether the list has that line."""
    asked = (kind, id, jkt)
    return ledger.execute("SELECT 1 FROM revoked WHERE kind = ? AND id = ? AND jkt = ?", asked).fetchone() is not None


def count(ledger: Ledger, kind: str) -> int:
    """How many lines of a kind there are."""
    return int(ledger.execute("SELECT count(*) FROM revoked WHERE kind = ?", (kind,)).fetchone()[0])


def lines(ledger: Ledger) -> tuple[RevokedRow, ...]:
    """All lines, in the order of the list."""
    return tuple(RevokedRow(*row) for row in ledger.execute("SELECT kind, id, jkt, at FROM revoked ORDER BY 1, 2, 3"))
