"""`volact service backup` and `restore`: what they say, and what they refuse."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from postgres import Server

from tests.cli.service.conftest import Desk, set_up, volact
from tests.cli.service.test_database import tables
from tests.support.commands import VOLACT
from tests.support.databases import everything
from volact.service import backupfile
from volact.service.config import Folder
from volact.service.ledger import log
from volact.service.ledger.connection import Database
from volact.service.ledger.schema import MIGRATIONS
from volact.service.opening import database_of, opened


def back_up(desk: Desk) -> Path:
    """A backup beside the service."""
    file = desk.folder.with_name("ledger.backup")
    assert desk.run("backup", "DIR", file).code == 0
    return file


def on_record(desk: Desk) -> dict[str, bytes]:
    """What lies in the service's folder, and in its database where it has one."""
    found = {str(path): path.read_bytes() for path in sorted(desk.folder.rglob("*")) if path.is_file()}
    place = database_of(Folder(desk.folder))
    if place is not None and tables(place.url):
        with closing(place.ledger()) as ledger:
            found[place.url] = everything(ledger, place)
    return found


Bare = Callable[..., Desk]


@pytest.fixture
def bare(request: pytest.FixtureRequest) -> Bare:
    """Makes a folder with vault and seal alone, as they were kept apart from backups, for a ledger of the same kind."""

    def make(desk: Desk, name: str = "bare") -> Desk:
        other = replace(desk, folder=desk.folder.with_name(name))
        other.folder.mkdir()
        shutil.copytree(desk.folder / "vault", other.folder / "vault")
        shutil.copy(desk.folder / "seal.key", other.folder)
        if (desk.folder / "database").exists():
            server: Server = request.getfixturevalue("postgresql")
            (other.folder / "database").write_text(server.database())
        return other

    return make


def has_no_ledger(desk: Desk) -> bool:
    """Whether a folder made by `bare` is as it was, and so is its database."""
    place = database_of(Folder(desk.folder))
    names = sorted(path.name for path in desk.folder.iterdir())
    return names == ["database"] * (place is not None) + ["seal.key", "vault"] and not (place and tables(place.url))


def checkpoint(desk: Desk) -> Path:
    """The newest checkpoint, as a computer's status shows it."""
    with opened(Folder(desk.folder)) as service:
        newest = log.newest_signed(service.ledger)
    assert newest is not None
    path = desk.folder.with_name("status.json")
    path.write_text(json.dumps({"log": {"checkpoint": newest.text}}))
    return path


def test_backup_says_what_it_holds(any_desk: Desk) -> None:
    """A backup is one file for its owner, which names what is in it; that it was made is on record."""
    any_desk.customer()
    file = any_desk.folder.with_name("ledger.backup")
    said = any_desk.run("backup", "DIR", file).data
    assert (said["publisher"], said["entries"], said["log"]["size"]) == ("acme.example", 3, 3)
    assert said["versions"] == {"root": 1, "catalog": 1, "revocations": 1}
    assert said["holds"] == {"organizations": 1, "agreements": 1, "keys": 0, "activations": 0, "slots": 0}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in any_desk.folder.parent.iterdir() if path.name.startswith(".")] == []
    (noted,) = any_desk.run("audit", "list", "DIR", "--after", 3).data["entries"]
    assert (noted["act"], noted["detail"]["sha256"]) == ("backed up", said["sha256"])


def test_backup_holds_no_private_key(any_desk: Desk) -> None:
    """Nothing of the seal and nothing of the vault is in the file."""
    data = back_up(any_desk).read_bytes()
    secrets = [path.read_bytes() for path in (any_desk.folder / "seal.key", *(any_desk.folder / "vault").iterdir())]
    assert len(secrets) > 4
    assert not any(secret in data for secret in secrets)


def test_backup_writes_new_files_only(any_desk: Desk, tmp_path: Path) -> None:
    """A file that exists is left as it is, and a folder that does not exist is told; both are wrong usage."""
    file = back_up(any_desk)
    before = file.read_bytes()
    for path in (file, tmp_path / "missing" / "file", tmp_path):
        said = any_desk.run("backup", "DIR", path)
        assert (said.code, said.error) == (2, "usage")
    assert file.read_bytes() == before


