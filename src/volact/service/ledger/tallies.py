"""How many activations were given under each Licensing ID by month, product and method, for reports.

They are counted once and kept; what came after that is counted when it is asked for. So a sum is exact at any moment,
whether or not somebody has counted lately, and none has to count a million activations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volact.service.ledger.ports import Ledger, Rows

TALLIES = (
    # Activations before `tallied.until`, by the month (year * 12 + month - 1, UTC), the product and the method of each.
    """
    CREATE TABLE tallies (
        licensing_id TEXT NOT NULL REFERENCES agreements,
        month INTEGER NOT NULL,
        product TEXT NOT NULL,
        channel TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        PRIMARY KEY (licensing_id, month, product, channel)
    ) STRICT, WITHOUT ROWID
    """,
    # Up to which time (seconds) those of a Licensing ID are counted.
    """
    CREATE TABLE tallied (
        licensing_id TEXT PRIMARY KEY REFERENCES agreements,
        until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX tallied_until ON tallied (until)",
)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Count:
    """So many activations of a product by one method, on a day (days since 1970)."""

    day: int
    product: str
    channel: str
    number: int


@dataclass(frozen=True, slots=True)
class Tally:
    """So many activations of a product in a month, by one method."""

    month: int
    product: str
    channel: str
    number: int


def next_due(ledger: Ledger, *, before: int) -> tuple[str, int] | None:
    """A Licensing ID that is counted up to a time before the given one, and that time; None where none is."""
    row = ledger.execute(
        "SELECT licensing_id, until FROM tallied WHERE until < ? ORDER BY until LIMIT 1", (before,)
    ).fetchone()
    return None if row is None else (row[0], row[1])


def has_new(ledger: Ledger) -> bool:
    """Whether there are agreements that were never counted."""
    row = ledger.execute("SELECT (SELECT count(*) FROM agreements) > (SELECT count(*) FROM tallied)").fetchone()
    return bool(row[0])


def begin(ledger: Ledger, *, settled: int, limit: int) -> int:
    """Takes up agreements that were never counted, each from its first activation on; gives how many.

    One without any begins at `settled`, before which none comes any more.
    """
    return ledger.execute(
        """
        INSERT INTO tallied (licensing_id, until)
        SELECT g.licensing_id, coalesce((
            SELECT min((SELECT min(a.at) FROM activations AS a WHERE a.keyid = k.keyid))
            FROM keys AS k WHERE k.licensing_id = g.licensing_id
        ), ?) FROM agreements AS g
        WHERE NOT EXISTS (SELECT 1 FROM tallied AS t WHERE t.licensing_id = g.licensing_id) LIMIT ?
        """,
        (settled, limit),
    ).rowcount


def counted(ledger: Ledger, licensing_id: str, *, since: int, until: int) -> tuple[Count, ...]:
    """What the keys of an agreement gave from one time (seconds) to before another, whatever became of it."""
    rows = ledger.execute(
        f"""
        SELECT a.at / {DAY}, a.product, a.channel, count(*)
        FROM keys AS k JOIN activations AS a ON a.keyid = k.keyid
        WHERE k.licensing_id = ? AND a.at >= ? AND a.at < ? GROUP BY a.at / {DAY}, a.product, a.channel
        """,
        (licensing_id, since, until),
    )
    return tuple(Count(*row) for row in rows)


def add(ledger: Ledger, licensing_id: str, *, found: Iterable[Tally], until: int) -> None:
    """Adds what was counted up to a time, in the transaction that says so."""
    ledger.executemany(
        """
        INSERT INTO tallies (licensing_id, month, product, channel, number) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (licensing_id, month, product, channel) DO UPDATE SET number = tallies.number + excluded.number
        """,
        ((licensing_id, each.month, each.product, each.channel, each.number) for each in found),
    )
    ledger.execute("UPDATE tallied SET until = ? WHERE licensing_id = ?", (until, licensing_id))


def kept(ledger: Ledger, seen: tuple[str, ...], *, since: int) -> tuple[Tally, ...]:
    """The tallies of several agreements together, from a month on."""
    rows = ledger.execute(
        f"""
        SELECT month, product, channel, sum(number) FROM tallies
        WHERE licensing_id IN {_list(seen)} AND month >= ? GROUP BY month, product, channel
        """,
        (*seen, since),
    )
    return tuple(Tally(row[0], row[1], row[2], int(row[3])) for row in rows)


def rest(ledger: Ledger, seen: tuple[str, ...], *, since: int) -> tuple[Count, ...]:
    """What those agreements gave from a time (seconds) on and no tally has yet."""
    rows: Rows = ledger.execute(
        f"""
        SELECT a.at / {DAY}, a.product, a.channel, count(*)
        FROM keys AS k LEFT JOIN tallied AS t ON t.licensing_id = k.licensing_id
            JOIN activations AS a ON a.keyid = k.keyid AND a.at >= coalesce(t.until, 0)
        WHERE k.licensing_id IN {_list(seen)} AND a.at >= ? GROUP BY a.at / {DAY}, a.product, a.channel
        """,
        (*seen, since),
    )
    return tuple(Count(*row) for row in rows)


def _list(seen: tuple[str, ...]) -> str:
    return f"({', '.join('?' * len(seen))})" if seen else "(NULL)"
