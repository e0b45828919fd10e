"""The screens that are drawn: an isolated computer, a folder of them, and who calls for them.

Computers, key and publisher are always the same ones, so a screen changes only when a command says something else.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from stage import Server, volact

from pictures.screen import Screen
from volact.credential.telephone.confirmation import ConfirmationId
from volact.licensing.catalogfile import read_catalog_text
from volact.testing import FakeClock, FakePublisher
from volact.testing.telephone import FakeCenter

ROOT = Path(__file__).resolve().parents[2]
CATALOG = ROOT / "catalogs" / "demo.toml"
PRODUCT, SERVICE = "tracer-9", "plant-service"


class Ship:
    """Computers of one organization, the folder that is carried, and the center that is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.publisher = FakePublisher(read_catalog_text(CATALOG.read_bytes()), clock=FakeClock(int(time.time())))
        self.center = FakeCenter(self.publisher)
        self.key = self.publisher.issue("mak", PRODUCT)
        (folder / "publisher.json").write_bytes(self.publisher.file())

    def computer(self, name: str, *, key: str | None = None, publisher: str = "publisher.json") -> None:
        """One computer, with its key."""
        identity = self.folder / f"{name}.identity"
        identity.write_text(json.dumps({"id": name}))
        home = ("client", "--home", self.folder / name)
        volact(*home, "init", "--product", PRODUCT, "--publisher", self.folder / publisher, "--identity", identity)
        volact(*home, "install-key", key or self.key.text)

    def ask(self, *names: str, into: str) -> None:
        """Writes the requests of computers into a folder."""
        (self.folder / into).mkdir(exist_ok=True)
        for name in names:
            file = self.folder / into / f"{name}.request"
            volact("client", "--home", self.folder / name, "activate", "--request", file)

    def confirmation(self, name: str) -> ConfirmationId:
        """What the center says of a computer."""
        groups = volact("client", "--home", self.folder / name, "installation-id")["groups"]
        return self.center.confirm(" ".join(groups))


def draw_all(folder: Path, out: Path) -> None:
    """Draws every screen; raises Failed where a command does something else than it has to."""
    ship = Ship(folder)
    for name in ("laptop", "bridge", "engine"):
        ship.computer(name)
    _telephone(ship, out)
    _call(ship, out)
    _bundle(ship, out)


def _telephone(ship: Ship, out: Path) -> None:
    asking = Screen(ship.folder)
    asking.run("client", "--home", "laptop", "installation-id")
    asking.draw(out / "installation-id.svg", "What is read out")
    groups = list(ship.confirmation("laptop").groups)
    wrong = groups[2][:-1] + str((int(groups[2][-1]) + 1) % 10)
    typing = Screen(ship.folder)
    typed = [groups[0], groups[1], wrong, groups[2], " ".join(groups[3:10]), "".join(groups[10:])]
    typing.run("client", "--home", "laptop", "confirm", typed=typed)
    typing.draw(out / "confirm.svg", "The confirmation, typed group by group")


def _call(ship: Ship, out: Path) -> None:
    ship.ask("bridge", "engine", into="requests")
    bridge, engine = (list(ship.confirmation(name).groups) for name in ("bridge", "engine"))
    words = ("fleet", "proxy", "phone", "requests")
    broken_off = Screen(ship.folder)
    broken_off.run(*words, typed=[" ".join(bridge[:17]), "stop"], code=1)
    calling = Screen(ship.folder)
    calling.run(*words, typed=[*bridge[17:], bridge[0], engine[0], engine[1], "stop"], code=1)
    calling.draw(out / "proxy-phone.svg", "One call for a folder of computers")


def _bundle(ship: Ship, out: Path) -> None:
    service = ship.folder / SERVICE
    volact("service", "init", service, "--id", "acme.example", "--name", "Acme", "--catalog", CATALOG)
    owner = volact("service", "organization", "add", service, "Nordlys Energi")["organization_id"]
    words = ("--organization", owner, "--program", "studio", "--licenses", f"{PRODUCT}=5")
    agreement = volact("service", "agreement", "add", service, *words)["licensing_id"]
    issued = ("--licensing-id", agreement, "--product", PRODUCT, "--kind", "mak")
    key = volact("service", "key", "issue", service, *issued)["key"]
    volact("service", "publisher-file", service, ship.folder / "plant.json")
    names = tuple(f"pc-{number}" for number in range(1, 6))
    for name in names:
        ship.computer(name, key=key, publisher="plant.json")
    ship.ask(*names, into="plant")
    (ship.folder / "plant" / "notes.request").write_text("Dear center, please activate my computer.")
    running = Server("service", "run", service)
    try:
        carried = Screen(ship.folder)
        carried.run("fleet", "proxy", "export", "plant", "plant.bundle")
        carried.run("fleet", "proxy", "request", "plant.bundle", "--service", running.url, "--out", "plant.answers")
        carried.run("fleet", "proxy", "import", "plant", "plant.answers")
    finally:
        running.stop()
    carried.rename(running.url, "https://activation.acme.example")
    carried.draw(out / "bundle.svg", "A bundle, out and back")
