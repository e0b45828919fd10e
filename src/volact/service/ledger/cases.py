"""Cases that a person is to take over: callers of the telephone menu and of the desk, and customers' requests."""

from __future__ import annotations

from dataclasses import dataclass, fields

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import AuditRow


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case: `digits` of the installation ID as far as they were typed, `number` ends as the caller's does.

    `caller` is a mark of whoever opened it. Key and Licensing ID are those of an installation ID that held whole, or
    of what was asked for. `person` and `proof` are who calls and what was shown; `confirmation` is what was read out.
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
    kind: str = "menu"
    organization_id: str | None = None
    product: str | None = None
    wanted: int | None = None
    computer: str | None = None
    asked: str | None = None
    asked_by: str | None = None
    person: str | None = None
    proof: str | None = None
    confirmation: str | None = None
    outcome: str | None = None
    closed_by: str | None = None

    @property
    def groups(self) -> list[str]:
        """The digits in their groups."""
        return [self.digits[place : place + 7] for place in range(0, len(self.digits), 7)]

    @property
    def stands(self) -> str:
        """How it stands: `open`, `taken`, and what it was closed with: `done`, `refused`, `withdrawn`."""
        return (self.outcome or "done") if self.state == "closed" else self.state


_NAMES = tuple(field.name for field in fields(CaseRow))
_COLUMNS = ", ".join(_NAMES)
_CHANGING = _NAMES[4:5] + _NAMES[7:]


def add(ledger: Ledger, row: CaseRow) -> None:
    """Adds a case."""
    marks = ", ".join("?" * len(_NAMES))
    ledger.execute(f"INSERT INTO cases ({_COLUMNS}) VALUES ({marks})", [getattr(row, name) for name in _NAMES])


def case(ledger: Ledger, case_id: str) -> CaseRow | None:
    """The case of that number, or None."""
    row = ledger.execute(f"SELECT {_COLUMNS} FROM cases WHERE case_id = ?", (case_id,)).fetchone()
    return None if row is None else CaseRow(*row)


def change(ledger: Ledger, row: CaseRow) -> None:
    """Puts on record how a case stands now."""
    changed = ", ".join(f"{name} = ?" for name in _CHANGING)
    values = [getattr(row, name) for name in _CHANGING]
    ledger.execute(f"UPDATE cases SET {changed} WHERE case_id = ?", [*values, row.case_id])


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


def asked_by(
    ledger: Ledger, organization_id: str, *, before: int | None = None, limit: int
) -> tuple[tuple[int, CaseRow], ...]:
    """Up to `limit` requests of an organization before a place, the newest first, each with its place."""
    rows = ledger.execute(
        f"""
        SELECT rowid, {_COLUMNS} FROM cases
        WHERE organization_id = ? AND asked IS NOT NULL AND rowid < coalesce(?, rowid + 1) ORDER BY rowid DESC LIMIT ?
        """,
        (organization_id, before, limit),
    )
    return tuple((row[0], CaseRow(*row[1:])) for row in rows)


def pending(ledger: Ledger, *, channel: str, caller: str | None = None) -> int:
    """How many cases of a channel are not closed, of one caller where a mark is given."""
    row = ledger.execute(
        "SELECT count(*) FROM cases WHERE state IN ('open', 'taken') AND channel = ? AND caller = coalesce(?, caller)",
        (channel, caller),
    )
    return int(row.fetchone()[0])


def forget(ledger: Ledger, *, closed_before: int) -> None:
    """Forgets the callers' cases that were closed before a time (seconds); what customers asked for stays."""
    ledger.execute("DELETE FROM cases WHERE state = 'closed' AND closed_at < ? AND asked IS NULL", (closed_before,))


def newest_entry(ledger: Ledger) -> int:
    """The number of the audit's newest entry; 0 where there is none."""
    return int(ledger.execute("SELECT coalesce(max(entry), 0) FROM audit").fetchone()[0])


def link(ledger: Ledger, case_id: str, *, after: int) -> None:
    """Says that the audit's entries after one are of a case."""
    ledger.execute(
        "INSERT INTO case_acts (entry, case_id, at) SELECT entry, ?, at FROM audit WHERE entry > ?", (case_id, after)
    )


def acts_of(ledger: Ledger, case_id: str, *, limit: int) -> tuple[AuditRow, ...]:
    """What was done on a case, the newest first."""
    rows = ledger.execute(
        """
        SELECT a.entry, a.at, a.who, a.act, a.subject, a.detail FROM case_acts c JOIN audit a ON a.entry = c.entry
        WHERE c.case_id = ? ORDER BY c.entry DESC LIMIT ?
        """,
        (case_id, limit),
    )
    return tuple(AuditRow(*row) for row in rows)


def acts_since(
    ledger: Ledger, since: int, *, before: int | None = None, limit: int
) -> tuple[tuple[str, AuditRow], ...]:
    """What was done on cases from a time (seconds) on, each with its case; the newest first, those before an entry."""
    rows = ledger.execute(
        """
        SELECT c.case_id, a.entry, a.at, a.who, a.act, a.subject, a.detail
        FROM case_acts c JOIN audit a ON a.entry = c.entry
        WHERE c.at >= ? AND c.entry < coalesce(?, c.entry + 1) ORDER BY c.entry DESC LIMIT ?
        """,
        (since, before, limit),
    )
    return tuple((row[0], AuditRow(*row[1:])) for row in rows)