def test_backup_on_a_full_disk_leaves_nothing(any_desk: Desk) -> None:
    """Where the file finds no room it is `storage_full`, nothing of it stays, and nothing is on record."""
    file = any_desk.folder.with_name("ledger.backup")
    entries = any_desk.run("audit", "verify", "DIR").data["entries"]
    command = f"ulimit -f 64; exec {VOLACT} service backup {any_desk.folder} {file} --json"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "storage_full")
    assert sorted(path.name for path in any_desk.folder.parent.iterdir()) == ["keys", "service"]
    assert any_desk.run("audit", "verify", "DIR").data["entries"] == entries


def test_restore_into_a_folder_with_a_vault(any_desk: Desk, bare: Bare) -> None:
    """A backup and the vault make the service again; documents go on 1,000 versions later, and that is on record."""
    licensing_id = any_desk.customer()
    other, file = bare(any_desk), back_up(any_desk)
    said = other.run("restore", "DIR", file)
    assert (said.code, said.data["missing"], said.data["kept"]) == (0, None, None)
    assert said.data["versions"] == {"root": 1, "catalog": 1001, "revocations": 1001}
    assert "warnings" not in said.data
    assert other.issue(licensing_id, "windows-7-professional", "mak").code == 0
    verified = other.run("audit", "verify", "DIR").data
    (restored,) = verified["restores"]
    assert (restored["entry"], restored["log_size"], restored["missing"]) == (4, 3, None)
    assert "restored on" in other.run("audit", "verify", "DIR", json=False).out


def test_restore_keeps_the_ledger_that_was_there(any_desk: Desk) -> None:
    """With --replace the old ledger is kept under another name, and what it had more is counted as missing."""
    file = back_up(any_desk)
    any_desk.customer()
    old = on_record(any_desk)
    refused = any_desk.run("restore", "DIR", file)
    assert refused.refused == "already_initialized"
    assert on_record(any_desk) == old
    said = any_desk.run("restore", "DIR", file, "--replace")
    assert (said.code, said.data["missing"]) == (0, 3)  # the backup's own entry, organization and agreement
    place = database_of(Folder(any_desk.folder))
    if place is None:
        kept = Path(said.data["kept"])
        assert (kept.name.startswith("ledger-before-restore-"), kept.read_bytes() in old.values()) == (True, True)
    else:
        there = Database(f"{place.url}?options=-csearch_path%3D{said.data['kept']}")
        with closing(there.ledger()) as ledger:
            assert everything(ledger, there) == old[place.url]
    assert any_desk.run("restore", "DIR", file, "--replace").data["kept"] != said.data["kept"]


def test_a_damaged_ledger_is_replaced_and_kept(desk: Desk) -> None:
    """A ledger that cannot be read is kept as it is, and nothing that lies beside it reaches the restored one."""
    file = back_up(desk)
    (desk.folder / "ledger.db").write_bytes(b"no database")
    (desk.folder / "ledger.db-wal").write_bytes(b"no log")
    said = desk.run("restore", "DIR", file, "--replace")
    assert (said.code, said.data["missing"]) == (0, None)
    assert Path(said.data["kept"]).read_bytes() == b"no database"
    assert desk.run("audit", "verify", "DIR").data["fits"] is True


def test_a_kept_checkpoint_says_how_much_is_missing(any_desk: Desk, bare: Bare) -> None:
    """A checkpoint newer than the backup tells, at the restore and ever after, how many entries are missing."""
    file = back_up(any_desk)
    any_desk.customer()
    seen = checkpoint(any_desk)
    other = bare(any_desk)
    said = other.run("restore", "DIR", file, "--seen", seen)
    assert (said.code, said.data["missing"]) == (0, 3)
    assert said.data["versions"]["revocations"] == 1 + 1000 + 3
    error = other.run("audit", "verify", "DIR", "--from", seen).data["error"]
    assert (error["code"], error["missing"], error["size"], error["entry"]) == ("log_broken", 3, 4, 2)
    told = other.run("audit", "verify", "DIR", "--from", seen, json=False)
    assert "restored from a backup with 1 (entry 2), so 3 that were signed are missing" in told.err
    for _ in range(3):
        other.customer()
    assert other.run("audit", "verify", "DIR", "--from", seen).data["error"]["missing"] == 3


