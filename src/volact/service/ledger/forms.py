"""Forms that count, each done once however often it is sent."""

from __future__ import annotations

from volact.service.ledger.ports import Ledger

KEPT_SECONDS = 86_400


def answered(ledger: Ledger, member_id: str, *, mark: str) -> str | None:
    """The page that followed a form when it was sent before, or None."""
    row = ledger.execute("SELECT place FROM forms WHERE member_id = ? AND mark = ?", (member_id, mark)).fetchone()
    return None if row is None else str(row[0])


def put(ledger: Ledger, member_id: str, *, mark: str, to: str, at: int) -> None:
    """Puts on record that a form was sent; those of another day are forgotten."""
    ledger.execute("DELETE FROM forms WHERE at < ?", (at - KEPT_SECONDS,))
    ledger.execute("INSERT INTO forms (member_id, mark, place, at) VALUES (?, ?, ?, ?)", (member_id, mark, to, at))
