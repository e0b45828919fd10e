"""Cases that a person is to take over: opened by a caller of the telephone menu, taken, closed."""

from __future__ import annotations

from dataclasses import dataclass

from volact.service.ledger.ports import Ledger

_COLUMNS = (
    "case_id, at, channel, language, digits, number, caller, keyid, licensing_id, state, taken_by, closed_at, reason"
)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case: `digits` of the installation ID as far as they were typed, `number` ends as the caller's does.

    `caller` is a mark of the caller's number; key and Licensing ID are known where the whole ID held.
    """

    case_id: str
    at: int
    channel: str
    language: str
    digits: str
    number: str
    caller: str
    keyid: str | None
    licensing_id: str | None
    state: str = "open"
    taken_by: str | None = None
    closed_at: int | None = None
    reason: str | None = None

    @property
    def groups(self) -> list[str]:
        """The digits in their groups."""
        return [self.digits[place : place + 7] for place in range(0, len(self.digits), 7)]


def add(ledger: Ledger, row: CaseRow) -> None:
    """Adds a case."""
    ledger.execute(
        f"INSERT INTO cases ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.case_id,
            row.at,
            row.channel,
            row.language,
            row.digits,
            row.number,
            row.caller,
            row.keyid,
            row.licensing_id,
            row.state,
            row.taken_by,
            row.closed_at,
            row.reason,
        ),
    )


def case(ledger: Ledger, case_id: str) -> CaseRow | None:
    """The case of that number, or None."""
    row = ledger.execute(f"SELECT {_COLUMNS} FROM cases WHERE case_id = ?", (case_id,)).fetchone()
    return None if row is None else CaseRow(*row)


def take(ledger: Ledger, case_id: str, *, by: str) -> None:
    """Says who has a case."""
    ledger.execute("UPDATE cases SET state = 'taken', taken_by = ? WHERE case_id = ?", (by, case_id))


def close(ledger: Ledger, case_id: str, *, at: int, reason: str) -> None:
    """Closes a case with what became of it."""
    ledger.execute(
        "UPDATE cases SET state = 'closed', closed_at = ?, reason = ? WHERE case_id = ?", (at, reason, case_id)
    )


def cases(
    ledger: Ledger, *, states: tuple[str, ...], after: int | None = None, limit: int
) -> tuple[tuple[int, CaseRow], ...]:
    """Up to `limit` cases in those states after a place, the oldest first, each with its place."""
    marks = ", ".join("?" * len(states))
    rows = ledger.execute(
        f"SELECT rowid, {_COLUMNS} FROM cases WHERE state IN ({marks}) AND rowid > ? ORDER BY rowid LIMIT ?",
        (*states, -1 if after is None else after, limit),
    )
    return tuple((row[0], CaseRow(*row[1:])) for row in rows)


def pending(ledger: Ledger, *, caller: str | None = None) -> int:
    """How many cases are not closed, of one caller where a mark is given."""
    row = ledger.execute(
        "SELECT count(*) FROM cases WHERE state IN ('open', 'taken') AND caller = coalesce(?, caller)", (caller,)
    )
    return int(row.fetchone()[0])


def forget(ledger: Ledger, *, closed_before: int) -> None:
    """Forgets the cases that were closed before a time (seconds)."""
    ledger.execute("DELETE FROM cases WHERE state = 'closed' AND closed_at < ?", (closed_before,))
