"""A host and its computers in a network namespace without a route: only digits cross."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.commands import VOLACT, Said, declare, shifted, volact
from tests.support.namespace import Namespace, isolated
from tests.support.service import Key, Place

SERVER, CLIENT = "solver-server-9", "tracer-9"
_CALL = ("--caller", "Kari Nordmann", "--proof", "agreement 1001", "--reason", "a ship")
_OTHERS = """
import sys, time
sys.path.insert(0, sys.argv[1])
import httpx
from tests.support.computer import Asker
for number in range(int(sys.argv[4]), int(sys.argv[5])):
    body = Asker(f"other-{number}").ask(sys.argv[3], int(time.time()))
    print(httpx.post(sys.argv[2] + "/v1/requests", content=body, timeout=30).json().get("code"))
"""


@dataclass(frozen=True, slots=True)
class Ship:
    """A site without a network: a publisher's file and keys came on board with it, and there is a telephone."""

    there: Namespace
    place: Place
    folder: Path

    def host(self, *words: object, **more: str) -> Said:
        """`volact host` on board."""
        verb, *rest = words
        return self.there.run("host", verb, self.folder / "host", *rest, **more)  # type: ignore[arg-type]

    def call(self, *more: str) -> dict[str, object]:
        """Reads the installation ID out; what the center answers."""
        groups = self.host("installation-id", *more).data["groups"]
        said = volact("service", "center", "confirm", self.place.folder, " ".join(groups), *_CALL)
        assert said.code == 0, said
        return said.data

    def activate(self) -> dict[str, object]:
        """A whole call."""
        told = self.call()
        said = self.host("confirm", "-", text=" ".join(told["groups"]))  # type: ignore[arg-type]
        assert said.code == 0, said
        return told

    @contextmanager
    def serving(self, shift: str | None = None) -> Iterator[str]:
        """The host runs, and answers at this address on board."""
        command = [*self.there.enter, str(VOLACT), "host", "run", str(self.folder / "host")]
        command += ["--bind", "127.0.0.1:0", "--json"]
        with (self.folder / "log").open("ab") as log:
            moved = {**os.environ, **shifted(shift)}
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=moved)
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()
            with process:
                process.wait(25)

    def computer(self, name: str, product: str, *, url: str) -> Path:
        """A computer on board that knows the host."""
        home, identity = self.folder / name, declare(self.folder / f"{name}.identity", name)
        words = ("--product", product, "--publisher", self.folder / "publisher.json", "--identity", identity)
        assert self.client(home, "init", *words).code == 0
        assert self.client(home, "set-host", url).code == 0
        return home

    def client(self, home: Path, *words: object, **more: object) -> Said:
        """`volact client` on board."""
        return self.there.run("client", "--home", home, *words, **more)  # type: ignore[arg-type]

    def others(self, url: str, product: str, *, start: int, end: int, shift: str | None = None) -> list[str]:
        """What other computers on board are refused with, `None` for a lease."""
        return self.there.python(_OTHERS, ROOT, url, product, start, end, shift=shift).split()


@pytest.fixture
def ship(tmp_path: Path) -> Iterator[tuple[Ship, Key]]:
    """A host with its host key, not activated yet."""
    place, file = Place.make(tmp_path / "service"), tmp_path / "publisher.json"
    assert volact("service", "publisher-file", place.folder, file).code == 0
    key = place.key(SERVER, "host")
    with isolated() as there:
        ship = Ship(there, place, tmp_path)
        identity = declare(tmp_path / "host.identity", "host")
        words = ("--publisher", file, "--identity", identity, "--platform", "linux")
        assert ship.host("init", *words).code == 0
        assert ship.host("install-key", "-", text=key.text).code == 0
        yield ship, key


def test_f24_telephone_host_serves_computers_without_any_route(ship: tuple[Ship, Key]) -> None:
    """F13, F24: a host that was activated by digits alone counts its computers to the catalog's thresholds, 5 for the
    server and 25 for the client, and licenses them by leases that they verify themselves."""
    site, key = ship
    assert site.there.routes == ""
    told = site.activate()
    assert (told["role"], told["keyid"], told["used"]) == ("host", key.keyid, 1)
    with site.serving() as url:
        server, client = site.computer("server", SERVER, url=url), site.computer("client", CLIENT, url=url)
        assert site.client(client, "activate").refused == "count_insufficient"
        assert site.others(url, SERVER, start=0, end=3) == ["count_insufficient"] * 3
        assert site.client(server, "activate").product["state"] == "licensed"  # the fifth
        assert site.others(url, CLIENT, start=3, end=22) == ["count_insufficient"] * 19
        assert site.client(client, "activate").refused == "count_insufficient"  # one of 24
        assert site.others(url, CLIENT, start=22, end=23) == ["None"]
        licensed = site.client(client, "activate").product
        assert (licensed["state"], licensed["method"], licensed["days_left"]) == ("licensed", "host", 180)
    assert site.client(client, "status", "--why").product["organization"] is None


