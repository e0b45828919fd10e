"""What the service's ledger needs of a database, on SQLite and on a real PostgreSQL server."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.databases import BROKEN
from volact.errors import Damaged, Refused, VolactError
from volact.service.ledger import admission, audit, settings
from volact.service.ledger.connection import Database, connect, reading, step, writing
from volact.service.ledger.ports import Ledger
from volact.service.ledger.schema import MIGRATIONS
from volact.service.ports import Act

URL = settings.URL


@pytest.fixture
def opened(ledger_at: Path | Database) -> Iterator[Callable[[], Ledger]]:
    """Opens one more connection to the ledger."""
    made: list[Ledger] = []

    def one() -> Ledger:
        made.append(connect(ledger_at))
        return made[-1]

    yield one
    for ledger in made:
        ledger.close()


@pytest.fixture
def ledger(opened: Callable[[], Ledger]) -> Ledger:
    """A connection to an empty ledger."""
    return opened()


def put(ledger: Ledger, value: str) -> None:
    """Sets the address, in a transaction of its own."""
    with writing(ledger):
        settings.put(ledger, URL, value=value)


def break_a_rule(ledger: Ledger) -> None:
    """Writes what a rule of the database refuses."""
    ledger.execute("INSERT INTO documents (kind, version, payload, at) VALUES ('diary', 1, ?, 1)", (b"",))


def test_what_is_committed_is_seen_by_the_next_connection(opened: Callable[[], Ledger]) -> None:
    """What one connection has committed stands when another one looks."""
    put(opened(), "https://act.acme.example")
    assert settings.text(opened(), URL) == "https://act.acme.example"


def test_exception_undoes_the_transaction(ledger: Ledger) -> None:
    """Whatever ends a transaction early leaves nothing of it, and a connection that goes on."""

    def fail(error: BaseException) -> None:
        with writing(ledger):
            settings.put(ledger, URL, value="x")
            raise error

    for error in (VolactError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            fail(error)
        assert not ledger.in_transaction
    assert settings.text(ledger, URL) is None
    put(ledger, "y")
    assert settings.text(ledger, URL) == "y"


def test_broken_rule_is_a_defect_and_the_connection_goes_on(ledger: Ledger) -> None:
    """A statement that breaks a rule of the database keeps the database's own error, and undoes its transaction."""

    def write_and_break() -> None:
        with writing(ledger):
            settings.put(ledger, URL, value="x")
            break_a_rule(ledger)

    with pytest.raises(BROKEN):
        write_and_break()
    assert settings.text(ledger, URL) is None
    with pytest.raises(BROKEN):
        break_a_rule(ledger)
    put(ledger, "y")
    assert settings.text(ledger, URL) == "y"


def test_step_is_undone_by_itself(ledger: Ledger) -> None:
    """A part that fails, by a broken rule too, is undone and the rest is kept; parts may have parts."""
    with writing(ledger):
        settings.put(ledger, "first", value=1)
        with suppress(*BROKEN), step(ledger):
            settings.put(ledger, "second", value=2)
            break_a_rule(ledger)
        with step(ledger):
            settings.put(ledger, "third", value=3)
            with suppress(KeyError), step(ledger):
                settings.put(ledger, "fourth", value=4)
                raise KeyError
        settings.put(ledger, "fifth", value=5)
    kept = [settings.text(ledger, name) for name in ("first", "second", "third", "fourth", "fifth")]
    assert kept == ["1", None, "3", None, "5"]


def test_reader_sees_one_state(opened: Callable[[], Ledger]) -> None:
    """A reading transaction sees the same from its first line to its last, whatever others commit meanwhile."""
    first, second = opened(), opened()
    with reading(first):
        assert settings.text(first, URL) is None
        put(second, "https://new.example")
        assert settings.text(first, URL) is None
    assert settings.text(first, URL) == "https://new.example"


def test_what_others_commit_is_noticed(opened: Callable[[], Ledger]) -> None:
    """What `seen` gives stays while nobody commits, and differs once somebody has, also who was under way before."""
    first, second = opened(), opened()
    before = admission.seen(first)
    assert admission.seen(first) == before
    with writing(second):
        settings.put(second, URL, value="x")
        under_way = admission.seen(first)
        assert settings.text(first, URL) is None
    after = admission.seen(first)
    assert after not in (before, under_way)
    assert admission.seen(first) == after
    put(second, "y")
    assert admission.seen(first) != after


