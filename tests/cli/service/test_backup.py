"""`volact service backup` and `restore`: what they say, and what they refuse."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.service.conftest import Desk, set_up, volact
from tests.support.commands import VOLACT
from volact.service import backupfile
from volact.service.ledger.schema import MIGRATIONS


def back_up(desk: Desk) -> Path:
    """A backup beside the service."""
    file = desk.folder.with_name("ledger.backup")
    assert desk.run("backup", "DIR", file).code == 0
    return file


def in_folder(desk: Desk) -> dict[str, bytes]:
    """What lies in the service's folder."""
    return {str(path): path.read_bytes() for path in sorted(desk.folder.rglob("*")) if path.is_file()}


def bare(desk: Desk, name: str = "bare") -> Desk:
    """A folder with vault and seal alone, as they were kept apart from backups."""
    other = replace(desk, folder=desk.folder.with_name(name))
    other.folder.mkdir()
    shutil.copytree(desk.folder / "vault", other.folder / "vault")
    shutil.copy(desk.folder / "seal.key", other.folder)
    return other


def checkpoint(desk: Desk) -> Path:
    """The newest checkpoint, as a computer's status shows it."""
    with closing(sqlite3.connect(desk.folder / "ledger.db")) as ledger:
        text = ledger.execute("SELECT text FROM checkpoints ORDER BY size DESC").fetchone()[0]
    path = desk.folder.with_name("status.json")
    path.write_text(json.dumps({"log": {"checkpoint": text}}))
    return path


def test_backup_says_what_it_holds(desk: Desk) -> None:
    """A backup is one file for its owner, which names what is in it; that it was made is on record."""
    desk.customer()
    file = desk.folder.with_name("ledger.backup")
    said = desk.run("backup", "DIR", file).data
    assert (said["publisher"], said["entries"], said["log"]["size"]) == ("acme.example", 3, 3)
    assert said["versions"] == {"root": 1, "catalog": 1, "revocations": 1}
    assert said["holds"] == {"organizations": 1, "agreements": 1, "keys": 0, "activations": 0, "slots": 0}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in desk.folder.parent.iterdir() if path.name.startswith(".")] == []
    with closing(sqlite3.connect(desk.folder / "ledger.db")) as ledger:
        act, detail = ledger.execute("SELECT act, detail FROM audit ORDER BY entry DESC").fetchone()
    assert (act, json.loads(detail)["sha256"]) == ("backed up", said["sha256"])


def test_backup_holds_no_private_key(desk: Desk) -> None:
    """Nothing of the seal and nothing of the vault is in the file."""
    data = back_up(desk).read_bytes()
    secrets = [path.read_bytes() for path in (desk.folder / "seal.key", *(desk.folder / "vault").iterdir())]
    assert len(secrets) > 4
    assert not any(secret in data for secret in secrets)


def test_backup_writes_new_files_only(desk: Desk, tmp_path: Path) -> None:
    """A file that exists is left as it is, and a folder that does not exist is told; both are wrong usage."""
    file = back_up(desk)
    before = file.read_bytes()
    for path in (file, tmp_path / "missing" / "file", tmp_path):
        said = desk.run("backup", "DIR", path)
        assert (said.code, said.error) == (2, "usage")
    assert file.read_bytes() == before


def test_backup_on_a_full_disk_leaves_nothing(desk: Desk) -> None:
    """Where the file finds no room it is `storage_full`, nothing of it stays, and nothing is on record."""
    file = desk.folder.with_name("ledger.backup")
    entries = desk.run("audit", "verify", "DIR").data["entries"]
    command = f"ulimit -f 64; exec {VOLACT} service backup {desk.folder} {file} --json"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "storage_full")
    assert sorted(path.name for path in desk.folder.parent.iterdir()) == ["keys", "service"]
    assert desk.run("audit", "verify", "DIR").data["entries"] == entries


def test_restore_into_a_folder_with_a_vault(desk: Desk) -> None:
    """A backup and the vault make the service again; documents go on 1,000 versions later, and that is on record."""
    licensing_id = desk.customer()
    other, file = bare(desk), back_up(desk)
    said = other.run("restore", "DIR", file)
    assert (said.code, said.data["missing"], said.data["kept"]) == (0, None, None)
    assert said.data["versions"] == {"root": 1, "catalog": 1001, "revocations": 1001}
    assert "warnings" not in said.data
    assert other.issue(licensing_id, "windows-7-professional", "mak").code == 0
    verified = other.run("audit", "verify", "DIR").data
    (restored,) = verified["restores"]
    assert (restored["entry"], restored["log_size"], restored["missing"]) == (4, 3, None)
    assert "restored on" in other.run("audit", "verify", "DIR", json=False).out


