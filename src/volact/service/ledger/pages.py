"""Lists on record page by page: each gives up to `limit` rows after a place, in an order that does not change.

A place is what the order goes by: the number of arrival (`rowid`), of activations and hosts (key, time, rowid). `seen`
narrows a list to what belongs to these Licensing IDs; None is all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from volact.service.ledger.ports import Ledger, Rows
from volact.service.ledger.rows import ActivationRow, AgreementRow, AuditRow, KeyRow, OrganizationRow, SlotRow

_ORGANIZATION = "organization_id, name, parent, country, at"
_AGREEMENT = "licensing_id, organization_id, program, level, valid_from, valid_until, at"
_KEY = (
    "keyid, licensing_id, kind, product_group, product, state, allowance, used, first_group,"
    " sealed_key, sealed_proof_key, at"
)
_ACTIVATION = "activation_id, keyid, jkt, dev, channel, product, live, at"
_SLOT = "host_id, keyid, dev, jkt, reactivations, at, live"
Place = Sequence[Any]


@dataclass(slots=True)
class _Where:
    """Conditions and their parameters, as they gather."""

    texts: list[str]
    parameters: list[Any]

    def add(self, text: str, *parameters: Any) -> None:
        self.texts.append(text)
        self.parameters.extend(parameters)

    def same(self, **columns: Any) -> None:
        """Adds a condition for each column that is asked for."""
        for name, value in columns.items():
            if value is not None:
                self.add(f"{name} = ?", value)

    def among(self, column: str, values: tuple[str, ...] | None) -> None:
        """Adds that a column is one of the values; None is any value."""
        if values is not None:
            self.add(f"{column} IN ({', '.join('?' * len(values))})" if values else "1 = 0", *values)

    @property
    def text(self) -> str:
        """All conditions as one."""
        return " AND ".join(self.texts) or "1 = 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFilter:
    """Which keys; None is any. `word` is a key id or the first group of a key, or else `products` has the product."""

    licensing_id: str | None = None
    kind: str | None = None
    product_group: str | None = None
    state: str | None = None
    word: str | None = None
    products: tuple[str, ...] = ()
    seen: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFilter:
    """What a key gave, activations or hosts; None is any. `since` and `until` are seconds, the first one counts."""

    keyid: str | None = None
    licensing_id: str | None = None
    dev: str | None = None
    live: bool | None = None
    since: int | None = None
    until: int | None = None
    seen: tuple[str, ...] | None = None


def organizations(
    ledger: Ledger, *, after: Place | None, limit: int, parent: str | None = None, only: str | None = None
) -> list[tuple[int, OrganizationRow]]:
    """Organizations, the oldest first."""
    where = _after(after)
    where.same(parent=parent, organization_id=only)
    rows = _select(ledger, f"rowid, {_ORGANIZATION}", table="organizations", where=where, order="rowid", limit=limit)
    return [(row[0], OrganizationRow(*row[1:])) for row in rows]


def agreements(
    ledger: Ledger,
    *,
    after: Place | None,
    limit: int,
    organization_id: str | None = None,
    seen: tuple[str, ...] | None = None,
) -> list[tuple[int, AgreementRow]]:
    """Agreements with what was bought under them, the oldest first."""
    where = _after(after)
    where.same(organization_id=organization_id)
    where.among("licensing_id", seen)
    rows = _select(ledger, f"rowid, {_AGREEMENT}", table="agreements", where=where, order="rowid", limit=limit)
    found = [(row[0], AgreementRow(*row[1:])) for row in rows]
    return [(place, replace(row, licenses=_licenses(ledger, row.licensing_id))) for place, row in found]


def keys(ledger: Ledger, asked: KeyFilter, *, after: Place | None, limit: int) -> list[tuple[int, KeyRow]]:
    """Keys, the oldest first, sealed as they are."""
    where = _after(after)
    where.same(licensing_id=asked.licensing_id, kind=asked.kind, product_group=asked.product_group, state=asked.state)
    where.among("licensing_id", asked.seen)
    if asked.word is not None:
        named = f"product IN ({', '.join('?' * len(asked.products))})" if asked.products else "1 = 0"
        where.add(f"(keyid = ? OR first_group = ? OR {named})", asked.word, asked.word, *asked.products)
    rows = _select(ledger, f"rowid, {_KEY}", table="keys", where=where, order="rowid", limit=limit)
    return [(row[0], KeyRow(*row[1:])) for row in rows]


def activations(
    ledger: Ledger, asked: GivenFilter, *, after: Place | None, limit: int
) -> list[tuple[int, ActivationRow]]:
    """Activations key by key, of each key the oldest first."""
    where = _given(asked, after)
    rows = _select(
        ledger, f"rowid, {_ACTIVATION}", table="activations", where=where, order="keyid, at, rowid", limit=limit
    )
    return [(row[0], ActivationRow(*row[1:])) for row in rows]


def hosts(ledger: Ledger, asked: GivenFilter, *, after: Place | None, limit: int) -> list[tuple[int, SlotRow]]:
    """Hosts key by key, of each key the oldest first; those whose place was freed too."""
    where = _given(asked, after)
    rows = _select(ledger, f"rowid, {_SLOT}", table="slots", where=where, order="keyid, at, rowid", limit=limit)
    return [(row[0], SlotRow(*row[1:])) for row in rows]


def audit(
    ledger: Ledger, *, after: Place | None, limit: int, subject: str | None = None, act: str | None = None
) -> list[AuditRow]:
    """Entries of the audit, the first one first; an entry's number is its place."""
    where = _Where([], [])
    if after is not None:
        where.add("entry > ?", *after)
    where.same(subject=subject, act=act)
    rows = _select(
        ledger, "entry, at, who, act, subject, detail", table="audit", where=where, order="entry", limit=limit
    )
    return [AuditRow(*row) for row in rows]


def _after(after: Place | None) -> _Where:
    where = _Where([], [])
    if after is not None:
        where.add("rowid > ?", *after)
    return where


def _given(asked: GivenFilter, after: Place | None) -> _Where:
    where = _Where([], [])
    if after is not None:
        where.add("(keyid, at, rowid) > (?, ?, ?)", *after)
    where.same(keyid=asked.keyid, dev=asked.dev, live=None if asked.live is None else int(asked.live))
    if asked.since is not None:
        where.add("at >= ?", asked.since)
    if asked.until is not None:
        where.add("at < ?", asked.until)
    if asked.licensing_id is not None or asked.seen is not None:
        among = _Where([], [])
        among.same(licensing_id=asked.licensing_id)
        among.among("licensing_id", asked.seen)
        where.add(f"keyid IN (SELECT keyid FROM keys WHERE {among.text})", *among.parameters)
    return where


def _select(ledger: Ledger, columns: str, *, table: str, where: _Where, order: str, limit: int) -> Rows:
    return ledger.execute(
        f"SELECT {columns} FROM {table} WHERE {where.text} ORDER BY {order} LIMIT ?", (*where.parameters, limit)
    )


def _licenses(ledger: Ledger, licensing_id: str) -> dict[str, int]:
    rows = ledger.execute(
        "SELECT product, number FROM licenses WHERE licensing_id = ? ORDER BY product", (licensing_id,)
    )
    return dict(rows)
