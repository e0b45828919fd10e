"""The audit: who did what, written in the transaction of the act itself, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import AuditRow
from volact.service.ports import Act

_COLUMNS = "entry, at, who, act, subject, detail"


def write(ledger: Ledger, act: Act, *, what: str, subject: str, detail: Mapping[str, object] | None = None) -> None:
    """Records one act on one subject; `why` in the detail is its reason."""
    write_all(ledger, act, what=what, subjects=(subject,), licensing_id=_whose(ledger, subject), detail=detail)


def write_all(
    ledger: Ledger,
    act: Act,
    *,
    what: str,
    subjects: Iterable[str],
    licensing_id: str | None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Records the same act on each of the subjects, which belong to one Licensing ID or to none; what the activation
    center noted stands in its detail."""
    said = dict(detail or {})
    if act.call is not None:
        said |= {"caller": act.call.caller, "proof": act.call.proof, "why": act.call.reason}
    if act.request is not None:
        said["request"] = act.request
    text = json.dumps(said, ensure_ascii=False)
    ledger.add(
        "audit (at, who, act, subject, detail, licensing_id)",
        ((act.now, act.who, what, subject, text, licensing_id) for subject in subjects),
    )


def _whose(ledger: Ledger, subject: str) -> str | None:
    """The Licensing ID that a key or an agreement belongs to; None of any other subject."""
    row = ledger.execute(
        """
        SELECT licensing_id FROM keys WHERE keyid = ?
        UNION ALL SELECT licensing_id FROM agreements WHERE licensing_id = ?
        """,
        (subject, subject),
    ).fetchone()
    return None if row is None else row[0]


def history(ledger: Ledger, subject: str, *, leave_out: str = "") -> tuple[AuditRow, ...]:
    """What was done to a subject, the first act first; without the acts of one name."""
    rows = ledger.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE subject = ? AND act <> ? ORDER BY entry", (subject, leave_out)
    )
    return tuple(AuditRow(*row) for row in rows)


def acts_on(ledger: Ledger, subject: str, *, most: int) -> tuple[AuditRow, ...]:
    """The newest acts on a subject, the newest first, without the activations of computers.

    The word for those stands in the statement: `audit_acts_on` is an index over all but them.
    """
    rows = ledger.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE subject = ? AND act <> 'activated' ORDER BY entry DESC LIMIT ?",
        (subject, most),
    )
    return tuple(AuditRow(*row) for row in rows)


def newest_of(ledger: Ledger, act: str, *, most: int) -> tuple[AuditRow, ...]:
    """The newest entries of one act, which is none of the activations of computers; the newest first."""
    rows = ledger.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE act = ? AND act <> 'activated' ORDER BY entry DESC LIMIT ?", (act, most)
    )
    return tuple(AuditRow(*row) for row in rows)


def entry(ledger: Ledger, number: int) -> AuditRow | None:
    """One act by its number, or None."""
    row = ledger.execute(f"SELECT {_COLUMNS} FROM audit WHERE entry = ?", (number,)).fetchone()
    return None if row is None else AuditRow(*row)


def erase(ledger: Ledger, number: int) -> None:
    """Takes the texts of an entry away, whose salt has to be gone before; number, time and act stay."""
    ledger.execute("UPDATE audit SET who = '', subject = '', detail = '{}' WHERE entry = ?", (number,))


def acts_at(ledger: Ledger, subject: str, *, at: int, act: str) -> Iterator[AuditRow]:
    """The acts of one name on a subject in one second."""
    rows = ledger.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE subject = ? AND at = ? AND act = ? ORDER BY entry", (subject, at, act)
    )
    return (AuditRow(*row) for row in rows)
