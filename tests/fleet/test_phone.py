"""`volact fleet proxy phone`: one call for the computers of a folder, with mistakes, broken off, and gone on with."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.commands import VOLACT, Said, declare, hears_ctrl_c, volact
from tests.support.service import Device, Key, Place

PRODUCT = "tracer-9"
CALL = ("--caller", "K. Berg", "--proof", "invoice 114", "--reason", "no network on board")


@dataclass
class Ship:
    """A publisher, isolated computers with one key, and the folder of their requests."""

    folder: Path
    place: Place
    key: Key
    names: list[str] = field(default_factory=list)

    @property
    def requests(self) -> Path:
        return self.folder / "stick"

    def client(self, name: str, *words: object) -> Said:
        """`volact client` on one of the computers."""
        return volact("client", "--home", self.folder / name, *words)

    def add(self, name: str) -> None:
        """One more computer, which writes its request."""
        file, identity = self.folder / "publisher.json", declare(self.folder / f"{name}.identity", name)
        assert self.client(name, "init", "--product", PRODUCT, "--publisher", file, "--identity", identity).code == 0
        assert volact("client", "--home", self.folder / name, "install-key", "-", text=self.key.text).code == 0
        said = self.client(name, "activate", "--request", self.requests / f"{name}.request")
        assert said.data["call_sheet"] == str(self.requests / f"{name}.call")
        self.names.append(name)

    def installation(self, name: str) -> str:
        """What the call sheet of a computer has to be read out."""
        return str(json.loads((self.requests / f"{name}.call").read_text())["installation"])

    def confirmation(self, name: str) -> list[str]:
        """What the center says of a computer, in groups."""
        said = volact("service", "center", "confirm", self.place.folder, self.installation(name), *CALL)
        groups: list[str] = said.data["groups"]
        return groups

    def phone(self, *lines: str, as_json: bool = True) -> Said:
        """`volact fleet proxy phone` with what is typed."""
        text = "".join(f"{line}\n" for line in lines)
        return volact("fleet", "proxy", "phone", self.requests, text=text, json=as_json)

    def response(self, name: str) -> Path:
        return self.requests / f"{name}.response"

    def state(self, name: str) -> str:
        """The state of a computer's license."""
        return str(self.client(name, "status").product["state"])


@pytest.fixture
def ship(tmp_path: Path) -> Ship:
    """Three computers of a publisher whose key has room for nine."""
    place = Place.make(tmp_path / "service")
    assert volact("service", "publisher-file", place.folder, tmp_path / "publisher.json").code == 0
    made = Ship(tmp_path, place, place.key(PRODUCT, "mak", activations=9))
    made.requests.mkdir()
    for name in ("bridge", "engine", "galley"):
        made.add(name)
    return made


def results(said: Said) -> dict[str, str]:
    """What became of each computer."""
    return {row["row"]: row["code"] or row["result"] for row in said.data["rows"]}


def test_f24_proxy_by_telephone_activates_the_computers_of_a_folder(ship: Ship) -> None:
    """F24: one call confirms every computer of a folder, and each is activated by its own response and no other."""
    codes = {name: ship.confirmation(name) for name in ship.names}
    said = ship.phone(*(line for name in ship.names for line in codes[name]))
    assert (said.code, said.data["done"], said.data["failed"], said.data["left"]) == (0, 3, 0, 0)
    assert "+47 55 50 01 42" in said.err
    for name in ship.names:
        assert ship.installation(name)[:7] in said.err
        assert (
            ship.client("bridge", "activate", "--response", ship.response("engine")).refused == "confirmation_invalid"
        )
        assert ship.client(name, "activate", "--response", ship.response(name)).product["state"] == "licensed"
    assert ship.place.row(ship.key).used == 3
    assert ship.phone().data["done"] == 3  # again there is nothing to be typed


def test_f29_proxy_by_telephone_a_response_is_kept_for_the_time_after_reimaging(ship: Ship) -> None:
    """F29: the response of a call licenses its computer again in a fresh home, without a key, a call or a count."""
    ship.phone(*ship.confirmation("bridge"), "stop")
    kept = ship.response("bridge")
    words = ("--publisher", ship.folder / "publisher.json", "--identity", ship.folder / "bridge.identity")
    assert ship.client("reimaged", "init", "--product", PRODUCT, *words).code == 0
    assert ship.client("reimaged", "activate", "--response", kept).product["state"] == "licensed"
    assert ship.client("again", "init", "--product", PRODUCT, *words).code == 0
    assert ship.client("again", "confirm", "--file", kept).product["state"] == "licensed"
    assert ship.place.row(ship.key).used == 1


def test_f44_proxy_by_telephone_says_which_center_to_call(ship: Ship) -> None:
    """F44: before the first group it is said which center to call, from the call sheet of the computer."""
    said = ship.phone("stop", as_json=False)
    assert "Call the activation center: +47 55 50 01 42 (NO)" in said.err


