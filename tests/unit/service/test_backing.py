"""The file of a backup, and what a record that was restored goes on with."""

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
from volact.service.ledger.connection import connect
from volact.service.ports import Service
from volact.service.presence import alone, present
from volact.service.usecases.customers import add_organization
from volact.service.usecases.restoring import Backup, Known, resume, seen
from volact.service.usecases.sequencing import catch_up
from volact.service.usecases.verifying import verify

HEADER = Header(
    publisher="acme.example", at=1_795_511_600, size=0, sha256="", schema=3, entries=1, log_size=1, log_root=None,
    root=1, catalog=1, revocations=1, rows={"keys": 0},
)  # fmt: skip


# A ledger on a server is copied by its database's own means.
on_sqlite = pytest.mark.parametrize("ledger_at", ["sqlite"], indirect=True)


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


@on_sqlite
def test_a_copy_is_one_state_whatever_is_written_meanwhile(office, tmp_path):
    """What is recorded after a copy was made is not in it, and what it holds is what it says."""
    catch_up(office.service)
    held = copying.copy(office.service.ledger, tmp_path / "copy")
    add_organization(office.service, "Contoso", parent=None, country=None, act=office.act)
    again = restored(office, tmp_path / "copy")
    assert copying.holdings(again.ledger) == held
    assert (held.entries, held.log_size, held.rows["organizations"]) == (1, 1, 0)
    assert verify(again).root == held.log_root


@on_sqlite
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


@on_sqlite
def test_a_clock_before_what_was_lost_signs_nothing(office, tmp_path):
    """Where it is known that something was signed later than the clock says, nothing is resumed."""
    copying.copy(office.service.ledger, tmp_path / "copy")
    again = restored(office, tmp_path / "copy")
    backup = Backup(at=office.act.now, entries=1, log_size=1, sha256="")
    with pytest.raises(Refused) as caught:
        resume(again, backup, known=Known(signed=office.act.now + 3600), act=office.act)
    assert caught.value.code == "signing_clock"
    assert verify(again).restores == ()


@on_sqlite
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
