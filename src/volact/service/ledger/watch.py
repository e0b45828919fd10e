"""What somebody who looks after agreements is told first: keys near their end, hosts near theirs, clones, counts.

`seen` are the Licensing IDs that it is asked for; of none, nothing is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from volact.licensing.forecast import LEVELS
from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import KeyRow

_KEY = (
    "keyid, licensing_id, kind, product_group, product, state, allowance, used, first_group,"
    " sealed_key, sealed_proof_key, at"
)


@dataclass(frozen=True, slots=True)
class WatchedHost:
    """A host, the product of its key, when it was certified last, and when that ends (seconds)."""

    host_id: str
    keyid: str
    product: str
    seen_at: int
    expires: int


@dataclass(frozen=True, slots=True)
class Cloned:
    """A host key whose hosts were refused as clones, so often."""

    keyid: str
    product: str
    times: int


def nearly_used(ledger: Ledger, seen: Sequence[str], *, limit: int) -> tuple[KeyRow, ...]:
    """Active keys that have reached the first level of `licensing.forecast`, the fullest first.

    Keys that allow one activation or none are left out: their only one is no news.
    """
    rows = ledger.execute(
        f"""
        SELECT {_KEY} FROM keys
        WHERE licensing_id IN {_list(seen)} AND state = 'active' AND allowance > 1
            AND used * 100 >= allowance * {LEVELS[0]}
        ORDER BY used * 1000 / allowance DESC, keyid LIMIT ?
        """,
        (*seen, limit),
    )
    return tuple(KeyRow(*row) for row in rows)


def hosts_ending(ledger: Ledger, seen: Sequence[str], *, before: int, limit: int) -> tuple[WatchedHost, ...]:
    """Hosts whose newest certificate ends before a time (seconds), the next one first."""
    rows = ledger.execute(
        f"""
        SELECT s.host_id, s.keyid, k.product, max(c.iat), max(c.exp)
        FROM keys AS k JOIN slots AS s ON s.keyid = k.keyid JOIN certificates AS c ON c.host_id = s.host_id
        WHERE k.licensing_id IN {_list(seen)} AND k.kind = 'host' AND k.state = 'active' AND s.live = 1
        GROUP BY s.host_id, s.keyid, k.product HAVING max(c.exp) < ? ORDER BY max(c.exp), s.host_id LIMIT ?
        """,
        (*seen, before, limit),
    )
    return tuple(WatchedHost(*row) for row in rows)


def clones(ledger: Ledger, seen: Sequence[str], *, since: int) -> tuple[Cloned, ...]:
    """Host keys whose hosts were refused as clones from a day on (days since 1970)."""
    rows = ledger.execute(
        f"""
        SELECT k.keyid, k.product, sum(r.times) FROM keys AS k JOIN refused AS r ON r.keyid = k.keyid
        WHERE k.licensing_id IN {_list(seen)} AND k.kind = 'host' AND r.code = 'clone_detected' AND r.day >= ?
        GROUP BY k.keyid, k.product ORDER BY k.keyid
        """,
        (*seen, since),
    )
    return tuple(Cloned(row[0], row[1], int(row[2])) for row in rows)


def keys_each(ledger: Ledger, seen: Sequence[str]) -> dict[str, int]:
    """How many keys were issued under each of the Licensing IDs; one that has none is not among them."""
    rows = ledger.execute(
        f"SELECT licensing_id, count(*) FROM keys WHERE licensing_id IN {_list(seen)} GROUP BY licensing_id",
        tuple(seen),
    )
    return {row[0]: int(row[1]) for row in rows}


def taken_each(ledger: Ledger, since: Mapping[str, int]) -> dict[str, int]:
    """How many activations, or places, each key gave from its own time (seconds) on, as `given.taken_since` counts."""
    if not since:
        return {}
    taken = """
        SELECT CAST(? AS TEXT), (SELECT count(*) FROM activations WHERE keyid = ? AND live = 1 AND at >= ?)
            + (SELECT count(*) FROM retirements AS r JOIN activations AS a ON a.activation_id = r.activation_id
               WHERE r.keyid = ? AND a.at >= ?)
            + (SELECT count(*) FROM slots WHERE keyid = ? AND at >= ?)
    """
    parameters = [each for keyid, at in since.items() for each in (keyid, *(keyid, at) * 3)]
    return {row[0]: int(row[1]) for row in ledger.execute(" UNION ALL ".join([taken] * len(since)), parameters)}


def _list(seen: Sequence[str]) -> str:
    return f"({', '.join('?' * len(seen))})" if seen else "(NULL)"
