"""Figures of the record for operators: counts and ages, which name nobody."""

from __future__ import annotations

from volact.licensing.forecast import LEVELS
from volact.service.ledger.ports import Ledger


def keys_by_level(ledger: Ledger) -> dict[tuple[str, int], int]:
    """How many active keys of each kind have reached a level (`licensing.forecast`) and none above it.

    Keys that allow one activation or none are left out: their only one is no news.
    """
    rows = ledger.execute(
        f"""
        SELECT kind, reached, count(*) FROM (
            SELECT kind, {_REACHED} AS reached FROM keys
            WHERE state = 'active' AND allowance > 1 AND used * 100 >= allowance * {LEVELS[0]}
        ) AS near GROUP BY kind, reached
        """
    )
    return {(row[0], row[1]): row[2] for row in rows}


def signed_at(ledger: Ledger, kind: str) -> int | None:
    """When the newest signed version of a kind of document was dated, without reading the document."""
    row = ledger.execute(
        "SELECT at FROM documents WHERE kind = ? AND text IS NOT NULL ORDER BY version DESC LIMIT 1", (kind,)
    ).fetchone()
    return None if row is None else int(row[0])


def checkpoint_at(ledger: Ledger) -> int | None:
    """When the newest signed checkpoint of the log was dated; None before the first."""
    row = ledger.execute("SELECT at FROM checkpoints WHERE text IS NOT NULL ORDER BY size DESC LIMIT 1").fetchone()
    return None if row is None else int(row[0])


_REACHED = (
    "CASE "
    + " ".join(f"WHEN used * 100 >= allowance * {level} THEN {level}" for level in sorted(LEVELS, reverse=True))
    + " END"
)
