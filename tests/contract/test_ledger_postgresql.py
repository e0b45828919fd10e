"""What is PostgreSQL's alone: connections that are lost, databases that hold something, URLs, steps of the schema."""

from contextlib import suppress

import psycopg
import pytest
from postgres import Server

from tests.contract.test_ledger import break_a_rule, put
from tests.support.databases import BROKEN
from volact.errors import Damaged, Refused, VolactError
from volact.service.ledger import settings
from volact.service.ledger.connection import Database, connect, creating, writing
from volact.service.ledger.migrating import lay
from volact.service.ledger.postgresql import PostgresqlLedger
from volact.service.ledger.schema import MIGRATIONS

URL = settings.URL


def test_transaction_with_a_failed_statement_is_never_called_committed(postgresql: Server, laid: str) -> None:
    """Where an error was swallowed PostgreSQL undoes the transaction: that is told, never passed as committed."""
    ledger = connect(Database(postgresql.database(laid)))

    def swallow() -> None:
        with writing(ledger):
            settings.put(ledger, URL, value="x")
            with suppress(*BROKEN):
                break_a_rule(ledger)

    with pytest.raises(VolactError, match="undid"):
        swallow()
    assert settings.text(ledger, URL) is None
    ledger.close()


def test_connection_that_is_lost_in_a_transaction_loses_all_of_it(postgresql: Server, laid: str) -> None:
    """A transaction whose connection is cut is `not_ready`; nothing of it runs outside, and the next one is whole."""
    url = postgresql.database(laid)
    ledger = connect(Database(url))

    def lose() -> None:
        with writing(ledger):
            settings.put(ledger, "first", value=1)
            with psycopg.connect(url, autocommit=True) as operator:
                operator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            with suppress(VolactError):
                settings.put(ledger, "second", value=2)
            settings.put(ledger, "third", value=3)

    with pytest.raises(VolactError) as caught:
        lose()
    assert caught.value.code == "not_ready"
    put(ledger, "x")
    assert [settings.text(ledger, name) for name in ("first", "second", "third", URL)] == [None, None, None, "x"]
    ledger.close()


def test_commits_wait_for_the_disk_whatever_the_database_says(postgresql: Server, laid: str) -> None:
    """A database set to answer before its disk does is not believed; one set to wait for a standby's state is."""
    url = postgresql.database(laid)
    name = url.rpartition("/")[2]
    for given, holds in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        with psycopg.connect(url, autocommit=True) as operator:
            operator.execute(f"ALTER DATABASE {name} SET synchronous_commit = {given}")  # type: ignore[arg-type]
        ledger = connect(Database(url))
        assert ledger.execute("SHOW synchronous_commit").fetchone() == (holds,)
        ledger.close()


def test_database_that_holds_something_is_left_alone(postgresql: Server) -> None:
    """A database with somebody's table is no ledger, and none is laid in it."""
    url = postgresql.database()
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
        with pytest.raises(Damaged):
            connect(Database(url))
        with pytest.raises(Refused) as caught, creating(Database(url)):
            pass
        assert caught.value.code == "already_initialized"
        assert other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == [("songs",)]


def test_founding_that_fails_leaves_an_empty_database(postgresql: Server) -> None:
    """What goes wrong while a ledger is made leaves its database as empty as before, for another try."""
    place = Database(postgresql.database())

    def fail() -> None:
        with creating(place) as ledger:
            put(ledger, "x")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with creating(place) as ledger:
        assert settings.text(ledger, URL) is None
    connect(place).close()


def test_ledger_of_the_first_version_is_a_whole_one_after(postgresql: Server) -> None:
    """A PostgreSQL ledger of the first step has, once opened, what a new one has, and its slots in their order."""
    url = postgresql.database()
    old = PostgresqlLedger(url)
    old.claim()
    with writing(old):
        for statement in MIGRATIONS[0]:
            old.execute(old.dialect.table(statement))
        old.set_version(1)
        old.execute("INSERT INTO organizations VALUES ('O-1', 'Nordlys', NULL, 'NO', 1)")
        old.execute("INSERT INTO agreements VALUES ('L-1', 'O-1', 'open-license', NULL, NULL, NULL, 1)")
        key = ("K1", "L-1", "host", "g", "p", "active", 6, 2, "AAAAA", b"sealed", b"proof", 1)
        old.execute(f"INSERT INTO keys VALUES ({', '.join('?' * 12)})", key)
        old.execute("INSERT INTO slots VALUES ('H2', 'K1', 'd2', 'j2', 0, 3), ('H1', 'K1', 'd1', 'j1', 4, 3)")
        old.execute(
            "INSERT INTO certificates VALUES ('C2', 'H2', NULL, 0, 'j', 1, 2), ('C1', 'H1', NULL, 0, 'j', 1, 2)"
        )
    old.close()
    ledger = connect(Database(url))
    slots = ledger.execute("SELECT host_id, live FROM slots ORDER BY at, rowid").fetchall()
    assert slots == [("H2", 1), ("H1", 1)]
    fresh = PostgresqlLedger(postgresql.database())
    fresh.claim()
    lay(fresh)
    shape = (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    indexes = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
    for question in (shape, indexes):
        assert ledger.execute(question).fetchall() == fresh.execute(question).fetchall()
    ledger.close()
    fresh.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://kari:s3cret@localhost/volact", "password"),
        ("postgresql://kari@localhost/volact?password=s3cret", "password"),
        ("postgresql://kari@localhost", "no database"),
        ("mysql://kari@localhost/volact", "postgresql://USER"),
        ("postgresql://kari@localhost:port/volact", "s"),
        ("postgresql://kari@[::1/volact?s3cret", "this is none"),
        ("", "postgresql://USER"),
    ],
)
def test_url_is_checked_and_never_repeated(url: str, told: str) -> None:
    """A URL that gives a password, or names no database, is refused in words that do not repeat it."""
    with pytest.raises(VolactError) as caught:
        Database(url).ledger().begin(write=True)
    assert told in caught.value.detail
    assert "s3cret" not in caught.value.detail
