"""What a person at the activation center finds by what a caller says: a part of a name, the first group of a key."""

from __future__ import annotations

from collections.abc import Collection

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import AgreementRow, KeyRow, OrganizationRow

_AGREEMENT = "licensing_id, organization_id, program, level, valid_from, valid_until, at"
_KEY = (
    "keyid, licensing_id, kind, product_group, product, state, allowance, used, first_group,"
    " sealed_key, sealed_proof_key, at"
)


def names_of(ledger: Ledger, organization_ids: Collection[str]) -> dict[str, str]:
    """The names of organizations by their ids."""
    marks = ", ".join("?" * len(organization_ids))
    rows = ledger.execute(
        f"SELECT organization_id, name FROM organizations WHERE organization_id IN ({marks})", list(organization_ids)
    )
    return dict(rows)


def organizations_named(ledger: Ledger, part: str, *, limit: int) -> tuple[OrganizationRow, ...]:
    """Organizations with that text in their name, whether in capitals or not (of ASCII), by name."""
    held = "".join(f"\\{symbol}" if symbol in "\\%_" else symbol for symbol in part)
    rows = ledger.execute(
        """
        SELECT organization_id, name, parent, country, at FROM organizations
        WHERE lower(name) LIKE lower(?) ESCAPE '\\' ORDER BY name, organization_id LIMIT ?
        """,
        (f"%{held}%", limit),
    )
    return tuple(OrganizationRow(*row) for row in rows)


def keys_beginning(ledger: Ledger, first_group: str, *, limit: int) -> tuple[KeyRow, ...]:
    """Keys with that first group, the newest first."""
    rows = ledger.execute(
        f"SELECT {_KEY} FROM keys WHERE first_group = ? ORDER BY at DESC, keyid LIMIT ?", (first_group, limit)
    )
    return tuple(KeyRow(*row) for row in rows)


def agreements_called(ledger: Ledger, licensing_ids: Collection[str]) -> dict[str, AgreementRow]:
    """Agreements by their Licensing IDs, without what was bought under them."""
    marks = ", ".join("?" * len(licensing_ids))
    rows = ledger.execute(f"SELECT {_AGREEMENT} FROM agreements WHERE licensing_id IN ({marks})", list(licensing_ids))
    return {row[0]: AgreementRow(*row) for row in rows}


def agreements_held(ledger: Ledger, organization_ids: Collection[str], *, limit: int) -> tuple[AgreementRow, ...]:
    """Agreements of organizations, the oldest first, without what was bought under them."""
    marks = ", ".join("?" * len(organization_ids))
    rows = ledger.execute(
        f"SELECT {_AGREEMENT} FROM agreements WHERE organization_id IN ({marks}) ORDER BY at, licensing_id LIMIT ?",
        [*organization_ids, limit],
    )
    return tuple(AgreementRow(*row) for row in rows)
