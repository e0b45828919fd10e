"""Steps of the schema: what they may do, taken while others work, and which programs they leave behind."""

import re
import threading
from collections.abc import Sequence

import pytest

from volact.errors import Damaged, VolactError
from volact.service.ledger import audit, settings
from volact.service.ledger.connection import connect, reading, writing
from volact.service.ledger.migrating import migrate
from volact.service.ledger.ports import Ledger
from volact.service.ledger.schema import FLOOR, MIGRATIONS
from volact.service.ports import Act

COLUMN = ("ALTER TABLE audit ADD COLUMN note TEXT",)
INDEX = ("CREATE INDEX audit_at ON audit (at)",)
_TABLE = re.compile(r"\s*CREATE TABLE (\w+)")
_NEW_INDEX = re.compile(r"\s*CREATE (UNIQUE )?INDEX \w+ ON (\w+)")
_COLUMNS = re.compile(r"CREATE INDEX (\w+) ON (\w+) \(([^)]*)\)\s*$")
_NEW_COLUMN = re.compile(r"\s*ALTER TABLE (\w+) ADD COLUMN (.*)", re.DOTALL)


def offences(step: Sequence[str]) -> list[str]:
    """The statements of a step that a program which does not know it, or its writers, would suffer from."""
    own = {found[1] for statement in step if (found := _TABLE.match(statement))}
    only_indexes = all(_NEW_INDEX.match(statement) for statement in step)

    def allowed(statement: str) -> bool:
        if _TABLE.match(statement):
            return True
        if gone := re.match(r"DROP INDEX (\w+)$", statement):
            return is_stood_in_for(gone[1])
        if index := _NEW_INDEX.match(statement):
            return index[2] in own or (only_indexes and index[1] is None)
        if column := _NEW_COLUMN.match(statement):
            return "NOT NULL" not in column[2] or "DEFAULT" in column[2]
        trigger = re.match(r"\s*CREATE TRIGGER \w+ BEFORE (?:UPDATE|DELETE) ON (\w+)", statement)
        return trigger is not None and trigger[1] in own

    return [statement for statement in step if not allowed(statement)]


def is_stood_in_for(index: str) -> bool:
    """Whether an index that forbids nothing is the beginning of another one, of a step."""
    made = [found.groups() for step in MIGRATIONS for each in step if (found := _COLUMNS.match(each.strip()))]
    old = [(table, columns) for name, table, columns in made if name == index]
    return bool(old) and any(table == old[0][0] and columns.startswith(f"{old[0][1]}, ") for _, table, columns in made)


def test_steps_after_the_floor_only_add() -> None:
    """A step that older programs live through adds tables, columns they need not fill, and plain indexes alone."""
    assert [found for step in MIGRATIONS[FLOOR:] for found in offences(step)] == []


@pytest.mark.parametrize(
    "step",
    [
        ["DROP TABLE denials"],
        ["DROP INDEX activations_device_key"],
        ["DROP INDEX activations_product"],
        ["ALTER TABLE keys RENAME COLUMN used TO taken"],
        ["ALTER TABLE keys ADD COLUMN note TEXT NOT NULL"],
        ["UPDATE keys SET used = 0"],
        ["CREATE UNIQUE INDEX audit_once ON audit (at)"],
        [*COLUMN, *INDEX],
        ["CREATE TRIGGER no_more BEFORE UPDATE ON keys BEGIN SELECT RAISE(ABORT, 'no'); END"],
    ],
)
def test_a_step_that_does_more_is_found(step: list[str]) -> None:
    """What takes away, even an index, renames, rewrites, forbids, or holds up writers is found before it is a step."""
    assert len(offences(step)) == 1


@pytest.mark.parametrize(
    "step", [COLUMN, INDEX, ["ALTER TABLE keys ADD COLUMN n INTEGER NOT NULL DEFAULT 0"],
             ["CREATE TABLE notes (note TEXT) STRICT", "CREATE UNIQUE INDEX notes_note ON notes (note)"]],
)  # fmt: skip
def test_a_step_that_adds_is_none_of_them(step: list[str]) -> None:
    """New tables with whatever indexes, columns without a value or with a default, and a step of indexes may come."""
    assert offences(step) == []


