"""Backups that the publisher's administrator makes from a page, and what the pages say while none is there."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.support.commands import volact
from tests.support.pages import Person, join
from tests.support.service import Place, Running, now
from volact.service import backupfile
from volact.service.backing import BACKED_UP
from volact.service.ledger import audit
from volact.service.ledger.connection import writing
from volact.service.roles import Role

PAGE, HOME = "/office/service/backup/", "/office/"


@pytest.fixture(scope="module")
def into(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where backups go."""
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def running(place: Place, into: Path) -> Iterator[Running]:
    """The service, told where backups may be made."""
    with place.running("--backups", str(into)) as process:
        yield process


@pytest.fixture(scope="module")
def astrid(place: Place, running: Running) -> Person:
    """The publisher's administrator."""
    return join(place, running, role=Role.PUBLISHER)


def ended(person: Person) -> httpx.Response:
    """The page once no backup is under way."""
    until = time.monotonic() + 60
    while "is being made" in (page := person.get(PAGE)).text:
        assert time.monotonic() < until
        threading.Event().wait(0.1)
    return page


def test_a_backup_is_made_from_the_page(place: Place, into: Path, astrid: Person) -> None:
    """Pages warn until a backup was made, and where the newest is older than seven days, whichever program wrote its
    entry; one button makes one, by that member, into the operator's folder, once for a form that is sent twice."""
    for days, word in ((None, "never backed up"), (8, "8 days ago")):
        if days is not None:
            with place.opened() as service, writing(service.ledger):
                act = replace(now(), now=service.clock.now() - days * 86_400)
                audit.write(service.ledger, act, what=BACKED_UP, subject=place.publisher)
        assert word in astrid.get(HOME).text
        assert word in astrid.get(PAGE).text
    mark = astrid.marks["once"]
    assert astrid.post(PAGE, once=mark).status_code == 200
    assert astrid.post(PAGE, once=mark).status_code == 200
    page = ended(astrid)
    (file,) = into.iterdir()
    header = backupfile.read(file)
    assert (stat.S_IMODE(file.stat().st_mode), header.accounts and header.accounts.people) == (0o600, 1)
    for said in (str(file), header.sha256, "Ingrid Haugen"):
        assert said in page.text
    assert "backed up" not in astrid.get(HOME).text
    entries = volact("service", "audit", "list", place.folder).data["entries"]
    _, made = [each for each in entries if each["act"] == BACKED_UP]
    assert made["who"].startswith("Ingrid Haugen")
    assert made["detail"]["people"] == 1


def test_a_backup_that_fails_says_why(into: Path, astrid: Person) -> None:
    """Where the folder is gone the page says so, in the words of the refusal, and another try is offered."""
    astrid.get(PAGE)
    moved = into.rename(into.with_name("away"))
    assert astrid.post(PAGE).status_code == 200
    page = ended(astrid)
    moved.rename(into)
    assert f"{into} is not a folder" in page.text
    assert 'name="once"' in page.text
    assert astrid.post(PAGE).status_code == 200
    assert "is not a folder" not in ended(astrid).text


def test_a_folder_that_is_none_starts_no_service(place: Place, tmp_path: Path) -> None:
    """A folder for backups that cannot be written to is wrong usage."""
    said = volact("service", "run", place.folder, "--backups", tmp_path / "missing", "--bind", "127.0.0.1:0")
    assert (said.code, said.error) == (2, "usage")


def test_a_service_that_is_stopped_leaves_no_part_of_a_backup(place: Place, tmp_path: Path) -> None:
    """A service that is told to stop while a backup is made ends with it, and leaves a whole file or none."""
    with place.running("--backups", str(tmp_path)) as running:
        astrid = join(place, running, role=Role.PUBLISHER)
        astrid.get(PAGE)
        astrid.post(PAGE)
        until = time.monotonic() + 60
        while not any(tmp_path.iterdir()):
            assert time.monotonic() < until
        assert running.stop() == 0
    for file in tmp_path.iterdir():
        assert backupfile.read(file).publisher == place.publisher
