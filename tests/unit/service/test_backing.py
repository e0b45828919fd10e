"""The file of a backup, and what a record that was restored goes on with."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from volact.errors import Damaged, Refused, Untrusted, VolactError
from volact.service import backupfile
from volact.service.backupfile import Header
from volact.service.config import Folder
from volact.service.ledger import copying, log
from volact.service.ledger import settings as ledger_settings
from volact.service.ledger.connection import Database, connect, writing
from volact.service.ledger.denials import Denied
from volact.service.ledger.migrating import migrate
from volact.service.ledger.schema import MIGRATIONS
from volact.service.ports import Service
from volact.service.presence import alone, present
from volact.service.usecases.customers import add_organization
from volact.service.usecases.denying import record_denials
from volact.service.usecases.restoring import Backup, Known, resume, seen
from volact.service.usecases.sequencing import catch_up
from volact.service.usecases.verifying import verify

HEADER = Header(
    publisher="acme.example", at=1_795_511_600, size=0, sha256="", schema=3, entries=1, log_size=1, log_root=None,
    root=1, catalog=1, revocations=1, rows={"keys": 0},
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup of some bytes."""
    path = tmp_path_factory.mktemp("whole") / "backup"
    path.write_bytes(bytes(range(256)) * 8)
    backupfile.seal(path, HEADER)
    return path.read_bytes()


def unpacked(data: bytes, folder: Path) -> bytes:
    """What a backup of those bytes holds."""
    file, into = folder / "backup", folder / "ledger"
    file.write_bytes(data)
    into.unlink(missing_ok=True)
    backupfile.unpack(file, backupfile.read(file), into=into)
    return into.read_bytes()


