"""What the publisher's back office looks through: customers by name, keys by their beginning, who uses whose keys."""

from __future__ import annotations

from dataclasses import dataclass

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import AgreementRow, KeyRow, OrganizationRow

_ORGANIZATION = "o.organization_id, o.name, o.parent, o.country, o.at"
_AGREEMENT = "licensing_id, organization_id, program, level, valid_from, valid_until, at"
_KEY = (
    "keyid, licensing_id, kind, product_group, product, state, allowance, used, first_group,"
    " sealed_key, sealed_proof_key, at"
)
_NOBODY = """
    NOT EXISTS (SELECT 1 FROM memberships AS m WHERE m.organization_id = o.organization_id AND m.ended_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Customer:
    """An organization in a list: its parent's name, how many agreements it has, and how many people with a role."""

    row: OrganizationRow
    parent_name: str | None
    agreements: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySearch:
    """Which keys; an empty text is any. `naming` is a Licensing ID, or what a key id or a key begins with."""

    naming: str = ""
    kind: str = ""
    state: str = ""


def customers_named(ledger: Ledger, naming: str, *, after: str, limit: int) -> tuple[Customer, ...]:
    """Organizations by name, behind the one of the id `after`; `naming` is in the name, or is an id or Licensing ID."""
    rows = ledger.execute(
        f"""
        SELECT {_ORGANIZATION}, p.name,
            (SELECT count(*) FROM agreements AS a WHERE a.organization_id = o.organization_id),
            (SELECT count(*) FROM memberships AS m WHERE m.organization_id = o.organization_id AND m.ended_at IS NULL)
        FROM organizations AS o LEFT JOIN organizations AS p ON p.organization_id = o.parent
        WHERE (
            lower(o.name) LIKE lower(?) ESCAPE '!' OR o.organization_id = ?
            OR o.organization_id = (SELECT organization_id FROM agreements WHERE licensing_id = ?)
        ) AND (o.name, o.organization_id) > (
            coalesce((SELECT name FROM organizations WHERE organization_id = ?), ''), ?
        )
        ORDER BY o.name, o.organization_id LIMIT ?
        """,
        (f"%{escaped(naming)}%", naming.upper(), naming.upper(), after, after, limit),
    )
    return tuple(Customer(OrganizationRow(*row[:5]), *row[5:]) for row in rows)


def count_customers(ledger: Ledger) -> tuple[int, int]:
    """How many organizations there are, and how many of them without anybody who can sign in."""
    row = ledger.execute(
        f"SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM organizations AS o WHERE {_NOBODY})"
    ).fetchone()
    return int(row[0]), int(row[1])


def affiliates(ledger: Ledger, organization_id: str, *, limit: int) -> tuple[OrganizationRow, ...]:
    """The organizations right below one, by name."""
    rows = ledger.execute(
        f"SELECT {_ORGANIZATION} FROM organizations AS o WHERE o.parent = ? ORDER BY o.name LIMIT ?",
        (organization_id, limit),
    )
    return tuple(OrganizationRow(*row) for row in rows)


def agreements(ledger: Ledger, organization_id: str, *, limit: int) -> tuple[AgreementRow, ...]:
    """An organization's agreements, the newest first, without what was bought under them."""
    rows = ledger.execute(
        f"SELECT {_AGREEMENT} FROM agreements WHERE organization_id = ? ORDER BY at DESC, licensing_id LIMIT ?",
        (organization_id, limit),
    )
    return tuple(AgreementRow(*row) for row in rows)


def used_by(ledger: Ledger, licensing_id: str, *, top: str) -> tuple[OrganizationRow, ...]:
    """Who else may use the keys of a Licensing ID: those that were let, and stand under the topmost parent still."""
    rows = ledger.execute(
        f"""
        WITH RECURSIVE above (low, id) AS (
            SELECT organization_id, organization_id FROM key_uses WHERE licensing_id = ? UNION
            SELECT low, parent FROM organizations JOIN above ON organization_id = id WHERE parent IS NOT NULL
        )
        SELECT {_ORGANIZATION} FROM above JOIN organizations AS o ON o.organization_id = low
        WHERE id = ? ORDER BY o.name, o.organization_id
        """,
        (licensing_id, top),
    )
    return tuple(OrganizationRow(*row) for row in rows)


def keys_found(ledger: Ledger, asked: KeySearch, *, after: int, limit: int) -> list[tuple[int, KeyRow]]:
    """Keys, the newest first, before the place `after` (0 is the start), each with its place."""
    texts: list[str] = []
    parameters: list[object] = []
    for condition, value in (("rowid < ?", after), ("kind = ?", asked.kind), ("state = ?", asked.state)):
        if value:
            texts.append(condition)
            parameters.append(value)
    if asked.naming:
        begins = f"{escaped(asked.naming)}%"
        texts.append("(licensing_id = ? OR keyid LIKE ? ESCAPE '!' OR upper(first_group) LIKE ? ESCAPE '!')")
        parameters += [asked.naming.upper(), begins, begins.upper()]
    rows = ledger.execute(
        f"SELECT rowid, {_KEY} FROM keys WHERE {' AND '.join(texts) or '1 = 1'} ORDER BY rowid DESC LIMIT ?",
        (*parameters, limit),
    )
    return [(row[0], KeyRow(*row[1:])) for row in rows]


def newest_keys(ledger: Ledger, licensing_id: str, *, limit: int) -> tuple[KeyRow, ...]:
    """An agreement's keys, the newest first."""
    rows = ledger.execute(
        f"SELECT {_KEY} FROM keys WHERE licensing_id = ? ORDER BY at DESC, rowid DESC LIMIT ?", (licensing_id, limit)
    )
    return tuple(KeyRow(*row) for row in rows)


def escaped(text: str) -> str:
    """A text for LIKE, in which nothing stands for anything else; `!` escapes."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def count_exhausted(ledger: Ledger, licensing_id: str) -> int:
    """How many active keys of a Licensing ID, of those that are counted, have nothing left."""
    row = ledger.execute(
        """
        SELECT count(*) FROM keys
        WHERE licensing_id = ? AND state = 'active' AND used >= allowance AND kind NOT IN ('setup', 'oem')
        """,
        (licensing_id,),
    ).fetchone()
    return int(row[0])


def media_keys(ledger: Ledger, licensing_id: str) -> dict[tuple[str, str], KeyRow]:
    """The newest active key of each product and kind that lies on media, under a Licensing ID."""
    rows = ledger.execute(
        f"""
        SELECT {_KEY} FROM keys
        WHERE licensing_id = ? AND kind IN ('setup', 'oem') AND state = 'active' ORDER BY at, rowid
        """,
        (licensing_id,),
    )
    found = (KeyRow(*row) for row in rows)
    return {(row.product, row.kind): row for row in found}


def grants_signed(ledger: Ledger, licensing_id: str) -> dict[tuple[str, str], int]:
    """When the newest grant of each product and kind of key was signed (seconds), under a Licensing ID."""
    rows = ledger.execute(
        "SELECT product, kind, max(at) FROM grants WHERE licensing_id = ? GROUP BY product, kind", (licensing_id,)
    )
    return {(row[0], row[1]): row[2] for row in rows}
