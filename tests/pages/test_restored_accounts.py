"""Accounts of a backup that is restored, into either kind of database: who signs in, and who does not."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from postgres import Server

from tests.support.commands import Said, volact
from tests.support.databases import BOTH
from tests.support.pages import PASSWORD, Person, code, join, visitor
from tests.support.service import Place, Running
from volact.service import backupfile
from volact.service.config import Folder
from volact.service.opening import database_of
from volact.service.roles import Role

LATER = "another long password for later"


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A publisher of the test's own, its record in a file, and in a PostgreSQL database."""
    if request.param == "sqlite":
        return Place.make(tmp_path / "service")
    server: Server = request.getfixturevalue("postgresql")
    return Place.make(tmp_path / "service", database=server.database())


def back_up(place: Place, file: Path) -> Said:
    """Makes a backup by the command."""
    said = volact("service", "backup", place.folder, file)
    assert said.code == 0, said
    return said


def bare(place: Place, name: str) -> Place:
    """A folder with vault and seal alone."""
    other = Place(place.folder.with_name(name), place.publisher)
    other.folder.mkdir()
    shutil.copytree(place.folder / "vault", other.folder / "vault")
    shutil.copy(place.folder / "seal.key", other.folder)
    return other


def restore(place: Place, file: Path, *more: object) -> Said:
    """Restores by the command."""
    said = volact("service", "restore", place.folder, file, *more)
    assert said.code == 0, said
    return said


def signed_in(running: Running, person: Person, *, password: str = PASSWORD) -> Person:
    """The same person in another browser, by password and authenticator app."""
    again = visitor(running, email=person.email)
    again.get("/account/login/")
    again.post("/account/login/", login=person.email, password=password)
    if person.totp:
        again.get("/account/2fa/authenticate/")
        again.post("/account/2fa/authenticate/", code=code(person.totp))
    again.totp = person.totp
    return again


def is_in(person: Person) -> bool:
    """Whether somebody is signed in."""
    return person.get("/account/settings/").url.path == "/account/settings/"


@pytest.mark.parametrize("into", BOTH)
def test_whoever_had_an_account_signs_in_after_a_restore(
    place: Place, into: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Password, authenticator app and role of the backup hold again, whichever database it came from and goes into; a
    session of before does not."""
    file = tmp_path / "backup"
    with place.running() as running:
        kari, ola = join(place, running, role=Role.PUBLISHER), join(place, running, role=Role.AUDITOR)
        kari.prove()
        said = back_up(place, file).data
    assert said["accounts"] == 2
    more = ("--database", request.getfixturevalue("postgresql").database()) if into == "postgresql" else ()
    other = bare(place, "other")
    told = restore(other, file, *more)
    assert (told.data["accounts"], told.data["kept_accounts"], "warnings" in told.data) == (2, None, False)
    with other.running() as running:
        before = visitor(running)
        before.client.cookies.update(kari.client.cookies)
        assert not is_in(before)
        again = signed_in(running, kari)
        assert again.get("/office/").status_code == 200
        assert signed_in(running, ola).get("/office/record/").status_code == 200
        assert not is_in(signed_in(running, Person(kari.email, kari.client)))  # the password alone
        newcomer = join(other, running, role=Role.OPERATOR)  # numbers go on after those of the backup
        assert is_in(newcomer)
    assert back_up(other, tmp_path / "again").data["accounts"] == 3


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_backup_of_accounts_is_private_and_sealed(place: Place, tmp_path: Path) -> None:
    """Addresses and hashes of passwords stand in no backup but sealed; it is for its owner alone, and covered by its
    own check."""
    file = tmp_path / "backup"
    with place.running() as running:
        join(place, running, role=Role.PUBLISHER)
        back_up(place, file)
    data, header = bytearray(file.read_bytes()), backupfile.read(file)
    assert (stat.S_IMODE(file.stat().st_mode), b"argon2" in data) == (0o600, False)
    assert header.accounts is not None
    assert (header.accounts.people, header.accounts.size > 500) == (1, True)
    data[header.size + 40] ^= 1
    file.write_bytes(data)
    said = volact("service", "restore", bare(place, "other").folder, file)
    assert (said.refused, sorted(path.name for path in (tmp_path / "other").iterdir())) == (
        "state_damaged",
        ["seal.key", "vault"],
    )


def test_accounts_that_were_there_are_kept_beside_the_restored_ones(place: Place, tmp_path: Path) -> None:
    """With --replace passwords are those of the backup, and the accounts that were there are kept under another name;
    who came after the backup is unknown."""
    file = tmp_path / "backup"
    with place.running() as running:
        kari = join(place, running, role=Role.PUBLISHER)
        back_up(place, file)
        kari.get("/account/password/change/")
        kari.post("/account/password/change/", oldpassword=PASSWORD, password1=LATER, password2=LATER)
        assert is_in(signed_in(running, kari, password=LATER))
        ola = join(place, running, role=Role.AUDITOR)
    kept = restore(place, file, "--replace").data["kept_accounts"]
    with place.running() as running:
        assert is_in(signed_in(running, kari))
        assert not is_in(signed_in(running, kari, password=LATER))
        assert not is_in(signed_in(running, ola))
    assert {kari.email, ola.email} == addresses(place, kept)


def addresses(place: Place, kept: str) -> set[str]:
    """Whose accounts lie in a file, or in a schema of the ledger's database."""
    statement, database = "SELECT email FROM auth_user", database_of(Folder(place.folder))
    if database is None:
        with closing(sqlite3.connect(kept)) as accounts:
            return {row[0] for row in accounts.execute(statement)}
    with closing(database.ledger()) as ledger:
        return {row[0] for row in ledger.execute(statement.replace("auth_user", f"{kept}.auth_user"))}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_backup_of_an_earlier_program_leaves_accounts_as_they_are(place: Place, tmp_path: Path) -> None:
    """A backup without accounts is restored with a warning; accounts that are there stay, and whose member the record
    lost is signed out."""
    file = tmp_path / "backup"
    with place.running() as running:
        kari = join(place, running, role=Role.PUBLISHER)
        back_up(place, file)
        ola = join(place, running, role=Role.AUDITOR)
    as_earlier(file)
    said = restore(place, file, "--replace")
    assert [each["code"] for each in said.data["warnings"]] == ["accounts_missing"]
    assert (said.data["accounts"], said.data["kept_accounts"]) == (None, None)
    with place.running() as running:
        assert is_in(signed_in(running, kari))
        assert not is_in(signed_in(running, ola))


def as_earlier(file: Path) -> None:
    """Makes of a backup what a program wrote that knew of no accounts."""
    data, header = file.read_bytes(), backupfile.read(file)
    said = msgspec.json.encode({**msgspec.structs.asdict(header), "accounts": None}).replace(b',"accounts":null', b"")
    line = b"\nvolact-backup/1 " + sha256(said).hexdigest().encode() + b" " + said + b"\n"
    file.write_bytes(data[: header.size] + line)