def test_a_caller_who_hangs_up_half_way_goes_on_with_the_next_group(ship: Ship) -> None:
    """Where a call breaks off, what was heard is kept, and the next call goes on from there."""
    groups = ship.confirmation("bridge")
    broken = ship.phone(*groups[:12])
    assert (broken.refused, broken.data["left"]) == ("computers_left", 3)
    again = ship.phone(*groups[12:], "stop")
    assert "12 groups were heard before" in again.err
    assert results(again) == {"bridge": "done", "engine": "left", "galley": "left"}
    assert sorted(each.name for each in ship.requests.glob("*.partial")) == []


def test_a_computer_may_be_skipped_repeated_and_taken_back(ship: Ship) -> None:
    """What is skipped is left, what is repeated begins anew, and what is taken back is asked for again."""
    bridge, engine, galley = (ship.confirmation(name) for name in ship.names)
    typed = [*bridge[:3], "repeat", *bridge, "back", *bridge, "skip", *galley]
    said = ship.phone(*typed)
    assert (said.code, results(said)) == (1, {"bridge": "done", "engine": "left", "galley": "done"})
    assert said.err.count("bridge is confirmed") == 2
    rest = ship.phone("back", *bridge, *engine)
    assert rest.code == 0, rest
    assert "bridge is confirmed" in rest.err


def test_what_is_misheard_is_found_while_the_line_is_open(ship: Ship) -> None:
    """A wrong digit is found in its group, and another computer's confirmation by the publisher's key."""
    bridge, engine = ship.confirmation("bridge"), ship.confirmation("engine")
    wrong = bridge[0][:-1] + str((int(bridge[0][-1]) + 1) % 10)
    said = ship.phone(wrong, *engine, "skip", *engine, "skip")
    assert said.err.count("group 1 does not fit") == 1
    assert results(said) == {"bridge": "confirmation_invalid", "engine": "done", "galley": "left"}
    assert (said.data["failed"], ship.response("bridge").exists()) == (1, False)
    assert ship.phone(*bridge, "stop").data["done"] == 2


def test_computers_that_cannot_be_called_for_are_named(ship: Ship) -> None:
    """No call sheet, a damaged one, or that of another request: the computer is named with its code, the others go."""
    (ship.requests / "bridge.call").unlink()
    (ship.requests / "engine.call").write_bytes((ship.requests / "galley.call").read_bytes())
    (ship.requests / "plain.request").write_bytes(Device(ship.place.publisher).activate(ship.key, PRODUCT, via="file"))
    (ship.requests / "plain.call").write_bytes((ship.requests / "galley.call").read_bytes()[:-40])
    said = ship.phone(*ship.confirmation("galley"))
    assert said.refused == "computers_left"
    unfit = dict.fromkeys(("bridge", "engine", "plain"), "call_sheet_unfit")
    assert results(said) == unfit | {"galley": "done"}
    assert volact("fleet", "proxy", "phone", ship.folder / "absent").error == "usage"
    told = ship.phone("stop", as_json=False)
    assert "1 confirmed, 3 failed, 0 left" in told.out
    assert "[computers_left]" in told.err


def test_a_confirmed_computer_is_not_asked_for_in_a_bundle_too(ship: Ship) -> None:
    """An export leaves out what was confirmed by telephone, since it would take a second activation."""
    ship.phone(*ship.confirmation("engine"))
    ship.phone("skip", *ship.confirmation("engine"), "stop")
    said = volact("fleet", "proxy", "export", ship.requests, ship.folder / "bundle")
    assert results(said) == {"bridge": "exported", "engine": "request_confirmed", "galley": "exported"}
    assert volact("service", "answer", ship.place.folder, ship.folder / "bundle", "--out", ship.folder / "a").code == 0
    assert volact("fleet", "proxy", "import", ship.requests, ship.folder / "a").data["written"] == 2
    assert (ship.place.row(ship.key).used, ship.phone().data["done"]) == (3, 3)


def test_a_stopped_call_says_that_the_same_command_goes_on(ship: Ship) -> None:
    """Ctrl-C ends with what is done so far and exit code 130; the same command goes on from the next group."""
    groups = ship.confirmation("bridge")
    master, slave = pty.openpty()
    words = [VOLACT, "fleet", "proxy", "phone", ship.requests, "--json"]
    with subprocess.Popen(
        words, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hears_ctrl_c
    ) as running:
        os.close(slave)
        try:
            os.write(master, "".join(f"{group}\n" for group in groups[:5]).encode())
            partial, until = ship.requests / "bridge.call.partial", time.monotonic() + 60
            while (not partial.exists() or len(partial.read_text().split()) < 5) and time.monotonic() < until:
                assert running.poll() is None
            _until_it_listens(running)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
        finally:
            running.kill()
            os.close(master)
    assert (running.returncode, json.loads(out)["left"]) == (130, 3)
    assert "the same command goes on from here" in err
    assert ship.phone(*groups[5:], "stop").data["done"] == 1


def _until_it_listens(process: subprocess.Popen[str]) -> None:
    """Waits until a program sleeps for what is typed next: a Ctrl-C before that is noticed with the next key only."""
    asleep, until = 0, time.monotonic() + 60
    while asleep < 3 and time.monotonic() < until:
        state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        asleep = asleep + 1 if state == "S" else 0
        time.sleep(0.05)
    assert asleep == 3
