"""Product keys that were issued: sealed, with what they allow and what was taken from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from volact.licensing.catalog import UNCOUNTED
from volact.service.ledger.ports import Ledger, Rows
from volact.service.ledger.rows import KeyRow

_COLUMNS = (
    "keyid, licensing_id, kind, product_group, product, state, allowance, used, first_group,"
    " sealed_key, sealed_proof_key, at"
)


def add(ledger: Ledger, rows: Iterable[KeyRow]) -> tuple[KeyRow, ...]:
    """Adds keys; gives those whose id is taken already, which were not added."""
    statement = f"INSERT INTO keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    return tuple(row for row in rows if ledger.execute(statement, _values(row)).rowcount == 0)


def key(ledger: Ledger, keyid: str) -> KeyRow | None:
    """The key of that id, or None."""
    row = ledger.execute(f"SELECT {_COLUMNS} FROM keys WHERE keyid = ?", (keyid,)).fetchone()
    return None if row is None else KeyRow(*row)


def every(ledger: Ledger) -> Iterator[KeyRow]:
    """Every key, the oldest first, sealed as it is."""
    return (KeyRow(*row) for row in ledger.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY rowid"))


def keys_of(ledger: Ledger, licensing_id: str) -> tuple[KeyRow, ...]:
    """The keys of a Licensing ID, the oldest first."""
    rows = ledger.execute(f"SELECT {_COLUMNS} FROM keys WHERE licensing_id = ? ORDER BY at, rowid", (licensing_id,))
    return tuple(KeyRow(*row) for row in rows)


def licensing_ids(ledger: Ledger, keyids: Sequence[str]) -> dict[str, str]:
    """The Licensing IDs of keys, by key id."""
    rows = ledger.execute(f"SELECT keyid, licensing_id FROM keys WHERE keyid IN {_list(keyids)}", tuple(keyids))
    return dict(rows.fetchall())


def fullest(ledger: Ledger, licensing_ids: Sequence[str], *, limit: int) -> tuple[KeyRow, ...]:
    """Active keys of several agreements that count activations, those first of which the largest part is used.

    Keys that allow one activation or none are left out: their only one is no news.
    """
    rows = ledger.execute(
        f"""
        SELECT {_COLUMNS} FROM keys WHERE licensing_id IN {_list(licensing_ids)} AND state = 'active' AND allowance > 1
            AND kind NOT IN ('host', {", ".join("?" * len(UNCOUNTED))})
        ORDER BY used * 10000 / allowance DESC, allowance - used, keyid LIMIT ?
        """,
        (*licensing_ids, *UNCOUNTED, limit),
    )
    return tuple(KeyRow(*row) for row in rows)


def host_keys(ledger: Ledger, licensing_ids: Sequence[str], *, after: str, limit: int) -> tuple[KeyRow, ...]:
    """Host keys of several agreements in the order of their ids, behind one."""
    rows = ledger.execute(
        f"""
        SELECT {_COLUMNS} FROM keys WHERE licensing_id IN {_list(licensing_ids)} AND kind = 'host' AND keyid > ?
        ORDER BY keyid LIMIT ?
        """,
        (*licensing_ids, after, limit),
    )
    return tuple(KeyRow(*row) for row in rows)


def newest_active(ledger: Ledger, licensing_id: str, *, kind: str, group: str, product: str | None) -> KeyRow | None:
    """The newest active key of a Licensing ID of that kind and product group, of one product where that is said."""
    row = ledger.execute(
        f"""
        SELECT {_COLUMNS} FROM keys
        WHERE licensing_id = ? AND kind = ? AND product_group = ? AND product = coalesce(?, product)
            AND state = 'active'
        ORDER BY at DESC, rowid DESC LIMIT 1
        """,
        (licensing_id, kind, group, product),
    ).fetchone()
    return None if row is None else KeyRow(*row)


def set_allowance(ledger: Ledger, keyid: str, *, allowance: int) -> None:
    """Sets what the key allows; the database itself refuses less than what is used."""
    ledger.execute("UPDATE keys SET allowance = ? WHERE keyid = ?", (allowance, keyid))


def set_state(ledger: Ledger, keyid: str, *, state: str) -> None:
    """Sets the key's state."""
    ledger.execute("UPDATE keys SET state = ? WHERE keyid = ?", (state, keyid))


@dataclass(frozen=True, slots=True)
class Issued:
    """What an edit of the catalog has to keep: groups of keys, products, and programs with the price levels agreed."""

    groups: frozenset[str]
    products: frozenset[str]
    programs: frozenset[tuple[str, str | None]]


def issued(ledger: Ledger) -> Issued:
    """What keys, activations, purchases, grants and agreements on record name."""
    groups = ledger.execute("SELECT DISTINCT product_group FROM keys")
    products = ledger.execute(
        """
        SELECT product FROM keys UNION SELECT product FROM activations
        UNION SELECT product FROM licenses UNION SELECT product FROM grants
        """
    )
    programs = ledger.execute("SELECT DISTINCT program, level FROM agreements")
    return Issued(_texts(groups), _texts(products), frozenset((row[0], row[1]) for row in programs))


def _texts(rows: Rows) -> frozenset[str]:
    return frozenset(row[0] for row in rows)


def _values(row: KeyRow) -> tuple[object, ...]:
    return (
        row.keyid,
        row.licensing_id,
        row.kind,
        row.product_group,
        row.product,
        row.state,
        row.allowance,
        row.used,
        row.first_group,
        row.sealed_key,
        row.sealed_proof_key,
        row.at,
    )


def _list(values: Sequence[str]) -> str:
    return f"({', '.join('?' * len(values))})" if values else "(NULL)"
