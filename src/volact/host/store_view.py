"""What status, page and metrics read from the host's database, beside a running host too."""

from __future__ import annotations

from volact.host.records import Computer
from volact.host.store import Database

_COMPUTERS = """
SELECT c.dev, c.hint, c.virtual, c.first_seen, c.last_seen,
       (SELECT group_concat(product, ' ') FROM (SELECT product FROM asked WHERE dev = c.dev ORDER BY product)),
       (SELECT max(lease_expires) FROM asked WHERE dev = c.dev)
FROM computer AS c ORDER BY c.last_seen DESC, c.dev LIMIT ?
"""


class HostView:
    """Reads what the lease book holds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run = database.connection.execute

    def count(self, count_group: str, since: int) -> int:
        """The distinct computers counted at or after that time."""
        with self._database.translated():
            row = self._run(
                "SELECT count(*) FROM counted WHERE count_group = ? AND last_seen >= ?", (count_group, since)
            ).fetchone()
        return int(row[0])

    def clones(self) -> int:
        """The computers on which a device key came back after another key was used there."""
        with self._database.translated():
            return int(self._run("SELECT count(*) FROM computer WHERE came_back = 1").fetchone()[0])

    def computers(self, most: int = -1) -> tuple[Computer, ...]:
        """The computers that asked, those seen last first; at most so many, or all."""
        with self._database.translated():
            rows = self._run(_COMPUTERS, (most,)).fetchall()
        return tuple(
            Computer(dev, hint, tuple((products or "").split()), bool(virtual), first, last, expires)
            for dev, hint, virtual, first, last, products, expires in rows
        )

    def computers_known(self) -> int:
        """How many computers ever asked."""
        with self._database.translated():
            return int(self._run("SELECT count(*) FROM computer").fetchone()[0])

    def tally(self, day: int) -> dict[str, int]:
        """A day's numbers of answers by kind: `activated`, `renewed`, and the codes of refusals."""
        with self._database.translated():
            return dict(self._run("SELECT what, n FROM tally WHERE day = ?", (day,)).fetchall())
