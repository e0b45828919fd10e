"""Computers that watch the log of a real service: one that grows, and one that was taken back."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from tests.support import commands
from tests.support.service import Place, now
from volact.client import agent
from volact.client.activation import Route, activate
from volact.client.answerfile import read_response, write_request
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import Setup, init
from volact.client.keyring import install_key
from volact.client.logwatch import watcher
from volact.client.overview import overlook
from volact.client.records import LogWatched
from volact.protocol.flows import Reply, Send
from volact.service.usecases import catalogs, customers
from volact.service.usecases.sequencing import catch_up
from volact.service.usecases.settling import set_url
from volact.service.usecases.verifying import verify

PRODUCT, SERVICE = "tracer-9", "http://service"


@dataclass
class World:
    """A service, taken back to an earlier record when a test says so, and the computers that ask it."""

    folder: Path
    place: Place
    sent: list[str] = field(default_factory=list)

    def send(self, step: Send) -> Reply:
        """The way to the service, whose log is up to date with every answer."""
        self.sent.append(step.path)
        with self.place.opened() as service:
            catch_up(service)
        with self.place.answering() as answering:
            return answering.answer(step.method, step.path, step.body)

    def computer(self, name: str) -> Computer:
        """A computer with a key of its own."""
        made = Computer(Home(self.folder / name), connect=lambda url, whom: self)
        identity = self.folder / f"{name}.identity"
        identity.write_text(json.dumps({"id": name, "virtual": False, "components": {}}), "utf-8")
        self.install(made, identity)
        install_key(made, self.place.key(PRODUCT, "mak", activations=5).text)
        return made

    def install(self, computer: Computer, identity: Path | None = None) -> None:
        """Sets the computer up, perhaps again."""
        with self.place.opened() as service:
            data, _ = catalogs.publisher_file(service)
        init(computer, Setup(PRODUCT, data, identity=identity))

    def act(self, name: str) -> None:
        """One act on record, in the log at once."""
        with self.place.opened() as service:
            customers.add_organization(service, name, parent=None, country=None, act=now())
            catch_up(service)

    def back_up(self) -> None:
        """Keeps the record as it stands."""
        shutil.copytree(self.place.folder, self.folder / "backup")

    def restore(self) -> None:
        """Puts the kept record in the place of the present one."""
        shutil.rmtree(self.place.folder)
        shutil.copytree(self.folder / "backup", self.place.folder)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A publisher whose service knows its address."""
    place = Place.make(tmp_path / "service")
    with place.opened() as service:
        set_url(service, SERVICE, act=now())
    return World(tmp_path, place)


def ask(computer: Computer) -> None:
    """Activates."""
    assert activate(computer, PRODUCT, route=Route(service=SERVICE)) is None


def size(computer: Computer) -> int:
    """How large the log is that the computer has seen."""
    seen = watcher(computer).look()
    assert seen is not None
    return seen.said.size


def status(computer: Computer) -> dict[str, object]:
    """What the command shows of the computer."""
    return commands.volact("client", "--home", computer.home.path, "status", "--why").data


def test_a_log_that_grows_is_followed(world: World) -> None:
    """Activations and refreshes bring newer checkpoints with their proofs, and nothing is said."""
    computer = world.computer("pc")
    ask(computer)
    first = size(computer)
    world.act("Contoso")
    agent.refresh(computer)
    assert size(computer) == first + 2  # the activation, and the act
    assert f"/v1/log/consistency/{first}/{first + 2}" in world.sent
    record = computer.home.load(LogWatched)
    assert record is not None
    assert record.proven == record.newest
    said = status(computer)
    assert "warnings" not in said
    with world.place.opened() as service:
        verify(service, kept=[said["log"]["checkpoint"]])  # type: ignore[index]


def test_a_restored_record_is_noticed_when_it_grows_again(world: World) -> None:
    """After an older record was restored a computer says so at every command, and stays licensed."""
    computer = world.computer("pc")
    world.back_up()
    ask(computer)
    for name in ("Contoso", "Fabrikam", "Tailspin"):
        world.act(name)
    agent.refresh(computer)
    before = size(computer)
    world.restore()
    for number in range(9):
        world.act(f"Other {number}")
    told: list[str] = []
    stop = Event()

    def tell(done: agent.Done) -> None:
        told.extend([done.refusal.code] if done.refusal else [])
        if "log_forked" in told:
            stop.set()

    agent.run(computer, stop, said=tell)
    assert told == ["log_forked"]
    said = status(computer)
    assert [each["code"] for each in said["warnings"]] == ["log_forked"]  # type: ignore[attr-defined]
    log = said["log"]
    assert (log["size"], log["forked"] is None) == (before, False)  # type: ignore[index]
    assert said["products"][0]["state"] == "licensed"  # type: ignore[index]
    assert overlook(computer, PRODUCT).status.state == "licensed"
    shown = commands.volact("client", "--home", computer.home.path, "status", json=False)
    assert "log_forked" in shown.err
    world.install(computer)
    assert "warnings" not in status(computer)


def test_answer_files_carry_checkpoints(world: World) -> None:
    """A computer without a network sees by an answer file alone that the log was taken back."""
    computer, other = world.computer("pc"), world.computer("other")
    world.back_up()
    for name in ("Contoso", "Fabrikam", "Tailspin", "Litware"):
        world.act(name)
    request = world.folder / "one.request"
    for device, at in ((computer, "1.response"), (other, "2.response")):
        request.write_bytes(write_request(device, PRODUCT))
        said = commands.volact("service", "answer", world.place.folder, request, "--out", world.folder / at)
        assert said.code == 0, said
    read_response(computer, PRODUCT, data=(world.folder / "1.response").read_bytes())
    with world.place.opened() as service:
        assert size(computer) == verify(service).size - 1  # the activation of the other one came after
    assert watcher(computer).fork() is None
    late = size(computer)
    world.restore()
    again = commands.volact(
        "service", "answer", world.place.folder, request, "--out", world.folder / "3.response", shift="+1h"
    )
    assert again.code == 0, again
    response = json.loads((world.folder / "3.response").read_bytes())
    with computer.home.lock():
        watcher(computer).heed(computer.home.trust(), offered=response["checkpoint"])
    forked = watcher(computer).fork()
    assert forked is not None
    assert f"after it had {late}" in forked.detail
