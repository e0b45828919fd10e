"""Grants that were signed for media and downloads."""

from __future__ import annotations

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import GrantRow

_COLUMNS = "jti, licensing_id, product, kind, kid, payload, at"


def add(ledger: Ledger, row: GrantRow) -> None:
    """Puts a grant on record, before it is signed."""
    ledger.execute(
        f"INSERT INTO grants ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (row.jti, row.licensing_id, row.product, row.kind, row.kid, row.payload, row.at),
    )


def grants_of(ledger: Ledger, licensing_id: str, *, product: str, kind: str) -> tuple[GrantRow, ...]:
    """The grants of a product under a Licensing ID for one kind of key, the newest first."""
    rows = ledger.execute(
        f"""
        SELECT {_COLUMNS} FROM grants WHERE licensing_id = ? AND product = ? AND kind = ? ORDER BY at DESC, rowid DESC
        """,
        (licensing_id, product, kind),
    )
    return tuple(GrantRow(*row) for row in rows)
