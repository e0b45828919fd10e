"""What status, page and metrics read from the host's database, beside a running host too."""

from __future__ import annotations

from volact.host.records import Computer
from volact.host.store import Database

_COMPUTERS = """
SELECT c.dev, c.hint, c.virtual, a.first, a.last, a.ends,
       (SELECT group_concat(product, ' ') FROM (SELECT product FROM asked WHERE dev = c.dev ORDER BY product))
FROM (SELECT dev, min(first_seen) AS first, max(last_seen) AS last, max(lease_expires) AS ends
      FROM asked GROUP BY dev ORDER BY last DESC, dev LIMIT ?) AS a
JOIN computer AS c ON c.dev = a.dev ORDER BY a.last DESC, c.dev
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
                "SELECT count(DISTINCT dev) FROM asked INDEXED BY asked_counted"
                " WHERE count_group = ? AND last_counted >= ?",
                (count_group, since),
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
            for dev, hint, virtual, first, last, expires, products in rows
        )

    def computers_known(self) -> int:
        """How many computers ever asked."""
        with self._database.translated():
            return int(self._run("SELECT count(*) FROM computer").fetchone()[0])

    def tally(self, day: int) -> dict[str, int]:
        """A day's numbers of answers by kind: `activated`, `renewed`, and the codes of refusals."""
        with self._database.translated():
            return dict(self._run("SELECT what, n FROM tally WHERE day = ?", (day,)).fetchall())
