import sqlite3
from pathlib import Path

import pytest

from volact.errors import Damaged, StorageFull
from volact.service.ledger import settings
from volact.service.ledger.connection import connect, create, writing
from volact.service.ledger.migrating import migrate
from volact.service.ledger.schema import MIGRATIONS
from volact.service.ledger.sqlite import APPLICATION_ID, SqliteLedger


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


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """A database as the first version of the program left it, with renewed certificates."""
    path = tmp_path / "old.db"
    old = sqlite3.connect(path, isolation_level=None)
    old.execute("PRAGMA foreign_keys = ON")
    for statement in MIGRATIONS[0]:
        old.execute(statement)
    old.execute("INSERT INTO organizations VALUES ('O-1', 'Nordlys', NULL, 'NO', 1)")
    old.execute("INSERT INTO agreements VALUES ('L-1', 'O-1', 'open-license', NULL, NULL, NULL, 1)")
    for keyid, kind, used in (("K1", "host", 2), ("K2", "mak", 1)):
        row = (keyid, "L-1", kind, "g", "p", "active", 6, used, "AAAAA", b"sealed", b"proof", 1)
        old.execute(f"INSERT INTO keys VALUES ({', '.join('?' * 12)})", row)
    old.execute("INSERT INTO activations VALUES ('A1', 'K2', 'j3', 'd3', 'online', 'p', 1, 2)")
    old.execute("INSERT INTO answers VALUES (1, 'j3', 'r1', 'x', 'typ', 'kid', x'00', 'A1', 2)")
    old.execute("INSERT INTO slots VALUES ('H2', 'K1', 'd2', 'j2', 0, 3), ('H1', 'K1', 'd1', 'j1', 4, 2)")
    chain = [("C9", "H1", None, 1), ("C5", "H1", "C9", 1), ("C1", "H1", "C5", 0), ("C2", "H2", None, 0)]
    for at, (jti, host, predecessor, replaced) in enumerate(chain):
        old.execute(
            "INSERT INTO certificates VALUES (?, ?, ?, ?, 'j', ?, ?)", (jti, host, predecessor, replaced, at, at + 9)
        )
    old.execute("INSERT INTO audit (at, who, act, subject, detail) VALUES (1, 'kari', 'issued', 'K1', '{}')")
    old.execute("PRAGMA user_version = 1")
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.close()
    return path


def test_database_of_the_first_version_keeps_everything(first_version: Path) -> None:
    """A database of the first version opens with every key, activation, answer, slot and chain of certificates."""
    tables = ("organizations", "agreements", "keys", "activations", "answers", "audit")
    slots = "SELECT host_id, keyid, dev, jkt, reactivations, at FROM slots"
    chain = "SELECT jti, host_id, predecessor, replaced, jkt, iat, exp FROM certificates"
    old = sqlite3.connect(first_version)
    names = {table: [row[1] for row in old.execute(f"PRAGMA table_info({table})")] for table in tables}
    questions = [f"SELECT {', '.join(names[table])} FROM {table}" for table in tables] + [slots, chain]
    before = [sorted(old.execute(question).fetchall(), key=repr) for question in questions]
    old.close()
    ledger = connect(first_version)
    after = [sorted(map(tuple, ledger.execute(question)), key=repr) for question in questions]
    assert after == before
    assert {row[0] for row in ledger.execute("SELECT live FROM slots")} == {1}
    assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []
    assert ledger.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    ledger.close()


def test_database_of_the_first_version_is_a_whole_one_after(first_version: Path, tmp_path: Path) -> None:
    """A database of the first version has, once it was opened, the tables and indexes of a new one."""
    question = "SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2"
    ledger, fresh = connect(first_version), create(tmp_path / "new.db")
    assert list(map(tuple, ledger.execute(question))) == list(map(tuple, fresh.execute(question)))
    with pytest.raises(sqlite3.IntegrityError), ledger:
        ledger.execute("INSERT INTO certificates VALUES ('C3', 'H9', NULL, 0, 'j', 1, 2, NULL)")
    with pytest.raises(sqlite3.IntegrityError), ledger:
        ledger.execute("INSERT INTO slots VALUES ('H3', 'K1', 'd1', 'j', 0, 1, 9, NULL)")
    ledger.close()
    fresh.close()


def test_freed_slot_leaves_room_for_its_hardware(first_version: Path) -> None:
    """Hardware has one slot of a key that is taken, and any number that were freed."""
    ledger = connect(first_version)
    with pytest.raises(sqlite3.IntegrityError):
        ledger.execute("INSERT INTO slots VALUES ('H3', 'K1', 'd1', 'j', 0, 1, 9, NULL)")
    ledger.execute("UPDATE slots SET live = 0 WHERE host_id = 'H1'")
    ledger.execute("INSERT INTO slots VALUES ('H3', 'K1', 'd1', 'j', 0, 1, 9, NULL)")
    ledger.execute("UPDATE slots SET live = 0 WHERE host_id = 'H3'")
    assert ledger.execute("SELECT count(*) FROM slots WHERE dev = 'd1'").fetchone()[0] == 2
    ledger.close()


def test_migration_that_fails_leaves_the_old_version(first_version: Path) -> None:
    """A migration that cannot be finished, on a full disk, leaves the database of the version that it had."""
    full = SqliteLedger.open(first_version)
    full.execute(f"PRAGMA max_page_count = {full.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(sqlite3.OperationalError):
        migrate(full)
    assert full.execute("PRAGMA user_version").fetchone()[0] == 1
    assert full.execute("SELECT count(*) FROM certificates").fetchone()[0] == 4
    full.close()
    connect(first_version).close()
