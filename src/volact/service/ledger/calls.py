"""Calls of the telephone menu that are on: where each stands, and what it was answered last."""

from __future__ import annotations

from dataclasses import dataclass

from volact.service.ledger.ports import Ledger

_COLUMNS = "call_id, turn, state, said, at"


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call: `turn` counts its answers, `state` and `said` are JSON, `at` is the time of the last answer."""

    call_id: str
    turn: int
    state: str
    said: str
    at: int


def call(ledger: Ledger, call_id: str, *, since: int) -> CallRow | None:
    """The call of that id that was answered after a time (seconds), or None."""
    row = ledger.execute(f"SELECT {_COLUMNS} FROM calls WHERE call_id = ? AND at > ?", (call_id, since)).fetchone()
    return None if row is None else CallRow(*row)


def put(ledger: Ledger, row: CallRow) -> None:
    """Says where a call stands now."""
    ledger.execute(
        f"""
        INSERT INTO calls ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (call_id) DO UPDATE SET
            turn = excluded.turn, state = excluded.state, said = excluded.said, at = excluded.at
        """,
        (row.call_id, row.turn, row.state, row.said, row.at),
    )


def remove(ledger: Ledger, call_id: str) -> None:
    """Forgets a call."""
    ledger.execute("DELETE FROM calls WHERE call_id = ?", (call_id,))


def forget(ledger: Ledger, *, until: int) -> None:
    """Forgets the calls that were answered last at a time (seconds) or before."""
    ledger.execute("DELETE FROM calls WHERE at <= ?", (until,))
