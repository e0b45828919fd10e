"""A real client's verbs over the shipped fakes: a home on disk, a clock and a network in memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path

from volact.client.activation import Route, activate
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import Setup, init, set_host
from volact.client.overview import overlook, status
from volact.client.status import Status
from volact.errors import Refusal
from volact.licensing.catalogfile import read_catalog_text
from volact.testing import FakeClock, FakeHost, FakeNetwork, FakePublisher

SERVICE, HOST = "http://service", "http://host"


@dataclass
class World:
    """One publisher, one host with enough counted computers, and as many client computers as a test wants."""

    folder: Path
    clock: FakeClock
    publisher: FakePublisher
    host: FakeHost
    network: FakeNetwork
    numbers: Iterator[int] = field(default_factory=count)

    def computer(self, product: str = "tracer-9", *, name: str = "pc", host: str | None = HOST) -> Computer:
        """A computer with a declared identity and one product, which knows the host."""
        made = Computer(Home(self.folder / name), self.clock, self.network.connect, self.random)
        self.install(made, product, name=name)
        if host is not None:
            set_host(made, host)
        return made

    def install(self, computer: Computer, product: str, *, name: str = "pc", channel: str = "volume") -> None:
        """Installs a product on a computer."""
        init(
            computer,
            Setup(product, self.publisher.file(), channel=channel, identity=self.identity(name)),
        )

    def identity(self, name: str) -> Path:
        """An identity file of that name."""
        path = self.folder / f"{name}.identity"
        path.write_text(json.dumps({"id": name, "virtual": False, "components": {}}), "utf-8")
        return path

    def random(self, size: int) -> bytes:
        """Bytes that were not drawn before, the same in each run."""
        return sha256(f"random {next(self.numbers)}".encode()).digest()[:size]


def make_world(root: Path, folder: Path, *, catalog: str, group: str) -> World:
    """A world of a shipped catalog."""
    clock = FakeClock()
    text = (root / f"catalogs/{catalog}.toml").read_text("utf-8")
    publisher = FakePublisher(read_catalog_text(text), clock=clock)
    host = FakeHost(publisher, group=group, counted=30)
    network = FakeNetwork({SERVICE: publisher, HOST: host})
    return World(folder, clock, publisher, host, network)


def ask(computer: Computer, product: str = "tracer-9", **route: str) -> Refusal | None:
    """Activates a product."""
    return activate(computer, product, route=Route(**route))


def look(computer: Computer, product: str = "tracer-9") -> Status:
    """The status of a product, as the command shows it."""
    status(computer)
    return overlook(computer, product).status
