"""Organizations, their agreements, and what was bought under these."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import AgreementRow, OrganizationRow

_ORGANIZATION = "organization_id, name, parent, country, at"
_AGREEMENT = "licensing_id, organization_id, program, level, valid_from, valid_until, at"


def add_organization(ledger: Ledger, row: OrganizationRow) -> None:
    """Adds an organization."""
    ledger.execute(
        f"INSERT INTO organizations ({_ORGANIZATION}) VALUES (?, ?, ?, ?, ?)",
        (row.organization_id, row.name, row.parent, row.country, row.at),
    )


def set_organization(ledger: Ledger, row: OrganizationRow) -> None:
    """Changes parent and country."""
    ledger.execute(
        "UPDATE organizations SET parent = ?, country = ? WHERE organization_id = ?",
        (row.parent, row.country, row.organization_id),
    )


def organization(ledger: Ledger, organization_id: str) -> OrganizationRow | None:
    """The organization of that id, or None."""
    row = ledger.execute(
        f"SELECT {_ORGANIZATION} FROM organizations WHERE organization_id = ?", (organization_id,)
    ).fetchone()
    return None if row is None else OrganizationRow(*row)


def organizations(ledger: Ledger) -> Iterator[OrganizationRow]:
    """Every organization, the oldest first."""
    rows = ledger.execute(f"SELECT {_ORGANIZATION} FROM organizations ORDER BY rowid")
    return (OrganizationRow(*row) for row in rows)


def names(ledger: Ledger, organization_ids: Collection[str]) -> dict[str, str]:
    """The names of organizations by their ids."""
    listed = ", ".join("?" * len(organization_ids)) or "NULL"
    rows = ledger.execute(
        f"SELECT organization_id, name FROM organizations WHERE organization_id IN ({listed})",
        tuple(organization_ids),
    )
    return dict(rows)


def ancestors(ledger: Ledger, organization_id: str) -> frozenset[str]:
    """The ids of the organization itself and of all above it."""
    rows = ledger.execute(
        """
        WITH RECURSIVE above (id) AS (
            SELECT organization_id FROM organizations WHERE organization_id = ? UNION
            SELECT parent FROM organizations JOIN above ON organization_id = id WHERE parent IS NOT NULL
        )
        SELECT id FROM above
        """,
        (organization_id,),
    )
    return frozenset(row[0] for row in rows)


def add_agreement(ledger: Ledger, row: AgreementRow) -> None:
    """Adds an agreement with what was bought under it."""
    ledger.execute(
        f"INSERT INTO agreements ({_AGREEMENT}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            row.licensing_id,
            row.organization_id,
            row.program,
            row.level,
            row.valid_from,
            row.valid_until,
            row.at,
        ),
    )
    put_licenses(ledger, row.licensing_id, numbers=row.licenses)


def set_agreement(ledger: Ledger, row: AgreementRow) -> None:
    """Changes price level and last day."""
    ledger.execute(
        "UPDATE agreements SET level = ?, valid_until = ? WHERE licensing_id = ?",
        (row.level, row.valid_until, row.licensing_id),
    )


def put_licenses(ledger: Ledger, licensing_id: str, *, numbers: Mapping[str, int]) -> None:
    """Sets, not adds, the number of licenses of each product named; 0 takes the product off."""
    ledger.executemany(
        """
        INSERT INTO licenses (licensing_id, product, number) VALUES (?, ?, ?)
        ON CONFLICT (licensing_id, product) DO UPDATE SET number = excluded.number
        """,
        [(licensing_id, product, number) for product, number in numbers.items()],
    )
    ledger.execute("DELETE FROM licenses WHERE licensing_id = ? AND number = 0", (licensing_id,))


def agreement(ledger: Ledger, licensing_id: str) -> AgreementRow | None:
    """The agreement of that Licensing ID, or None."""
    row = ledger.execute(f"SELECT {_AGREEMENT} FROM agreements WHERE licensing_id = ?", (licensing_id,)).fetchone()
    if row is None:
        return None
    bought = ledger.execute(
        "SELECT product, number FROM licenses WHERE licensing_id = ? ORDER BY product", (licensing_id,)
    )
    return replace(AgreementRow(*row), licenses=dict(bought))


def agreements(ledger: Ledger) -> Iterator[AgreementRow]:
    """Every agreement, the oldest first, without what was bought under it."""
    rows = ledger.execute(f"SELECT {_AGREEMENT} FROM agreements ORDER BY rowid")
    return (AgreementRow(*row) for row in rows)


def licenses(ledger: Ledger) -> Iterator[tuple[str, str, int]]:
    """What was bought under every agreement: Licensing ID, product, number."""
    rows = ledger.execute("SELECT licensing_id, product, number FROM licenses ORDER BY licensing_id, product")
    return iter(rows)


def licenses_each(ledger: Ledger, seen: Sequence[str]) -> dict[str, dict[str, int]]:
    """What was bought under each of the Licensing IDs: how many of which product."""
    found: dict[str, dict[str, int]] = {licensing_id: {} for licensing_id in seen}
    listed = ", ".join("?" * len(seen)) or "NULL"
    rows = ledger.execute(
        f"""
        SELECT licensing_id, product, number FROM licenses WHERE licensing_id IN ({listed})
        ORDER BY licensing_id, product
        """,
        tuple(seen),
    )
    for licensing_id, product, number in rows:
        found[licensing_id][product] = number
    return found


def family(ledger: Ledger, topmost: str) -> tuple[OrganizationRow, ...]:
    """An organization with all below it, by name."""
    columns = ", ".join(f"o.{name}" for name in _ORGANIZATION.split(", "))
    rows = ledger.execute(
        f"""
        WITH RECURSIVE below (id) AS (
            SELECT organization_id FROM organizations WHERE organization_id = ? UNION
            SELECT organization_id FROM organizations JOIN below ON parent = below.id
        )
        SELECT {columns} FROM organizations AS o JOIN below ON o.organization_id = below.id
        ORDER BY o.name, o.organization_id
        """,
        (topmost,),
    )
    return tuple(OrganizationRow(*row) for row in rows)


def agreements_of(ledger: Ledger, organization_id: str) -> tuple[AgreementRow, ...]:
    """The organization's agreements, the oldest first, without what was bought under them."""
    rows = ledger.execute(
        f"SELECT {_AGREEMENT} FROM agreements WHERE organization_id = ? ORDER BY at, licensing_id", (organization_id,)
    )
    return tuple(AgreementRow(*row) for row in rows)