@pytest.fixture
def ledger(ledger_at):
    """A ledger of this program's newest step."""
    ledger = connect(ledger_at)
    yield ledger
    ledger.close()


def note(ledger: Ledger, who: str = "kari") -> None:
    """One act on record."""
    with writing(ledger):
        audit.write(ledger, Act(who, 1), what="noted", subject="K")


def test_an_older_program_goes_on_after_a_step_that_adds(ledger, ledger_at) -> None:
    """Whoever has the ledger open, and whoever opens it with fewer steps, reads and writes on."""
    newer = connect(ledger_at)
    note(ledger)
    migrate(newer, steps=(*MIGRATIONS, COLUMN, INDEX))
    assert newer.version == len(MIGRATIONS) + 2
    note(ledger)
    again = connect(ledger_at)  # with the steps of this program, which are fewer
    note(again)
    assert len(audit.history(ledger, "K")) == 3
    assert again.execute("SELECT note FROM audit").fetchall()[0][0] is None
    for each in (newer, again):
        each.close()


def test_a_program_below_the_floor_is_told(ledger, ledger_at) -> None:
    """Where a step needs to be known, a program that does not know it is told, and nothing is changed."""
    migrate(ledger, steps=(*MIGRATIONS, COLUMN), floor=len(MIGRATIONS) + 1)
    with pytest.raises(Damaged, match="newer"):
        connect(ledger_at)
    migrate(ledger, steps=(*MIGRATIONS, COLUMN, INDEX))  # by a program whose own floor is lower
    assert settings.schema_floor(ledger) == len(MIGRATIONS) + 1
    with pytest.raises(Damaged):
        connect(ledger_at)


def test_an_index_that_is_half_made_is_made_again(ledger) -> None:
    """A step of indexes that was ended after the index, before it was noted, is taken again and ends well."""
    for statement in INDEX:
        ledger.index(statement)
    migrate(ledger, steps=(*MIGRATIONS, INDEX))
    assert ledger.version == len(MIGRATIONS) + 1


@pytest.mark.parametrize("ledger_at", ["postgresql"], indirect=True)
def test_an_index_that_its_database_calls_invalid_is_made_anew(ledger) -> None:
    """What is left of an index whose making failed is dropped, and the index made."""
    note(ledger)
    note(ledger)
    with pytest.raises(Exception, match="could not create unique index"):
        ledger.execute("CREATE UNIQUE INDEX CONCURRENTLY audit_at ON audit (at)")
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('audit_at')"
    assert ledger.execute(valid).fetchall() == [(False,)]
    migrate(ledger, steps=(*MIGRATIONS, INDEX))
    assert ledger.execute(valid).fetchall() == [(True,)]


@pytest.mark.parametrize("ledger_at", ["postgresql"], indirect=True)
def test_a_step_lets_others_go_on_while_somebody_reads_for_long(ledger, ledger_at) -> None:
    """While a long reader has the table that a step changes, others read and write it between the step's tries."""
    reader, newer = connect(ledger_at), connect(ledger_at)
    told: list[VolactError] = []
    with reading(reader):
        reader.execute("SELECT count(*) FROM audit").fetchall()
        migration = threading.Thread(target=lambda: migrate(newer, steps=(*MIGRATIONS, COLUMN)))
        migration.start()
        for number in range(5):
            threading.Event().wait(0.4)
            try:
                note(ledger, f"kari {number}")
            except VolactError as error:
                told.append(error)
        assert migration.is_alive()
    migration.join(60)
    assert told == []
    assert newer.version == len(MIGRATIONS) + 1
    assert len(audit.history(ledger, "K")) == 5
    for each in (reader, newer):
        each.close()
