"""A ledger that has much in it, made by a few statements: what activations of years would have left there.

Device keys and request numbers are random and come in no order, identifiers in the order of their time, as in life.
Signed payloads, digests and the hashes of the log are blank: what is measured reads none of them.
"""

from __future__ import annotations

import os
from collections.abc import Set
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from volact.service.ledger.connection import Database, connect
from volact.service.ledger.log import KEPT_LEVELS
from volact.service.ledger.ports import Ledger

PAYLOAD = b" " * 560  # about what the payload of an activation takes
DIGEST, HASH, SALT = "-" * 43, b" " * 32, b" " * 16


@dataclass(frozen=True, slots=True)
class Words:
    """What the two databases say differently; `hurried` comes before the filling, `settled` after it."""

    numbers: str  # a WITH of the numbers from the first parameter to the second
    random: str  # 32 random symbols
    digits: str  # a number as ten digits
    hurried: tuple[str, ...]
    settled: tuple[str, ...]


SQLITE = Words(
    numbers="WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)",
    random="hex(randomblob(16))",
    digits="printf('%010d', i)",
    hurried=("PRAGMA foreign_keys = OFF", "PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF",
             "PRAGMA cache_size = -4000000"),
    settled=("PRAGMA journal_mode = WAL",),
)  # fmt: skip
POSTGRESQL = Words(
    numbers="WITH n(i) AS (SELECT generate_series(?::bigint, ?::bigint))",
    random="md5(random()::text)",
    digits="lpad(i::text, 10, '0')",
    hurried=("SET statement_timeout = 0", "SET session_replication_role = replica"),  # who refers to what is known
    settled=("VACUUM ANALYZE", "CHECKPOINT"),
)


def fill(folder: Path, total: int, *, spared: Set[str], at: str = "i") -> None:
    """Brings the ledger of a service that does not run to so many activations, by keys other than the spared ones.

    `at` is when the one of number `i` was given, in SQL.
    """
    is_file = not (folder / "database").exists()
    words = SQLITE if is_file else POSTGRESQL
    place = folder / "ledger.db" if is_file else Database((folder / "database").read_text().strip())
    with closing(connect(place)) as ledger:
        for statement in words.hurried:
            ledger.execute(statement)
        ledger.begin(write=True)
        had = _newest(ledger, "SELECT count(*) FROM activations")
        _activations(ledger, words, span=(had + 1, total), spared=spared, at=at)
        _answers(ledger, words, span=(had + 1, total))
        _log(ledger, words)
        ledger.commit()
        for statement in words.settled:
            ledger.execute(statement)
    os.sync()  # else the disk is busy with the filling while something is measured


def _activations(ledger: Ledger, words: Words, *, span: tuple[int, int], spared: Set[str], at: str) -> None:
    keyids = [row[0] for row in ledger.execute("SELECT keyid FROM keys ORDER BY keyid") if row[0] not in spared]
    ledger.execute("CREATE TEMPORARY TABLE givers (number INTEGER PRIMARY KEY, keyid TEXT NOT NULL)")
    ledger.executemany("INSERT INTO givers (number, keyid) VALUES (?, ?)", enumerate(keyids))
    given = (span[1] - span[0]) // len(keyids) + 1
    ledger.executemany(
        "UPDATE keys SET allowance = allowance + ?, used = used + ? WHERE keyid = ?",
        ((given, given, keyid) for keyid in keyids),
    )
    ledger.execute(
        f"""
        INSERT INTO activations (activation_id, keyid, jkt, dev, channel, product, live, at)
        {words.numbers} SELECT {words.digits} || substr({words.random}, 1, 16), keyid, {words.random} || 'AAAAAAAAAAA',
            substr({words.random}, 1, 15), 'online', 'tracer-9', 1, CAST({at} AS BIGINT)
        FROM n JOIN givers ON number = i % {len(keyids)}
        """,
        span,
    )


def _answers(ledger: Ledger, words: Words, *, span: tuple[int, int]) -> None:
    """What was answered and what the audit says of it, in the order of the activations."""
    those = "FROM activations WHERE activation_id BETWEEN ? AND ? ORDER BY activation_id"
    ids = [f"{number:010d}" for number in (span[0], span[1] + 1)]
    ledger.execute(
        f"""
        INSERT INTO answers (jkt, rid, digest, typ, kid, payload, about, at)
        SELECT jkt, substr({words.random}, 1, 22), ?, 'volact-activation+jwt', ?, ?, activation_id, at {those}
        """,
        (DIGEST, DIGEST, PAYLOAD, *ids),
    )
    said = f"""'{{"activation_id":"' || activation_id || '","device":"' || jkt || '","request":"{DIGEST}"}}'"""
    ledger.execute(
        f"""
        INSERT INTO audit (at, who, act, subject, detail)
        SELECT at, 'device API', 'activated', keyid, {said} {those}
        """,
        ids,
    )


def _log(ledger: Ledger, words: Words) -> None:
    """A leaf for each entry that has none, so that nobody adds them while something is measured."""
    leaf, entry = (_newest(ledger, f"SELECT max({column}) FROM log") for column in ("leaf", "entry"))
    newest = _newest(ledger, "SELECT max(entry) FROM audit")
    ledger.execute(
        f"INSERT INTO log (leaf, entry, salt, hash) {words.numbers} SELECT i + ?, i, ?, ? FROM n",
        (entry + 1, newest, leaf - entry, SALT, HASH),
    )
    leaves, level = newest - entry + leaf + 1, KEPT_LEVELS
    while leaves >> level > (leaf + 1) >> level:
        ledger.execute(
            f"INSERT INTO log_nodes (level, place, hash) {words.numbers} SELECT ?, i, ? FROM n",
            ((leaf + 1) >> level, (leaves >> level) - 1, level, HASH),
        )
        level += KEPT_LEVELS


def _newest(ledger: Ledger, statement: str) -> int:
    return int(ledger.execute(statement).fetchone()[0] or 0)
