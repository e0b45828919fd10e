"""PostgreSQL's side of the seam: the ledger as one database, written by one transaction at a time."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

from volact.errors import Damaged, Refusal, Refused, StorageFull, VolactError
from volact.service.ledger.dialects import POSTGRESQL
from volact.service.ledger.ports import Dialect, Row

OLDEST = 13  # the first one with pg_current_snapshot
WRITER_LOCK = 0x566F6C61  # "Vola": whoever writes to the ledger holds this lock, which is of one database
INDEX_LOCK = WRITER_LOCK + 1  # held by whoever makes an index beside others
PRESENCE_LOCK = WRITER_LOCK + 2  # shared by everybody who has the ledger open, of one who has it alone
STREAMED = 5_000  # rows that are in memory at once where all of a table is read
# A server out of reach is left alone so long, or so many times as long as it took to know.
AGAIN_SECONDS, AGAIN_TIMES = 1.0, 4
_CONNECTION = {
    "application_name": "volact",
    "client_encoding": "UTF8",
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "tcp_user_timeout": "10000",
    "target_session_attrs": "read-write",
}
# Without `enable_seqscan` a table is read whole only where no index serves: a plan made while a table was small is kept
# while it grows.
_SETTINGS = """
    SET lock_timeout = '30s'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s';
    SET jit = off;
    SET enable_seqscan = off;
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
"""
_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()"
_FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype
"""
Done = TypeVar("Done")

_PRESENT = f"SELECT pg_try_advisory_lock_shared({PRESENCE_LOCK})"
_ALONE = f"SELECT pg_try_advisory_lock({PRESENCE_LOCK})"
_WRITE = f"BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK})"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_LOST = frozenset({"25006", "25P03", "57P01", "57P02", "57P03", "57P04", "57P05"})
_AWAY = frozenset({"40001", "40P01", "55P03", "57014"})
_AWAY_CLASSES = frozenset({"08", "28", "3D", "53", "57", "58"})