def test_writers_take_turns(opened: Callable[[], Ledger]) -> None:
    """Writers that count up what they read lose no step: each one sees what the one before it committed."""
    ledgers = [opened() for _ in range(4)]

    def count(ledger: Ledger) -> None:
        for _ in range(25):
            with writing(ledger):
                settings.put(ledger, "n", value=int(settings.text(ledger, "n") or 0) + 1)

    threads = [threading.Thread(target=count, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert settings.text(ledgers[0], "n") == "100"


def test_writer_that_waits_too_long_is_not_ready(opened: Callable[[], Ledger], ledger_at: Path | Database) -> None:
    """A writer that another one keeps out beyond the waiting time is `not_ready`, and may try again."""
    first, second = opened(), opened()
    second.execute("PRAGMA busy_timeout = 10" if isinstance(ledger_at, Path) else "SET lock_timeout = 10")
    with writing(first), pytest.raises(VolactError) as caught, writing(second):
        pass
    assert caught.value.code == "not_ready"
    put(second, "x")
    assert settings.text(first, URL) == "x"


def test_texts_and_bytes_come_back_as_they_were(ledger: Ledger) -> None:
    """Any text, and any bytes, come back as they were; texts sort by their code points, not as a language does."""
    names = ["Ångström", "Zebra", "apple", "Émile", "\U0001f511", "a%s$1?\\'\"", "100 %"]
    for name in names:
        put(ledger, name)
        assert settings.text(ledger, URL) == name
        settings.put(ledger, f"sorted {name}", value="x")
    found = ledger.execute("SELECT name FROM settings WHERE name LIKE 'sorted %' ORDER BY name").fetchall()
    assert [row[0] for row in found] == sorted(f"sorted {name}" for name in names)
    payload = bytes(range(256))
    ledger.execute("INSERT INTO documents (kind, version, payload, at) VALUES ('root', 1, ?, ?)", (payload, 2**40))
    assert ledger.execute("SELECT payload, at, text FROM documents").fetchone() == (payload, 2**40, None)


def test_text_that_cannot_be_written_is_misuse(ledger: Ledger) -> None:
    """A text that is none in UTF-8 is refused as `usage`, and so is NUL where the database cannot keep it."""
    with pytest.raises(Refused) as caught:
        put(ledger, "\udc80")
    assert caught.value.code == "usage"
    with suppress(Refused):
        put(ledger, "a\0b")
    put(ledger, "good")
    assert settings.text(ledger, URL) == "good"


def test_order_of_arrival_is_kept(ledger: Ledger) -> None:
    """Rows of the same second come back in the order in which they were written, also those of one statement."""
    lines = [(f"O-{number * 7 % 10}", f"n{number}") for number in range(10)]
    with writing(ledger):
        ledger.executemany("INSERT INTO organizations (organization_id, name, at) VALUES (?, ?, 1)", lines)
        ledger.executemany("INSERT INTO organizations (organization_id, name, at) VALUES (?, ?, 1)", [])
    found = ledger.execute("SELECT name FROM organizations ORDER BY at, rowid").fetchall()
    assert [row[0] for row in found] == [name for _, name in lines]


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
def test_audit_is_append_only(ledger: Ledger, statement: str) -> None:
    """No row of the audit can be changed or deleted, not even by a statement of our own."""
    with writing(ledger):
        audit.write(ledger, Act("kari", 1), what="issued", subject="K")
    with pytest.raises(BROKEN, match="append-only"):
        ledger.execute(statement)
    assert [row.who for row in audit.history(ledger, "K")] == ["kari"]


def test_newer_ledger_is_not_touched(ledger: Ledger, ledger_at: Path | Database) -> None:
    """A ledger that a newer program made is refused rather than read half."""
    with writing(ledger):
        settings.raise_floor(ledger, len(MIGRATIONS) + 1)
        ledger.set_version(len(MIGRATIONS) + 1)
    with pytest.raises(Damaged, match="newer"):
        connect(ledger_at)
