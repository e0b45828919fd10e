"""How many keys were shown to a member within the last while, by the organization that it looked at them in."""

from __future__ import annotations

from volact.service.ledger.ports import Ledger


def since(ledger: Ledger, member_id: str, *, organization_id: str, at: int) -> int:
    """How many keys were shown from a time (seconds) on."""
    row = ledger.execute(
        "SELECT coalesce(sum(number), 0) FROM showings WHERE member_id = ? AND organization_id = ? AND at >= ?",
        (member_id, organization_id, at),
    ).fetchone()
    return int(row[0])


def put(ledger: Ledger, member_id: str, *, organization_id: str, number: int, at: int, kept: int) -> None:
    """Puts on record that so many keys are shown; what is older than `kept` seconds is forgotten: the audit has it."""
    ledger.execute("DELETE FROM showings WHERE at < ?", (at - kept,))
    ledger.execute(
        "INSERT INTO showings (member_id, organization_id, number, at) VALUES (?, ?, ?, ?)",
        (member_id, organization_id, number, at),
    )
