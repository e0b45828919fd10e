"""The lease book in the host's database: what was answered, and which computers asked and were counted when.

A statement takes many rows in one step: a batch is a few steps however many requests it holds, so the thread that
writes hardly ever has to wait for the one that verifies signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from volact.host.records import Entry, Known, LeaseAsk, Recorded
from volact.host.store import Database

MOST_ROWS = 64  # in one statement; its rows come in powers of two, so that few statements have to be prepared

_KNOWN = """
SELECT json_group_array(json_array(
    row.column1, a.digest, a.payload, a.certificate,
    (SELECT max(last_counted) FROM asked WHERE dev = row.column5 AND count_group = row.column4), k.lease_expires))
FROM (VALUES {rows}) AS row
LEFT JOIN answer AS a ON a.jkt = row.column2 AND a.rid = row.column3
LEFT JOIN asked AS k ON k.dev = row.column5 AND k.product = row.column6
"""
_ANSWERS = """
INSERT INTO answer (jkt, rid, digest, payload, certificate, at) VALUES {rows}
ON CONFLICT (jkt, rid) DO UPDATE SET payload = excluded.payload, certificate = excluded.certificate
"""
_FORMER = """
INSERT INTO former_key (dev, jkt)
SELECT known.dev, known.jkt FROM (VALUES {rows}) AS row
JOIN computer AS known ON known.dev = row.column1 WHERE known.jkt <> row.column2
ON CONFLICT (dev, jkt) DO NOTHING
"""
# A device key that comes back after another one was used there shows that the computer exists twice.
_COMPUTERS = """
INSERT INTO computer (dev, jkt, hint, virtual) VALUES {rows}
ON CONFLICT (dev) DO UPDATE SET
    came_back = max(came_back, jkt <> excluded.jkt AND EXISTS (
        SELECT 1 FROM former_key AS f WHERE f.dev = excluded.dev AND f.jkt = excluded.jkt)),
    jkt = excluded.jkt, hint = CASE excluded.hint WHEN '' THEN hint ELSE excluded.hint END,
    virtual = excluded.virtual
WHERE jkt <> excluded.jkt OR virtual <> excluded.virtual OR hint <> excluded.hint AND excluded.hint <> ''
"""
_ASKED = """
INSERT INTO asked (dev, product, first_seen, last_seen, lease_expires, count_group, last_counted) VALUES {rows}
ON CONFLICT (dev, product) DO UPDATE SET
    last_seen = excluded.last_seen, lease_expires = ifnull(excluded.lease_expires, lease_expires),
    count_group = ifnull(excluded.count_group, count_group), last_counted = ifnull(excluded.last_counted, last_counted)
"""
_TALLIES = """
INSERT INTO tally (what, day, n) VALUES {rows} ON CONFLICT (day, what) DO UPDATE SET n = n + excluded.n
"""


class SqliteBook:
    """`ports.LeaseBook` on the database; every call is part of the transaction that is open."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._run = database.connection.execute

    def look_up(self, asks: Sequence[LeaseAsk], count_groups: Sequence[str | None]) -> list[Known]:
        """What is on record about each request, its computer in its count group, and its lease."""
        rows = [
            (place, ask.jkt, ask.request.rid, group, ask.request.dev, ask.request.product)
            for place, (ask, group) in enumerate(zip(asks, count_groups, strict=True))
        ]
        found = sorted(row for cursor in self._all(_KNOWN, rows) for row in msgspec.json.decode(cursor.fetchone()[0]))
        return [
            Known(
                None if digest is None else Recorded(digest, payload.encode(), certificate), counted, leased is not None
            )
            for _, digest, payload, certificate, counted, leased in found
        ]

    def count(self, count_group: str, *, since: int, most: int) -> int:
        """The distinct computers counted at or after `since`, or `most` where there are as many or more."""
        found = self._run(
            "SELECT count(*) FROM (SELECT DISTINCT dev FROM asked INDEXED BY asked_counted"
            " WHERE count_group = ? AND last_counted >= ? LIMIT ?)",
            (count_group, since, most),
        ).fetchone()
        return int(found[0])

    def write(self, entries: Sequence[Entry], tallies: Mapping[tuple[str, int], int]) -> None:
        """Puts a batch on record, in its order."""
        answers = [
            (e.ask.jkt, e.ask.request.rid, e.ask.digest, e.payload.decode(), e.certificate, e.ask.now)
            for e in entries
            if e.payload is not None
        ]
        self._write(_ANSWERS, answers)
        for part in _by_key(entries):
            self._write(_FORMER, [(dev, jkt) for dev, jkt, *_ in part])
            self._write(_COMPUTERS, part)
        asked = [(*_asked(e.ask), e.lease_expires, e.counted_in, e.counted_in and e.ask.now) for e in entries]
        self._write(_ASKED, asked)
        self._write(_TALLIES, [(what, day, more) for (what, day), more in tallies.items()])

    def forget_answers(self, before: int, *, most: int = 5_000) -> int:
        """Drops at most so many answers recorded before that time, and says how many."""
        return self._run(
            "DELETE FROM answer WHERE number IN (SELECT number FROM answer WHERE at < ? ORDER BY at LIMIT ?)",
            (before, most),
        ).rowcount

    def _write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        for _ in self._all(statement, rows):
            pass

    def _all(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        for part in _parts(rows):
            place = f"({', '.join('?' * len(part[0]))})"
            text = statement.format(rows=", ".join([place] * len(part)))
            yield self._run(text, [value for row in part for value in row])


def _parts(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows in their order, in parts of 64, 32, 16, 8, 4, 2 and 1."""
    start, size = 0, MOST_ROWS
    while start < len(rows):
        while size > len(rows) - start:
            size //= 2
        yield rows[start : start + size]
        start += size


def _asked(ask: LeaseAsk) -> tuple[str, str, int, int]:
    return ask.request.dev, ask.request.product, ask.now, ask.now


def _by_key(entries: Sequence[Entry]) -> Iterable[list[tuple[str, str, str, bool]]]:
    """The computers of a batch in parts, in none of which one computer has two device keys."""
    part: list[tuple[str, str, str, bool]] = []
    keys: dict[str, str] = {}
    for ask in (entry.ask for entry in entries):
        if keys.setdefault(ask.request.dev, ask.jkt) != ask.jkt:
            yield part
            part, keys = [], {ask.request.dev: ask.jkt}
        part.append((ask.request.dev, ask.jkt, ask.hint, ask.request.virtual))
    yield part
