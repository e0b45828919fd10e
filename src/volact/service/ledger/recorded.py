"""Looking through the audit, the newest entry first: by whom, what, on which subject and when.

Nearly all entries are activations of computers. What people do is found by indexes that leave those out, which serve a
statement that says so with the act's own name in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from volact.service.ledger.listing import escaped
from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import AuditRow, CheckpointRow

_COLUMNS = "entry, at, who, act, subject, detail"
_DEEDS = "act <> 'activated'"
ACTIVATED = "activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which entries; an empty text is any, and `who` is a part of it. `first` counts, `before` does not (0 is none).

    Whom an activation is by says nothing, so that looking for somebody finds no activations.
    """

    subject: str = ""
    who: str = ""
    act: str = ""
    first: int = 0
    before: int = 0


def entries(ledger: Ledger, asked: Search, *, limit: int) -> tuple[AuditRow, ...]:
    """The entries that are asked for, the newest first."""
    if asked.who:  # the number plus nothing is in no index, so that the one of people's acts is read, not everything
        where, parameters = _where(asked, number="entry + 0")
        inner = f"SELECT entry FROM audit WHERE {where} ORDER BY entry + 0 DESC LIMIT ?"
        statement = f"SELECT {_COLUMNS} FROM audit WHERE entry IN ({inner}) ORDER BY entry DESC"
    else:
        where, parameters = _where(asked, number="entry")
        order = "at DESC, entry DESC" if asked.subject else "entry DESC"  # as the index of subjects has it
        statement = f"SELECT {_COLUMNS} FROM audit WHERE {where} ORDER BY {order} LIMIT ?"
    return tuple(AuditRow(*row) for row in ledger.execute(statement, (*parameters, limit)))


def first_since(ledger: Ledger, at: int) -> int:
    """The number of the first entry from a time (seconds) on, found by halving, since times only rise; one that would
    come next where there is none."""
    found = ledger.execute(
        """
        WITH RECURSIVE halved (low, high) AS (
            SELECT CAST(1 AS BIGINT), (SELECT coalesce(max(entry), 0) + 1 FROM audit)
            UNION ALL
            SELECT
                CASE WHEN (SELECT at FROM audit WHERE entry >= (low + high) / 2 ORDER BY entry LIMIT 1) < ?
                    THEN (low + high) / 2 + 1 ELSE low END,
                CASE WHEN (SELECT at FROM audit WHERE entry >= (low + high) / 2 ORDER BY entry LIMIT 1) < ?
                    THEN high ELSE (low + high) / 2 END
            FROM halved WHERE low < high
        )
        SELECT low FROM halved WHERE low >= high
        """,
        (at, at),
    ).fetchone()
    return int(found[0])


def checkpoints(ledger: Ledger, *, before: int, limit: int) -> tuple[CheckpointRow, ...]:
    """The checkpoints smaller than a size (0 is none), the newest first."""
    rows = ledger.execute(
        f"""
        SELECT size, root, at, kid, payload, text FROM checkpoints
        {"WHERE size < ?" if before else ""} ORDER BY size DESC LIMIT ?
        """,
        (before, limit) if before else (limit,),
    )
    return tuple(CheckpointRow(*row) for row in rows)


def _where(asked: Search, *, number: str) -> tuple[str, list[object]]:
    texts = [f"{number} >= ?"]
    found: list[object] = [asked.first]
    if asked.before:
        texts.append(f"{number} < ?")
        found.append(asked.before)
    if asked.subject:
        texts.append("subject = ?")
        found.append(asked.subject)
    if asked.who:
        texts.append("lower(who) LIKE lower(?) ESCAPE '!'")
        found.append(f"%{escaped(asked.who)}%")
    if asked.act:
        texts.append("act = ?")
        found.append(asked.act)
    if (asked.who or asked.act) and asked.act != ACTIVATED:
        texts.append(_DEEDS)
    return " AND ".join(texts), found