def test_restore_needs_the_vault(any_desk: Desk, tmp_path: Path) -> None:
    """Without the vault nothing is restored, and the words say that it is in no backup."""
    file = back_up(any_desk)
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "absent"):
        said = volact("restore", folder, file)
        assert (said.refused, "vault" in said.data["error"]["detail"]) == ("not_initialized", True)
    assert list((tmp_path / "empty").iterdir()) == []


def test_restore_refuses_the_backup_of_another_publisher(
    any_desk: Desk, tmp_path: Path, passphrase: Path, bare: Bare
) -> None:
    """Another publisher's backup is refused by ledger and by vault; another seal is damage."""
    file = back_up(any_desk)
    other = set_up(tmp_path / "other", passphrase)
    before = on_record(other)
    assert other.run("restore", "DIR", file, "--replace").error == "usage"
    assert on_record(other) == before
    empty = bare(other)
    said = empty.run("restore", "DIR", file)
    assert (said.code, said.error) == (2, "usage")
    own = bare(any_desk, "sealed")
    shutil.copy(other.folder / "seal.key", own.folder)
    assert own.run("restore", "DIR", file).refused == "state_damaged"
    assert has_no_ledger(own)


@pytest.mark.parametrize("how", ["cut", "empty", "none", "edited", "last line", "newer"])
def test_restore_refuses_what_is_no_whole_backup(any_desk: Desk, how: str) -> None:
    """A file that was cut or edited, that is no backup, or of a newer program is refused, and nothing is changed."""
    file = back_up(any_desk)
    data = bytearray(file.read_bytes())
    match how:
        case "cut":
            del data[-100:]
        case "empty":
            data.clear()
        case "none":
            data[:] = b"something else\n" * 1000
        case "edited":
            data[5000] ^= 1
        case "last line":
            data[data.rindex(b"acme.example")] ^= 1
        case "newer":
            data[:] = newer(file)
    file.write_bytes(data)
    before = on_record(any_desk)
    said = any_desk.run("restore", "DIR", file, "--replace")
    assert said.refused == "state_damaged"
    assert on_record(any_desk) == before


def newer(file: Path) -> bytes:
    """The backup as a later program would have made it."""
    header = backupfile.read(file)
    made = file.with_name("newer")
    backupfile.unpack(file, header, into=made)
    with closing(sqlite3.connect(made)) as ledger:
        ledger.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        ledger.execute("PRAGMA journal_mode = DELETE")
    backupfile.seal(made, header)
    return made.read_bytes()


def test_restore_on_a_full_disk_changes_nothing(desk: Desk) -> None:
    """Where the ledger finds no room it is `storage_full`, and the folder is what it was."""
    file = back_up(desk)
    before = on_record(desk)
    command = f"ulimit -f 64; exec {VOLACT} service restore {desk.folder} {file} --replace --json"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "storage_full")
    assert on_record(desk) == before


def test_a_root_that_the_backup_does_not_have_comes_back(any_desk: Desk, tmp_path: Path, bare: Bare) -> None:
    """A root signed after the backup comes from the old ledger or a publisher file; else it is warned of."""
    file, newest = back_up(any_desk), tmp_path / "publisher.volact"
    rotated = any_desk.run("root", "rotate", "DIR", "--keys", any_desk.keys, "--passphrase-file", any_desk.passphrase)
    assert rotated.code == 0, rotated
    assert any_desk.run("publisher-file", "DIR", newest).code == 0
    without = bare(any_desk).run("restore", "DIR", file)
    assert (without.data["versions"]["root"], [each["code"] for each in without.data["warnings"]]) == (
        1,
        ["root_behind"],
    )
    given, old = bare(any_desk, "given"), any_desk
    for folder, more in ((given, ("--roots", newest)), (old, ("--replace",))):
        said = folder.run("restore", "DIR", file, *more)
        assert (said.code, said.data["versions"]["root"], said.data.get("warnings")) == (0, 2, None)
        assert folder.issue(folder.customer(), "windows-7-professional", "mak").code == 0
        assert folder.run("audit", "verify", "DIR").data["fits"] is True