def test_restore_keeps_the_ledger_that_was_there(desk: Desk) -> None:
    """With --replace the old ledger is kept under another name, and what it had more is counted as missing."""
    file = back_up(desk)
    desk.customer()
    old = (desk.folder / "ledger.db").read_bytes()
    refused = desk.run("restore", "DIR", file)
    assert refused.refused == "already_initialized"
    assert (desk.folder / "ledger.db").read_bytes() == old
    said = desk.run("restore", "DIR", file, "--replace")
    assert (said.code, said.data["missing"]) == (0, 3)  # the backup's own entry, organization and agreement
    kept = Path(said.data["kept"])
    assert (kept.name.startswith("ledger-before-restore-"), kept.read_bytes()) == (True, old)
    assert desk.run("restore", "DIR", file, "--replace").data["kept"] != said.data["kept"]


def test_a_damaged_ledger_is_replaced_and_kept(desk: Desk) -> None:
    """A ledger that cannot be read is kept as it is, and nothing that lies beside it reaches the restored one."""
    file = back_up(desk)
    (desk.folder / "ledger.db").write_bytes(b"no database")
    (desk.folder / "ledger.db-wal").write_bytes(b"no log")
    said = desk.run("restore", "DIR", file, "--replace")
    assert (said.code, said.data["missing"]) == (0, None)
    assert Path(said.data["kept"]).read_bytes() == b"no database"
    assert desk.run("audit", "verify", "DIR").data["fits"] is True


def test_a_kept_checkpoint_says_how_much_is_missing(desk: Desk) -> None:
    """A checkpoint newer than the backup tells, at the restore and ever after, how many entries are missing."""
    file = back_up(desk)
    desk.customer()
    seen = checkpoint(desk)
    other = bare(desk)
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


def test_restore_needs_the_vault(desk: Desk, tmp_path: Path) -> None:
    """Without the vault nothing is restored, and the words say that it is in no backup."""
    file = back_up(desk)
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "absent"):
        said = volact("restore", folder, file)
        assert (said.refused, "vault" in said.data["error"]["detail"]) == ("not_initialized", True)
    assert list((tmp_path / "empty").iterdir()) == []


def test_restore_refuses_the_backup_of_another_publisher(desk: Desk, tmp_path: Path, passphrase: Path) -> None:
    """Another publisher's backup is refused by ledger and by vault; another seal is damage."""
    file = back_up(desk)
    other = set_up(tmp_path / "other", passphrase)
    before = in_folder(other)
    assert other.run("restore", "DIR", file, "--replace").error == "usage"
    assert in_folder(other) == before
    empty = bare(other)
    said = empty.run("restore", "DIR", file)
    assert (said.code, said.error) == (2, "usage")
    own = bare(desk, "sealed")
    shutil.copy(other.folder / "seal.key", own.folder)
    assert own.run("restore", "DIR", file).refused == "state_damaged"
    assert sorted(path.name for path in own.folder.iterdir()) == ["seal.key", "vault"]


@pytest.mark.parametrize("how", ["cut", "empty", "none", "edited", "last line", "newer"])
def test_restore_refuses_what_is_no_whole_backup(desk: Desk, how: str) -> None:
    """A file that was cut or edited, that is no backup, or of a newer program is refused, and nothing is changed."""
    file = back_up(desk)
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
    before = in_folder(desk)
    said = desk.run("restore", "DIR", file, "--replace")
    assert said.refused == "state_damaged"
    assert in_folder(desk) == before


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
    before = in_folder(desk)
    command = f"ulimit -f 64; exec {VOLACT} service restore {desk.folder} {file} --replace --json"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "storage_full")
    assert in_folder(desk) == before


def test_a_root_that_the_backup_does_not_have_comes_back(desk: Desk, tmp_path: Path) -> None:
    """A root signed after the backup comes from the old ledger or a publisher file; else it is warned of."""
    file, newest = back_up(desk), tmp_path / "publisher.volact"
    rotated = desk.run("root", "rotate", "DIR", "--keys", desk.keys, "--passphrase-file", desk.passphrase)
    assert rotated.code == 0, rotated
    assert desk.run("publisher-file", "DIR", newest).code == 0
    without = bare(desk).run("restore", "DIR", file)
    assert (without.data["versions"]["root"], [each["code"] for each in without.data["warnings"]]) == (
        1,
        ["root_behind"],
    )
    given, old = bare(desk, "given"), desk
    for folder, more in ((given, ("--roots", newest)), (old, ("--replace",))):
        said = folder.run("restore", "DIR", file, *more)
        assert (said.code, said.data["versions"]["root"], said.data.get("warnings")) == (0, 2, None)
        assert folder.issue(folder.customer(), "windows-7-professional", "mak").code == 0
        assert folder.run("audit", "verify", "DIR").data["fits"] is True


def test_roots_that_do_not_follow_are_refused(desk: Desk, tmp_path: Path, passphrase: Path) -> None:
    """Another publisher's roots are not taken, and nothing is restored with them."""
    file, foreign, other = back_up(desk), tmp_path / "foreign.volact", bare(desk)
    assert set_up(tmp_path / "other", passphrase).run("publisher-file", "DIR", foreign).code == 0
    assert other.run("restore", "DIR", file, "--roots", foreign).refused == "root_untrusted"
    assert other.run("restore", "DIR", file, "--roots", file).refused == "root_untrusted"
    assert sorted(path.name for path in other.folder.iterdir()) == ["seal.key", "vault"]