def test_backup_gives_back_what_it_was_made_of(whole: bytes, tmp_path: Path) -> None:
    """The database of a backup comes out byte for byte, and its header says its size."""
    assert unpacked(whole, tmp_path) == bytes(range(256)) * 8
    assert backupfile.read(tmp_path / "backup").size == 2048


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=some.data())
def test_no_changed_backup_is_believed(whole: bytes, tmp_path: Path, data: some.DataObject) -> None:
    """A backup that is cut, grows, or has any byte changed is Damaged."""
    at = data.draw(some.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    match data.draw(some.sampled_from(["cut", "more", "bit"])):
        case "cut":
            del changed[at:]
        case "more":
            changed[at:at] = b"\n"
        case _:
            changed[at] ^= 1 << data.draw(some.integers(0, 7))
    with pytest.raises(Damaged):
        unpacked(bytes(changed), tmp_path)


def test_a_folder_is_shared_or_had_alone(tmp_path: Path) -> None:
    """Many may work in a folder at once, or one that has it alone; who comes in vain is told at once, and by which."""
    folder = Folder(tmp_path)
    with present(folder), present(folder), pytest.raises(Refused) as caught, alone(folder):
        pass
    assert caught.value.code == "folder_in_use"
    with alone(folder), pytest.raises(VolactError) as told, present(folder):
        pass
    assert told.value.code == "not_ready"
    with present(folder):
        pass


def restored(office, path):
    """The service of a copy that was made before."""
    ledger = connect(path)
    office.others.append(ledger)
    return Service(ledger, office.service.vault, office.time.clock(), office.service.draw)


def test_a_copy_is_one_state_whatever_is_written_meanwhile(office, tmp_path):
    """What is recorded after a copy was made is not in it, and what it holds is what it says."""
    catch_up(office.service)
    held = copying.copy(office.service.ledger, tmp_path / "copy")
    add_organization(office.service, "Contoso", parent=None, country=None, act=office.act)
    again = restored(office, tmp_path / "copy")
    assert copying.holdings(again.ledger) == held
    assert (held.entries, held.log_size, held.rows["organizations"]) == (1, 1, 0)
    assert verify(again).root == held.log_root


def test_versions_skip_past_what_is_known(office, tmp_path):
    """A restored record goes on 1,000 versions after the newest that is known, and further by what is missing."""
    copying.copy(office.service.ledger, tmp_path / "copy")
    again = restored(office, tmp_path / "copy")
    backup = Backup(at=office.act.now, entries=1, log_size=1, sha256="")
    first = resume(again, backup, known=Known(), act=office.act)
    assert (first.catalog, first.revocations, first.missing) == (1001, 1001, None)
    known = Known(entries=5001, signed=office.act.now, catalog=7000, revocations=3)
    second = resume(again, backup, known=known, act=office.act)
    assert (second.catalog, second.revocations, second.missing) == (13_000, 7001, 5000)
    assert resume(again, backup, known=Known(entries=1), act=office.act).missing == 0
    catch_up(again)
    assert [each.missing for each in verify(again).restores] == [None, 5000, 0]


def test_a_clock_before_what_was_lost_signs_nothing(office, tmp_path):
    """Where it is known that something was signed later than the clock says, nothing is resumed."""
    copying.copy(office.service.ledger, tmp_path / "copy")
    again = restored(office, tmp_path / "copy")
    backup = Backup(at=office.act.now, entries=1, log_size=1, sha256="")
    with pytest.raises(Refused) as caught:
        resume(again, backup, known=Known(signed=office.act.now + 3600), act=office.act)
    assert caught.value.code == "signing_clock"
    assert verify(again).restores == ()


def test_checkpoints_of_others_say_what_is_known(office, tmp_path):
    """The largest checkpoint counts, one that this publisher did not sign is not believed."""
    copying.copy(office.service.ledger, tmp_path / "copy")
    texts = []
    for name in ("Contoso", "Fabrikam"):
        add_organization(office.service, name, parent=None, country=None, act=office.act)
        catch_up(office.service)
        texts.append(log.newest_signed(office.service.ledger).text)
    again = restored(office, tmp_path / "copy")
    known = seen(again, texts, known=Known(entries=2))
    assert known == replace(Known(), entries=3, signed=office.act.now)
    with pytest.raises(Untrusted):
        seen(again, ["x.y.z"], known=Known())


@pytest.fixture
def filled(office):
    """A record with rows in every table that the trade fills, some of which are of texts that need care."""
    for number in range(3):
        office.agreement()
        catch_up(office.service)
        record_denials(office.service, {Denied(number, "key_unknown", "", "192.0.2.1"): 3})
    with writing(office.service.ledger):
        ledger_settings.put(office.service.ledger, "note", value="\\N\t\\.\n'quoted' Ærø 𝄞")
    return office


def test_a_copy_has_every_row_of_every_table(filled, tmp_path):
    """A copy is a file with all that the record holds, whichever database it comes from."""
    copying.copy(filled.service.ledger, tmp_path / "copy")
    again = restored(filled, tmp_path / "copy").ledger
    tables = [row[0] for row in again.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    for table in sorted(set(tables) - {"sqlite_sequence"}):
        columns = ", ".join(row[1] for row in again.execute(f"PRAGMA table_info({table})"))
        every = f"SELECT {columns} FROM {table}"
        assert sorted(map(tuple, filled.service.ledger.execute(every)), key=repr) == sorted(
            map(tuple, again.execute(every)), key=repr
        )
    assert again.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_copy_becomes_a_database_that_goes_on(filled, tmp_path, postgresql, laid):
    """A copy laid in a database holds the same, in the same order of arrival, and new numbers go on after it."""
    copying.copy(filled.service.ledger, tmp_path / "copy")
    place = Database(postgresql.database(laid))
    with closing(place.ledger(alone=True)) as alone:
        copying.put_in_database(tmp_path / "copy", alone, aside="before")
        assert alone.execute("SELECT count(*) FROM before.audit").fetchone() == (0,)
    ledger = connect(place)
    filled.others.append(ledger)
    known = "SELECT reltuples FROM pg_class WHERE oid = to_regclass('audit')"  # what plans are made with
    assert ledger.execute(known).fetchone() == (log.newest_entry(ledger),)
    service = Service(ledger, filled.service.vault, filled.time.clock(), filled.service.draw)
    arrival = "SELECT name FROM organizations ORDER BY rowid"
    assert ledger.execute(arrival).fetchall() == list(map(tuple, filled.service.ledger.execute(arrival)))
    newest = log.newest_entry(ledger)
    add_organization(service, "Contoso", parent=None, country=None, act=filled.act)
    assert log.newest_entry(ledger) == newest + 1
    catch_up(service)
    assert verify(service).size == newest + 1


def test_a_ledger_in_a_database_is_shared_or_had_alone(postgresql, laid):
    """Who restores is refused while anybody has the ledger open, and nobody opens it meanwhile; then all goes on."""
    place = Database(postgresql.database(laid))
    shared = connect(place)
    with pytest.raises(Refused) as caught:
        place.ledger(alone=True).begin(write=True)
    assert caught.value.code == "folder_in_use"
    shared.close()
    with closing(place.ledger(alone=True)) as alone:
        alone.begin(write=False)
        alone.commit()
        with pytest.raises(VolactError) as told:
            connect(place)
        assert told.value.code == "not_ready"
    connect(place).close()


@pytest.mark.parametrize("ledger_at", ["postgresql"], indirect=True)
def test_a_ledger_with_unknown_steps_is_not_copied(office, tmp_path):
    """What has steps that this program does not know is copied by a newer one, not without what they added."""
    migrate(office.service.ledger, steps=(*MIGRATIONS, ("ALTER TABLE keys ADD COLUMN note TEXT",)))
    with pytest.raises(Damaged, match="newer"):
        copying.copy(office.service.ledger, tmp_path / "copy")
