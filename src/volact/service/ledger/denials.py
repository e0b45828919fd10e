"""Who was refused: counted by day, code, proved key and address, a bounded number of rows a day, for a bounded time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from volact.service.ledger.ports import Ledger

MOST_ADDRESSES = 1_000  # of one day that have rows of their own
OTHERS = "others"  # all further addresses of a day


class Denied(NamedTuple):
    """What is counted as one: day since 1970, code, the key that was proved or an empty text, and whence."""

    day: int
    code: str
    keyid: str
    address: str


def record(ledger: Ledger, counts: Mapping[Denied, int]) -> None:
    """Adds to the counts, inside the caller's transaction; beyond `MOST_ADDRESSES` of a day to those of the others."""
    known = {day: _addresses(ledger, day) for day in {denied.day for denied in counts}}
    added: Counter[Denied] = Counter()
    for denied, times in counts.items():
        own = known[denied.day]
        if denied.address not in own and len(own) >= MOST_ADDRESSES:
            denied = denied._replace(address=OTHERS)
        elif denied.address != OTHERS:
            own.add(denied.address)
        added[denied] += times
    ledger.executemany(
        """
        INSERT INTO denials (day, code, keyid, address, times) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (day, code, keyid, address) DO UPDATE SET times = denials.times + excluded.times
        """,
        sorted((*denied, times) for denied, times in added.items()),  # in one order, so that nobody waits in a circle
    )


def has_before(ledger: Ledger, day: int) -> bool:
    """Whether there are rows of days before one."""
    return ledger.execute("SELECT 1 FROM denials WHERE day < ? LIMIT 1", (day,)).fetchone() is not None


def drop_before(ledger: Ledger, day: int) -> None:
    """Forgets the days before one."""
    ledger.execute("DELETE FROM denials WHERE day < ?", (day,))


def since(
    ledger: Ledger, day: int, *, keyid: str | None, code: str | None, most: int
) -> tuple[tuple[Denied, int], ...]:
    """The counts from a day on, of one key and of one code where that is said: newest first, then most often."""
    rows = ledger.execute(
        """
        SELECT day, code, keyid, address, times FROM denials
        WHERE day >= ? AND keyid = coalesce(?, keyid) AND code = coalesce(?, code)
        ORDER BY day DESC, times DESC, address, code, keyid LIMIT ?
        """,
        (day, keyid, code, most),
    )
    return tuple((Denied(*row[:4]), row[4]) for row in rows)


def by_code(ledger: Ledger, day: int) -> tuple[tuple[str, int], ...]:
    """How often each code refused from a day on; the most often first."""
    rows = ledger.execute(
        "SELECT code, sum(times) FROM denials WHERE day >= ? GROUP BY code ORDER BY sum(times) DESC, code", (day,)
    )
    return tuple((row[0], int(row[1])) for row in rows)


def _addresses(ledger: Ledger, day: int) -> set[str]:
    rows = ledger.execute("SELECT DISTINCT address FROM denials WHERE day = ? AND address <> ?", (day, OTHERS))
    return {row[0] for row in rows}
