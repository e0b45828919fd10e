"""Whole tables in order, for exports: what a customer has, and who the customers are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from volact.service.ledger.rows import AgreementRow, KeyRow, OrganizationRow


def organizations(ledger: sqlite3.Connection) -> Iterator[OrganizationRow]:
    """Every organization, the oldest first."""
    rows = ledger.execute("SELECT organization_id, name, parent, country, at FROM organizations ORDER BY rowid")
    return (OrganizationRow(*row) for row in rows)


def agreements(ledger: sqlite3.Connection) -> Iterator[AgreementRow]:
    """Every agreement, the oldest first, without what was bought under it."""
    rows = ledger.execute(
        "SELECT licensing_id, organization_id, program, level, valid_from, valid_until, at"
        " FROM agreements ORDER BY rowid"
    )
    return (AgreementRow(*row) for row in rows)


def licenses(ledger: sqlite3.Connection) -> Iterator[tuple[str, str, int]]:
    """What was bought: Licensing ID, product, number."""
    rows = ledger.execute("SELECT licensing_id, product, number FROM licenses ORDER BY licensing_id, product")
    return (tuple(row) for row in rows)


def keys(ledger: sqlite3.Connection) -> Iterator[KeyRow]:
    """Every key, the oldest first, sealed as it is."""
    rows = ledger.execute(
        "SELECT keyid, licensing_id, kind, product_group, product, state, allowance, used, first_group,"
        " sealed_key, sealed_proof_key, at FROM keys ORDER BY rowid"
    )
    return (KeyRow(*row) for row in rows)
