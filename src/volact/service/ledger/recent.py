"""Activations by many keys together, the newest first, page by page, however many keys and activations there are.

Each key's newest activation is one look into an index. A page of so many rows lies within as many keys: those whose
newest are the newest of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import ActivationRow

_COLUMNS = "activation_id, keyid, jkt, dev, channel, product, live, at"
_TOGETHER = 250  # keys in one statement: SQLite takes 500 parts, PostgreSQL 65,535 parameters
Place = tuple[int, str]  # the time (seconds) and the id of an activation
Arrival = tuple[str, int, int]  # its key, its time, and the number of its arrival
BEGINNING: Arrival = ("", 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which activations, by keys of which Licensing IDs; None is any.

    `key` is a key id, the first group of a key, or a Licensing ID.
    """

    seen: tuple[str, ...]
    key: str | None = None
    activation_id: str | None = None
    dev: str | None = None
    product: str | None = None
    channel: str | None = None
    live: bool | None = None

    @property
    def keys(self) -> tuple[str, tuple[Any, ...]]:
        """The condition on the keys `k`, with its parameters."""
        told = f"k.licensing_id IN ({', '.join('?' * len(self.seen))})" if self.seen else "1 = 0"
        if self.key is None:
            return told, self.seen
        named = "(k.keyid = ? OR k.first_group = ? OR k.licensing_id = ?)"
        return f"{told} AND {named}", (*self.seen, self.key, self.key, self.key)

    @property
    def rows(self) -> tuple[str, tuple[Any, ...]]:
        """The further conditions on the activations `a`, with their parameters."""
        live = None if self.live is None else int(self.live)
        told = {
            "activation_id": self.activation_id,
            "dev": self.dev,
            "product": self.product,
            "channel": self.channel,
            "live": live,
        }
        given = {name: value for name, value in told.items() if value is not None}
        return "".join(f" AND a.{name} = ?" for name in given), tuple(given.values())


def has_key(ledger: Ledger, sought: Sought) -> bool:
    """Whether there is such a key."""
    told, parameters = sought.keys
    return ledger.execute(f"SELECT 1 FROM keys AS k WHERE {told} LIMIT 1", parameters).fetchone() is not None


def activations(ledger: Ledger, sought: Sought, *, after: Place | None, limit: int) -> list[ActivationRow]:
    """Up to `limit` activations that come before a place; None is the newest."""
    place = after or (2**62, "")
    keyids, found = _keys(ledger, sought, place=place, limit=limit), list[ActivationRow]()
    condition, values = sought.rows
    one = f"""
        SELECT * FROM (
            SELECT {_COLUMNS} FROM activations AS a WHERE a.keyid = ? AND (a.at, a.activation_id) < (?, ?){condition}
            ORDER BY a.at DESC, a.activation_id DESC LIMIT ?
        ) AS each
    """
    for start in range(0, len(keyids), _TOGETHER):
        part = keyids[start : start + _TOGETHER]
        parameters = [value for keyid in part for value in (keyid, *place, *values, limit)]
        statement = f"{' UNION ALL '.join([one] * len(part))} ORDER BY at DESC, activation_id DESC LIMIT ?"
        found += (ActivationRow(*row) for row in ledger.execute(statement, (*parameters, limit)))
    return sorted(found, key=lambda row: (row.at, row.activation_id), reverse=True)[:limit]


def every(
    ledger: Ledger, sought: Sought, *, after: Arrival, limit: int
) -> tuple[list[tuple[str, ActivationRow]], Arrival | None]:
    """Up to `limit` of them behind a place, key by key, of each key the oldest first, each with its Licensing ID.

    Gives the place to go on from as well, None at the end.
    """
    told, parameters = sought.keys
    condition, values = sought.rows
    rows = ledger.execute(
        f"""
        SELECT k.licensing_id, a.rowid, a.activation_id, a.keyid, a.jkt, a.dev, a.channel, a.product, a.live, a.at
        FROM keys AS k JOIN activations AS a ON a.keyid = k.keyid
        WHERE {told} AND k.keyid >= ?{condition} AND (a.keyid, a.at, a.rowid) > (?, ?, ?)
        ORDER BY a.keyid, a.at, a.rowid LIMIT ?
        """,
        (*parameters, after[0], *values, *after, limit),
    ).fetchall()
    last = (rows[-1][3], rows[-1][9], rows[-1][1]) if len(rows) == limit else None
    return [(row[0], ActivationRow(*row[2:])) for row in rows], last


def _keys(ledger: Ledger, sought: Sought, *, place: Place, limit: int) -> list[str]:
    """The keys that a page lies in: those whose newest comes first, and all that are as new as the last of them.

    Those with one at the very time of the place are among them by themselves, since that one may come after it.
    """
    told, parameters = sought.keys
    condition, values = sought.rows
    rows = ledger.execute(
        f"""
        SELECT keyid, newest FROM (
            SELECT k.keyid AS keyid, (
                SELECT max(a.at) FROM activations AS a WHERE a.keyid = k.keyid AND a.at <= ?{condition}
            ) AS newest FROM keys AS k WHERE {told}
        ) AS each WHERE newest IS NOT NULL ORDER BY newest DESC
        """,
        (place[0], *values, *parameters),
    ).fetchall()
    beyond = next((number for number, row in enumerate(rows) if row[1] < place[0]), len(rows))
    last = rows[beyond + limit - 1][1] if len(rows) >= beyond + limit else 0
    return [row[0] for row in rows if row[1] >= last]