def topmost(ledger: Ledger, organization_id: str) -> str:
    """The organization above the given one that has no parent; itself where it has none."""
    row = ledger.execute(
        """
        WITH RECURSIVE above (id, parent) AS (
            SELECT organization_id, parent FROM organizations WHERE organization_id = ? UNION
            SELECT organization_id, organizations.parent FROM organizations JOIN above ON organization_id = above.parent
        )
        SELECT id FROM above WHERE parent IS NULL
        """,
        (organization_id,),
    ).fetchone()
    return str(row[0])


def add_use(ledger: Ledger, organization_id: str, *, licensing_id: str, at: int) -> bool:
    """Lets an organization use the keys of a Licensing ID; gives False where it may already."""
    done = ledger.execute(
        "INSERT INTO key_uses (organization_id, licensing_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (organization_id, licensing_id, at),
    )
    return done.rowcount == 1


def end_use(ledger: Ledger, organization_id: str, *, licensing_id: str) -> bool:
    """Takes that back; gives False where there was nothing to take back."""
    done = ledger.execute(
        "DELETE FROM key_uses WHERE organization_id = ? AND licensing_id = ?", (organization_id, licensing_id)
    )
    return done.rowcount == 1


def agreements_used_by(ledger: Ledger, organization_id: str) -> tuple[AgreementRow, ...]:
    """The agreements of others whose keys an organization was let use, the oldest permission first."""
    rows = ledger.execute(
        f"""
        SELECT {", ".join(f"agreements.{name}" for name in _AGREEMENT.split(", "))}
        FROM key_uses JOIN agreements USING (licensing_id)
        WHERE key_uses.organization_id = ? ORDER BY key_uses.at, licensing_id
        """,
        (organization_id,),
    )
    return tuple(AgreementRow(*row) for row in rows)


def users_of(ledger: Ledger, licensing_id: str) -> tuple[str, ...]:
    """The organizations that were let use the keys of a Licensing ID, the oldest permission first."""
    rows = ledger.execute(
        "SELECT organization_id FROM key_uses WHERE licensing_id = ? ORDER BY at, organization_id", (licensing_id,)
    )
    return tuple(row[0] for row in rows)