class Rows:
    """What a statement gave, all of it in memory."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Row], rowcount: int) -> None:
        self._rows = iter(rows)
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def fetchone(self) -> Row | None:
        """The next row, or None."""
        return next(self._rows, None)

    def fetchall(self) -> list[Row]:
        """The rows that are left."""
        return list(self._rows)


class PostgresqlLedger:
    """`ports.Ledger` on a server; raises StorageFull, Damaged or `not_ready` by itself, and connects again after it.

    Each connection shares the ledger with others, or has it `alone`: then connecting raises Refused (`folder_in_use`)
    while others have it open, and theirs are `not_ready` while this one is there.
    """

    dialect: Dialect = POSTGRESQL
    is_served = True

    def __init__(self, url: str, *, alone: bool = False) -> None:
        self._parameters = check_url(url)
        self._alone = alone
        self.name: str = self._parameters["dbname"]
        self._connection: psycopg.Connection[Row] | None = None
        self._cursor: psycopg.RawCursor[Row] | None = None
        self._begun = False
        self._failed: tuple[float, str] | None = None

    def claim(self) -> None:
        """Makes an empty database ours; raises Refused: `already_initialized`, `usage` for one that we cannot use."""
        self.begin(write=True)
        try:
            self.put_claim()
            self.commit()
        except BaseException:
            self.rollback()
            raise

    def put_claim(self) -> None:
        """`claim` inside the caller's transaction."""
        if not self.is_empty:
            detail = f"the database {self.name} is not empty"
            raise Refused(Refusal("already_initialized", detail, {"database": self.name}))
        version, encoding = self.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding')"
        ).fetchall()[0]
        if version < OLDEST or encoding != "UTF8":
            detail = f"{self.name} is of PostgreSQL {version} in {encoding}, not of {OLDEST} or later in UTF8"
            raise Refused(Refusal("usage", detail))
        self.execute("CREATE TABLE schema_version (version BIGINT PRIMARY KEY)")

    @property
    def is_empty(self) -> bool:
        """Whether the database holds no table, of whatever program."""
        return not self.execute("SELECT 1 FROM pg_tables WHERE schemaname = current_schema()").fetchall()

    def clear(self) -> None:
        """Takes away everything that was made since `claim`."""
        for table in self.execute(_TABLES):
            self.execute(f"DROP TABLE IF EXISTS {table[0]} CASCADE")
        for function in self.execute(_FUNCTIONS):
            self.execute(f"DROP FUNCTION {function[0]}")

    def set_aside(self, schema: str) -> None:
        """Moves everything that was made since `claim` into a new schema of that name, in the caller's transaction."""
        self.execute(f"CREATE SCHEMA {schema}")
        for table in self.execute(_TABLES):
            self.execute(f"ALTER TABLE {table[0]} SET SCHEMA {schema}")
        for function in self.execute(_FUNCTIONS):
            self.execute(f"ALTER FUNCTION {function[0]} SET SCHEMA {schema}")

    def stream(self, statement: str) -> Iterator[Row]:
        """The rows of a statement in the caller's transaction, so many in memory at once."""
        if self._connection is None or not self.in_transaction:
            raise self._away("there is no transaction to read in")
        with psycopg.RawServerCursor(self._connection, "streamed") as cursor:
            cursor.itersize = STREAMED
            self._named(lambda: cursor.execute(statement.encode()))
            while page := self._named(lambda: cursor.fetchmany(STREAMED)):
                yield from page

    def fill(self, table: str, columns: Sequence[str], *, rows: Iterable[Row]) -> None:
        """Writes rows into an empty table, in their order; numbers that come by themselves go on after them."""
        self._named(lambda: self._copy_in(f"COPY {table} ({', '.join(columns)}) FROM STDIN", rows))
        for (column,) in self.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attidentity = 'd'", (table,)
        ):
            newest = f"(SELECT max({column}) FROM {table})"
            self.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {newest})")
        self.execute(f"ANALYZE {table}")  # or the first minutes are served by plans for empty tables

    def _copy_in(self, statement: str, rows: Iterable[Row]) -> None:
        with self._opened().copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    @property
    def version(self) -> int:
        """Which step of the schema the database stands at; 0 where it is no ledger."""
        if self.execute("SELECT to_regclass('schema_version') IS NULL").fetchall()[0][0]:
            return 0
        return int(self.execute("SELECT max(version) FROM schema_version").fetchall()[0][0] or 0)

    def set_version(self, version: int) -> None:
        """Notes the steps up to that one, each once."""
        self.execute(
            "INSERT INTO schema_version SELECT generate_series((SELECT coalesce(max(version), 0) + 1"
            " FROM schema_version), ?)",
            (version,),
        )

    def index(self, statement: str, /) -> None:
        """Makes an index unless it is there, beside whoever writes, for as long as it takes.

        One at a time in a database. What a program left that was ended meanwhile is no index yet, and made anew.
        """
        pause = threading.Event()
        while not self.execute(f"SELECT pg_try_advisory_lock({INDEX_LOCK})").fetchall()[0][0]:
            pause.wait(1)  # outside of any statement: whoever makes one waits for all that are under way
        try:
            for setting in ("statement_timeout", "lock_timeout"):
                self.execute(f"SET {setting} = 0")
            name = statement.split("INDEX ", 1)[1].split()[0]
            left = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(?) AND NOT indisvalid"
            if self.execute(left, (name,)).fetchall():
                self.execute(f"DROP INDEX CONCURRENTLY {name}")
            self.execute(statement.replace("INDEX ", "INDEX CONCURRENTLY IF NOT EXISTS ", 1))
        finally:
            self.close()  # its settings and its lock go with the session; the next statement makes another

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun on a connection that still stands."""
        return self._begun and self._connection is not None and not self._connection.closed

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Runs one statement; one that only reads is tried again where the connection was lost since the last one."""
        return self._named(
            lambda: self._run(statement, parameters), again=not self._begun and statement.lstrip().startswith("SELECT")
        )

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Runs one statement for each line, all of them in one turn."""
        lines = list(parameters)
        if lines:
            self._named(lambda: self._opened().executemany(_numbered(statement), lines))

    def add(self, into: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Adds rows by one COPY."""
        lines = list(rows)
        if lines:
            self._named(lambda: self._copy(into, lines))

    def begin(self, *, write: bool) -> None:
        """Begins a transaction; one that writes waits for the others, up to 30 seconds."""
        self._named(lambda: self._begin(_WRITE if write else _READ), again=True)

    def commit(self) -> None:
        """Ends the transaction; raises VolactError where the server undid it instead."""
        done = self._named(lambda: self._control("COMMIT"))
        self._begun = False
        if done != "COMMIT":
            raise VolactError(f"{self.name} undid a transaction in which a statement had failed")

    def rollback(self) -> None:
        """Undoes the transaction; a connection that cannot do so is dropped, which does it as well."""
        stands, self._begun = self.in_transaction, False
        if stands:
            try:
                self._control("ROLLBACK")
            except psycopg.Error:
                self.close()

    def close(self) -> None:
        """Gives the connection back."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                if self._alone and not self._connection.closed:  # at once, not when the server sees that we are gone
                    self._connection.execute("SELECT pg_advisory_unlock_all()")
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = self._cursor = None

    def _run(self, statement: str, parameters: Sequence[Any]) -> Rows:
        cursor = self._opened()
        cursor.execute(_numbered(statement), parameters or None)
        return Rows(cursor.fetchall() if cursor.description else (), cursor.rowcount)

    def _copy(self, into: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._opened().copy(f"COPY {into} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def _begin(self, statement: str) -> None:
        self._opened()
        self._begun = True
        try:
            self._control(statement)
        except BaseException:
            self.rollback()
            raise

    def _control(self, statement: str) -> str | None:
        """Begins or ends a transaction; gives what the server did."""
        cursor = self._opened()
        cursor.execute(statement, prepare=False)
        return cursor.statusmessage

    def _opened(self) -> psycopg.RawCursor[Row]:
        if self._cursor is not None and self._connection is not None and not self._connection.closed:
            return self._cursor
        if self._begun:
            raise self._away("the connection was lost in the middle of a transaction")
        return self._connect()

    def _connect(self) -> psycopg.RawCursor[Row]:
        began = time.monotonic()
        if self._failed is not None and began < self._failed[0]:
            raise self._away(self._failed[1])
        try:
            self._connection = psycopg.connect(autocommit=True, **self._parameters)
            self._connection.adapters.register_dumper(str, StrDumper)
            self._connection.adapters.register_dumper(int, Int8Dumper)
            self._cursor = psycopg.RawCursor(self._connection)
            self._cursor.execute(_SETTINGS, prepare=False)
            present = self._cursor.execute(_ALONE if self._alone else _PRESENT, prepare=False).fetchone() == (True,)
        except psycopg.Error as error:
            self._leave_alone(began, _said(error))
            raise
        if not present:
            self._leave_alone(began, "it is being restored")
            raise self._in_use() if self._alone else self._away("it is being restored")
        self._failed = None
        return self._cursor

    def _leave_alone(self, began: float, why: str) -> None:
        self.close()
        now = time.monotonic()
        self._failed = now + max(AGAIN_SECONDS, AGAIN_TIMES * (now - began)), why

    def _in_use(self) -> Refused:
        return Refused(Refusal("folder_in_use", f"a service or command has the ledger in {self.name} open"))

    def _named(self, work: Callable[[], Done], *, again: bool = False) -> Done:
        """Raises the driver's errors by our names; `again` does work once more that found a connection lost."""
        stood = self._connection is not None
        try:
            return work()
        except psycopg.Error as error:
            lost = error.sqlstate in _LOST or (isinstance(error, psycopg.OperationalError) and error.sqlstate is None)
            if lost:
                self.close()
            if not (lost and again and stood):
                raise self._translated(error, lost=lost) from error
        return self._named(work)

    def _translated(self, error: psycopg.Error, *, lost: bool) -> Exception:
        state = error.sqlstate or ""
        if state == "53100":
            return StorageFull(f"{self.name} could not be written: the disk of its server is full")
        if state in ("XX001", "XX002"):
            return Damaged(f"{self.name} is damaged: {_said(error)}")
        if state == "42501":
            return VolactError(f"{self.name}: {_said(error)}", code="not_permitted")
        if isinstance(error, psycopg.DataError) and not state:  # NUL, which SQLite keeps and this database does not
            return Refused(Refusal("usage", "something that was given holds a NUL character"))
        if lost or state in _AWAY or state[:2] in _AWAY_CLASSES:
            return self._away(_said(error))
        return error

    def _away(self, why: str) -> VolactError:
        return VolactError(f"{self.name} cannot be used at the moment: {why}", code="not_ready")


def check_url(url: str) -> dict[str, Any]:
    """What a connection is made of; raises Refused (`usage`) for a URL that names no database, or gives a password."""
    refusal = "--database takes postgresql://USER@HOST:PORT/NAME"
    if not url.startswith(("postgresql://", "postgres://")):
        raise Refused(Refusal("usage", refusal))
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:  # its text may hold the URL, and the URL a password
        raise Refused(Refusal("usage", f"{refusal}, and this is none")) from error
    if given.keys() & {"password", "sslpassword"}:
        detail = "a password in the URL would be seen by others on this machine: put it into ~/.pgpass, or PGPASSFILE"
        raise Refused(Refusal("usage", detail))
    if not given.get("dbname"):
        raise Refused(Refusal("usage", f"{refusal}, and this names no database"))
    return {**_CONNECTION, **given}


@lru_cache(maxsize=512)
def _numbered(statement: str) -> bytes:
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement).encode()


def _said(error: psycopg.Error) -> str:
    """The server's own words, on one line."""
    return " ".join((error.diag.message_primary or str(error)).split()) or type(error).__name__