def test_roots_that_do_not_follow_are_refused(any_desk: Desk, tmp_path: Path, passphrase: Path, bare: Bare) -> None:
    """Another publisher's roots are not taken, and nothing is restored with them."""
    file, foreign, other = back_up(any_desk), tmp_path / "foreign.volact", bare(any_desk)
    assert set_up(tmp_path / "other", passphrase).run("publisher-file", "DIR", foreign).code == 0
    assert other.run("restore", "DIR", file, "--roots", foreign).refused == "root_untrusted"
    assert other.run("restore", "DIR", file, "--roots", file).refused == "root_untrusted"
    assert has_no_ledger(other)


def test_a_ledger_moves_from_one_kind_of_database_to_the_other(
    any_desk: Desk, bare: Bare, postgresql: Server, tmp_path: Path
) -> None:
    """A backup of either kind of database is restored into the other one, where all of it is, and goes on; and back."""
    licensing_id = any_desk.customer()
    assert any_desk.issue(licensing_id, "windows-7-professional", "mak").code == 0
    held = any_desk.run("backup", "DIR", tmp_path / "there").data["holds"]
    other = bare(any_desk, "moved")
    more: tuple[object, ...] = ()
    if (other.folder / "database").exists():
        (other.folder / "database").unlink()
    else:
        more = ("--database", postgresql.database())
    said = other.run("restore", "DIR", tmp_path / "there", *more)
    assert (said.code, said.data["holds"]) == (0, held)
    assert (other.folder / "database").exists() != (any_desk.folder / "database").exists()
    assert other.issue(licensing_id, "windows-7-professional", "mak").code == 0
    assert other.run("audit", "verify", "DIR").data["fits"] is True
    assert other.run("backup", "DIR", tmp_path / "back").code == 0
    assert any_desk.run("restore", "DIR", tmp_path / "back", "--replace").code == 0
    assert len(any_desk.run("agreement", "show", "DIR", licensing_id).data["keys"]) == 2
    assert any_desk.run("audit", "verify", "DIR").data["fits"] is True


def test_a_folder_with_a_ledger_is_given_no_database(any_desk: Desk, postgresql: Server) -> None:
    """With a ledger, or a database named, in its folder, another database is wrong usage, and nothing is changed."""
    file, before = back_up(any_desk), on_record(any_desk)
    url = postgresql.database()
    assert any_desk.run("restore", "DIR", file, "--replace", "--database", url).error == "usage"
    assert (on_record(any_desk), tables(url)) == (before, 0)


def test_another_programs_database_is_left_alone(desk: Desk, bare: Bare, postgresql: Server) -> None:
    """A database that holds somebody else's tables is `already_initialized`, also with --replace."""
    url, other, file = postgresql.database(), bare(desk), back_up(desk)
    with psycopg.connect(url, autocommit=True) as somebody:
        somebody.execute("CREATE TABLE songs (title TEXT)")
    assert other.run("restore", "DIR", file, "--replace", "--database", url).refused == "already_initialized"
    assert (tables(url), has_no_ledger(other)) == (1, True)


@pytest.mark.parametrize("any_desk", ["postgresql"], indirect=True)
def test_what_is_left_of_a_damaged_database_is_kept(any_desk: Desk) -> None:
    """Tables of a ledger that cannot be read any more are set aside, and the restored ledger takes their place."""
    place = database_of(Folder(any_desk.folder))
    assert place is not None
    file = back_up(any_desk)
    with psycopg.connect(place.url, autocommit=True) as somebody:
        somebody.execute("DROP TABLE checkpoints, slots CASCADE")
    said = any_desk.run("restore", "DIR", file, "--replace")
    assert (said.code, said.data["missing"]) == (0, None)
    assert any_desk.run("audit", "verify", "DIR").data["fits"] is True
