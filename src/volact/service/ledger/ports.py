"""What the ledger's functions need of a database: the seam with a side for SQLite and one for PostgreSQL.

A statement is written once, for both: parameters are `?`, rows are tuples read by place, texts sort by their code
points, a table keeps the order of arrival as `rowid`. Where the two differ, `Dialect` has the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words that differ between the databases.

    `texts` opens a FROM with one parameter, a JSON list of texts, as `e`; `pairs` is a FROM with a JSON list of pairs,
    joined to a table by a condition. The list leads, each of its lines is one look into an index: in `pairs` always,
    in `texts` where PostgreSQL's planner agrees, so a table that grows under load is asked by `pairs`. `each` is the
    list of pairs alone. `text`, `first` and `second` are what a line holds, `number` is the second as a number.
    `seen` asks for something that differs as soon as anybody else has committed anything. `table` puts a statement of
    the schema into the dialect. Said in a transaction, `unhurried` lets it take as long as it needs, and `impatient`
    has it wait for others no longer than those can wait who come after it; `traceless`, said before one, has what is
    erased overwritten where the database can do so.
    """

    texts: str
    text: str
    pairs: Callable[[str, str], str]
    each: str
    first: str
    second: str
    number: str
    seen: str
    table: Callable[[str], str]
    unhurried: tuple[str, ...] = ()
    impatient: tuple[str, ...] = ()
    traceless: tuple[str, ...] = ()


class Rows(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Ledger(Protocol):
    """One connection, for one thread at a time; a statement outside of a transaction is one by itself."""

    @property
    def name(self) -> str:
        """The database's name, for messages."""
        ...

    @property
    def dialect(self) -> Dialect:
        """The words of this database."""
        ...

    @property
    def version(self) -> int:
        """Which step of the schema the database stands at; 0 before the first."""
        ...

    @property
    def is_served(self) -> bool:
        """Whether each statement waits for a server."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun and can go on."""
        ...

    def execute(self, statement: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Runs one statement."""
        ...

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Runs one statement for each line of parameters."""
        ...

    def add(self, into: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Adds many rows by the database's shortest way; `into` is a table with its columns: `refused (code, day)`."""
        ...

    def set_version(self, version: int) -> None:
        """Says which step of the schema the database stands at, in the transaction that brought it there."""
        ...

    def index(self, statement: str, /) -> None:
        """Makes an index unless it is there, outside of a transaction; writers go on meanwhile where they can."""
        ...

    def begin(self, *, write: bool) -> None:
        """Begins a transaction: one that writes has the ledger to itself from here on, another sees one state."""
        ...

    def commit(self) -> None:
        """Ends the transaction; on disk when this returns."""
        ...

    def rollback(self) -> None:
        """Undoes the transaction, if there is one left; the connection can be used after it."""
        ...

    def close(self) -> None:
        """Gives the connection back."""
        ...
