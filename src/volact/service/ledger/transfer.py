"""Every row of a ledger from one kind of database into the other, table by table, a bounded number in memory.

Both were laid by the same steps, so that they have the same tables and columns; the file says which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from volact.service.ledger.sqlite import SqliteLedger

if TYPE_CHECKING:
    from volact.service.ledger.postgresql import PostgresqlLedger


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `order` is the column that tells the order of arrival, None where there is none."""

    name: str
    columns: tuple[str, ...]
    order: str | None

    @property
    def rows(self) -> str:
        """The statement that reads all of it, the first row first."""
        order = f" ORDER BY {self.order}" if self.order else ""
        return f"SELECT {', '.join(self.columns)} FROM {self.name}{order}"


def into_file(source: PostgresqlLedger, target: SqliteLedger) -> None:
    """Fills a file that was just laid, from one state of a database, inside the caller's transactions."""
    for table in _emptied(target, target):
        values = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({values})"
        target.executemany(statement, source.stream(table.rows))


def from_file(source: SqliteLedger, target: PostgresqlLedger) -> None:
    """Fills a database that was just laid, from a file, inside the caller's transactions."""
    for table in _emptied(source, target):
        target.fill(table.name, table.columns, rows=iter(source.execute(table.rows)))


def _emptied(file: SqliteLedger, target: SqliteLedger | PostgresqlLedger) -> Iterator[Table]:
    """The tables, those that others refer to first; of the target the one row that laying it has written is gone."""
    target.execute("DELETE FROM settings")
    found = {table.name: table for table in _tables(file)}
    refers = {
        name: {row[2] for row in file.execute(f"PRAGMA foreign_key_list({name})") if row[2] != name} for name in found
    }
    return (found[name] for name in TopologicalSorter(refers).static_order())


def _tables(file: SqliteLedger) -> Iterator[Table]:
    kept_in_order = {
        row[1]: not row[4]  # WITHOUT ROWID
        for row in file.execute("PRAGMA main.table_list").fetchall()
        if row[2] == "table" and not row[1].startswith("sqlite_")
    }
    for name, in_order in sorted(kept_in_order.items()):
        columns = file.execute(f"PRAGMA table_info({name})").fetchall()
        numbers = [row[1] for row in columns if row[5] and row[2] == "INTEGER"]
        keys = [row for row in columns if row[5]]
        order = None if not in_order else numbers[0] if len(numbers) == len(keys) == 1 else "rowid"
        yield Table(name, tuple(row[1] for row in columns), order)
