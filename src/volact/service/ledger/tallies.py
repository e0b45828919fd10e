"""How many activations each key gave by month and method: counted once, so that a report need not count a million."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volact.credential.encoding import crockford
from volact.service.ledger import settings
from volact.service.ledger.ports import Ledger

TALLIES = (
    # Activations up to the settings' `tallied`, by the month (year * 12 + month - 1, UTC) and the method of each.
    """
    CREATE TABLE tallies (
        keyid TEXT NOT NULL,
        month INTEGER NOT NULL,
        channel TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        PRIMARY KEY (keyid, month, channel)
    ) STRICT, WITHOUT ROWID
    """,
)
_TALLIED = "tallied"  # every activation whose id is below it is counted


@dataclass(frozen=True, slots=True)
class Tally:
    """So many activations of a key in a month, by one method."""

    keyid: str
    month: int
    channel: str
    number: int


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Activations that no tally has yet: key, method and time (seconds) of each, and the id up to which they go."""

    rows: tuple[tuple[str, str, int], ...]
    upto: str


def uncounted(ledger: Ledger, *, before: int, most: int) -> Uncounted:
    """The next activations that were given before a time (seconds), at most so many."""
    start, end = settings.text(ledger, _TALLIED) or "", crockford(before * 1000, 10)
    rows = ledger.execute(
        """
        SELECT keyid, channel, at, activation_id FROM activations
        WHERE activation_id >= ? AND activation_id < ? ORDER BY activation_id LIMIT ?
        """,
        (start, end, most),
    ).fetchall()
    upto = f"{rows[-1][3]}\x20" if len(rows) == most else max(start, end)
    return Uncounted(tuple((row[0], row[1], row[2]) for row in rows), upto)


def add(ledger: Ledger, found: Iterable[Tally], *, upto: str) -> None:
    """Adds what was counted, in the transaction that says up to where."""
    ledger.executemany(
        """
        INSERT INTO tallies (keyid, month, channel, number) VALUES (?, ?, ?, ?)
        ON CONFLICT (keyid, month, channel) DO UPDATE SET number = tallies.number + excluded.number
        """,
        ((each.keyid, each.month, each.channel, each.number) for each in found),
    )
    settings.put(ledger, _TALLIED, value=upto)


def of_agreements(ledger: Ledger, licensing_ids: tuple[str, ...], *, since: int) -> tuple[Tally, ...]:
    """What the keys of agreements gave from a month on."""
    places = ", ".join("?" * len(licensing_ids)) or "''"
    rows = ledger.execute(
        f"""
        SELECT keyid, month, channel, number FROM keys JOIN tallies USING (keyid)
        WHERE licensing_id IN ({places}) AND month >= ?
        """,
        (*licensing_ids, since),
    )
    return tuple(Tally(*row) for row in rows)
