"""The lease book in the host's database: what was answered, and which computers asked and were counted when."""

from __future__ import annotations

from volact.host.records import LeaseAsk, Recorded
from volact.host.store import Database


class SqliteBook:
    """`ports.LeaseBook` on the database; every call is part of the transaction that is open."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._run = database.connection.execute

    def recorded(self, jkt: str, rid: str) -> Recorded | None:
        """The answer that a device key had for that `rid`, if it is still kept."""
        row = self._run(
            "SELECT digest, payload, certificate FROM answer WHERE jkt = ? AND rid = ?", (jkt, rid)
        ).fetchone()
        return None if row is None else Recorded(*row)

    def last_counted(self, count_group: str, dev: str) -> int | None:
        """When a computer was last counted in a count group, in seconds."""
        row = self._run(
            "SELECT last_seen FROM counted WHERE count_group = ? AND dev = ?", (count_group, dev)
        ).fetchone()
        return None if row is None else int(row[0])

    def count(self, count_group: str, *, since: int, most: int) -> int:
        """The distinct computers counted at or after `since`, or `most` where there are as many or more."""
        found = self._run(
            "SELECT count(*) FROM (SELECT 1 FROM counted WHERE count_group = ? AND last_seen >= ? LIMIT ?)",
            (count_group, since, most),
        ).fetchone()
        return int(found[0])

    def note_counted(self, count_group: str, dev: str, *, now: int) -> None:
        """Counts a computer at that time."""
        self._run(
            "INSERT INTO counted VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last_seen = excluded.last_seen",
            (count_group, dev, now),
        )

    def note_asked(self, ask: LeaseAsk, *, lease_expires: int | None) -> bool:
        """Puts a request into the inventory; says whether the computer had a lease for that product before."""
        dev, product, now = ask.request.dev, ask.request.product, ask.now
        self._note_computer(ask)
        before = self._run("SELECT lease_expires FROM asked WHERE dev = ? AND product = ?", (dev, product)).fetchone()
        self._run(
            "INSERT INTO asked VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_seen = excluded.last_seen,"
            " lease_expires = ifnull(excluded.lease_expires, lease_expires)",
            (dev, product, now, now, lease_expires),
        )
        return before is not None and before[0] is not None

    def note_answer(self, ask: LeaseAsk, payload: bytes, *, certificate: str) -> None:
        """Puts on record exactly what will be signed."""
        self._run(
            "INSERT INTO answer (jkt, rid, digest, payload, certificate, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET payload = excluded.payload, certificate = excluded.certificate",
            (ask.jkt, ask.request.rid, ask.digest, payload, certificate, ask.now),
        )

    def note_tally(self, what: str, day: int, *, more: int) -> None:
        """Adds to the day's number of answers of a kind."""
        self._run("INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", (day, what, more))

    def forget_answers(self, before: int) -> int:
        """Drops answers recorded before that time, and says how many."""
        return self._run("DELETE FROM answer WHERE at < ?", (before,)).rowcount

    def _note_computer(self, ask: LeaseAsk) -> None:
        """A device key that comes back after another one was used there shows that the computer exists twice."""
        dev = ask.request.dev
        row = self._run("SELECT jkt FROM computer WHERE dev = ?", (dev,)).fetchone()
        came_back = 0
        if row is not None and row[0] != ask.jkt:
            former = self._run("SELECT 1 FROM former_key WHERE dev = ? AND jkt = ?", (dev, ask.jkt)).fetchone()
            came_back = int(former is not None)
            self._run("INSERT INTO former_key VALUES (?, ?) ON CONFLICT DO NOTHING", (dev, row[0]))
        self._run(
            "INSERT INTO computer VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET jkt = excluded.jkt,"
            " hint = CASE excluded.hint WHEN '' THEN hint ELSE excluded.hint END, virtual = excluded.virtual,"
            " last_seen = excluded.last_seen, came_back = max(came_back, ?)",
            (dev, ask.jkt, ask.hint, ask.request.virtual, ask.now, ask.now, came_back),
        )
