import sqlite3
from pathlib import Path

import pytest

from volact.errors import Damaged, StorageFull, VolactError
from volact.service.ledger import settings
from volact.service.ledger.connection import connect, create, reading, translated, writing


def test_a_new_database_keeps_what_is_written(tmp_path: Path) -> None:
    """A setting written to a new database is there when the database is opened again."""
    made = create(tmp_path / "ledger.db")
    with writing(made):
        settings.put(made, settings.URL, value="https://act.acme.example")
    made.close()
    again = connect(tmp_path / "ledger.db")
    assert settings.text(again, settings.URL) == "https://act.acme.example"
    again.close()


@pytest.mark.parametrize("length", [0, 1, 99, 4096, 70_000])
def test_a_cut_database_is_damaged(tmp_path: Path, length: int) -> None:
    """A database that was cut short, to nothing or to any length, is state_damaged when it is opened."""
    create(tmp_path / "whole.db").close()
    cut = (tmp_path / "whole.db").read_bytes()[:length]
    (tmp_path / "cut.db").write_bytes(cut)
    with pytest.raises(Damaged):
        connect(tmp_path / "cut.db")
    assert (tmp_path / "cut.db").read_bytes() == cut


def test_a_foreign_database_is_damaged(tmp_path: Path) -> None:
    """Another program's database, a text, and no file at all are state_damaged, and are left as they are."""
    foreign = sqlite3.connect(tmp_path / "foreign.db")
    foreign.execute("CREATE TABLE songs (title TEXT)")
    foreign.close()
    (tmp_path / "text.db").write_text("dear diary\n" * 1000)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for name in ("foreign.db", "text.db", "none.db"):
        with pytest.raises(Damaged):
            connect(tmp_path / name)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert not (tmp_path / "none.db").exists()


def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    """A database that a newer program made is refused rather than read half."""
    made = create(tmp_path / "ledger.db")
    made.execute("PRAGMA user_version = 4000")
    made.close()
    with pytest.raises(Damaged, match="newer"):
        connect(tmp_path / "ledger.db")


def test_a_full_disk_undoes_the_transaction(tmp_path: Path) -> None:
    """A transaction that finds the disk full is storage_full and leaves nothing of itself."""
    ledger = create(tmp_path / "ledger.db")
    pages = ledger.execute("PRAGMA page_count").fetchone()[0]
    ledger.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with writing(ledger):
            settings.put(ledger, "first", value=1)
            settings.put(ledger, "large", value="x" * 100_000)

    with pytest.raises(StorageFull):
        fill()
    assert settings.text(ledger, "first") is None
    ledger.close()


def test_a_locked_database_is_not_ready(tmp_path: Path) -> None:
    """A database that another writer keeps beyond the waiting time is not_ready, which a caller may try again."""
    first, second = create(tmp_path / "ledger.db"), connect(tmp_path / "ledger.db")
    second.execute("PRAGMA busy_timeout = 10")
    with writing(first), pytest.raises(VolactError) as caught, writing(second):
        pass
    assert caught.value.code == "not_ready"
    first.close()
    second.close()


def test_a_broken_statement_stays_a_defect() -> None:
    """An error that no disk and no damage explains keeps its own name."""
    with pytest.raises(sqlite3.IntegrityError), translated(Path("ledger.db")):
        raise sqlite3.IntegrityError("a rule of the database")


def test_a_reader_sees_one_state(tmp_path: Path) -> None:
    """A reading transaction sees the same state from its first line to its last, whatever others commit meanwhile."""
    first, second = create(tmp_path / "ledger.db"), connect(tmp_path / "ledger.db")
    with reading(first):
        before = settings.text(first, settings.URL)
        with writing(second):
            settings.put(second, settings.URL, value="https://new.example")
        assert settings.text(first, settings.URL) == before
    assert settings.text(first, settings.URL) == "https://new.example"
    first.close()
    second.close()


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
def test_the_audit_is_append_only(tmp_path: Path, statement: str) -> None:
    """No row of the audit can be changed or deleted, not even by a statement of our own."""
    ledger = create(tmp_path / "ledger.db")
    ledger.execute("INSERT INTO audit (at, who, act, subject, detail) VALUES (1, 'kari', 'issued', 'K', '{}')")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger.execute(statement)
    ledger.close()