def test_f29_telephone_host_is_told_the_same_until_it_is_renewed(ship: tuple[Ship, Key]) -> None:
    """F29: asked again the host has the same confirmation, which takes nothing; in its last third the host says whom to
    call, and after the next call it goes on until a later month."""
    site, key = ship
    first = site.activate()
    again = site.activate()
    assert (again["groups"], again["repeated"], again["used"]) == (first["groups"], True, 1)
    assert "warnings" not in site.host("status").data
    late = "+150d"
    (warning,) = site.host("status", shift=late).data["warnings"]
    assert warning["code"] == "host_certificate_ends"
    told = volact("host", "status", site.folder / "host", shift=late, json=False)
    assert "call +47 55 50 01 42 before" in " ".join((told.out + told.err).split())
    groups = site.host("installation-id", shift=late).data["groups"]
    words = ("service", "center", "confirm", site.place.folder, " ".join(groups), *_CALL)
    later = volact(*words, shift=late).data
    assert (later["repeated"], later["used"]) == (False, 1)
    assert later["expires"] > str(first["expires"])
    assert site.host("confirm", " ".join(later["groups"]), shift=late).code == 0
    assert "warnings" not in site.host("status", shift=late).data
    for shift, answered in (("+300d", ["count_insufficient"] * 4 + ["None"]), ("+380d", ["host_not_activated"] * 5)):
        with site.serving(shift) as url:
            assert site.others(url, SERVER, start=0, end=5, shift=shift) == answered
    sheet = volact("service", "key", "show", site.place.folder, key.keyid).data
    (row,) = sheet["hosts"]
    assert (row["way"], row["certificate_expires"]) == ("telephone", later["expires"])


def test_f44_telephone_host_that_the_center_ended_calls_with_a_new_device_key(ship: tuple[Ship, Key]) -> None:
    """F44: after the center freed the host's place, its installation ID is refused; with a new device key it is given
    another place, and the old one is on the list for every computer that gets the list."""
    site, key = ship
    told = site.activate()
    freed = volact("service", "center", "free-slot", site.place.folder, key.keyid, told["host_id"], *_CALL)
    assert (freed.code, freed.data["used"]) == (0, 0)
    groups = site.host("installation-id").data["groups"]
    again = volact("service", "center", "confirm", site.place.folder, " ".join(groups), *_CALL)
    assert again.refused == "confirmation_returned"
    anew = site.call("--anew")
    assert anew["host_id"] != told["host_id"]
    assert site.host("status").data["activated"]  # the old certificate serves until the new one is there
    assert site.host("confirm", " ".join(anew["groups"])).code == 0  # type: ignore[arg-type]
    assert site.host("status").data["certificates"][0]["host_id"] == anew["host_id"]
    file = site.folder / "newer.json"
    assert volact("service", "publisher-file", site.place.folder, file).code == 0
    listed = json.loads(file.read_text())["revocations"]
    assert site.host("update", "--file", file).code == 0
    assert site.host("status").data["activated"]
    assert listed


def test_without_the_extra_a_computer_says_what_is_missing(ship: tuple[Ship, Key]) -> None:
    """A computer without the extra `phone` keeps its grace, names the extra, and is licensed once that is there."""
    site, _ = ship
    site.activate()
    without = site.folder / "without"
    without.mkdir()
    (without / "py_arkworks_bls12381.py").write_text("raise ModuleNotFoundError(__name__)\n")
    missing = {"PYTHONPATH": str(without)}
    with site.serving() as url:
        site.others(url, SERVER, start=0, end=5)
        server = site.computer("server", SERVER, url=url)
        assert site.client(server, "activate", env=missing).refused == "extra_missing"
        (tried,) = site.client(server, "status", "--why").product["tried"]
        assert tried["code"] == "extra_missing"
        assert site.client(server, "activate").product["state"] == "licensed"
        damaged = site.client(server, "status", "--why", env=missing).product
        assert "pip install 'volact[phone]'" in damaged["damaged"]
    assert site.client(server, "status").product["state"] == "licensed"
