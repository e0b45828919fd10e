"""A service and a host as real programs, and the command `volact client` as a user runs it, at any time.

with Estate.open(folder, catalog="reference", product="office-2010") as estate:
    estate.fill("office-2010", 5)                            so many other computers ask the host
    pc = estate.computer("office-2010")                      a home with a declared identity
    pc.run("activate", "--host", estate.host)                -> Said(code, out, err)
    pc.run("status", shift="+200d")                          at another time, by libfaketime
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.commands import Said, declare, volact
from tests.support.computer import Asker
from tests.support.hosts import HostPlace
from tests.support.service import Place, Running


@dataclass(slots=True)
class Pc:
    """One computer's home and the command that works on it."""

    home: Path
    identity: Path

    def run(self, *words: str, shift: str | None = None, text: str = "", env: dict[str, str] | None = None) -> Said:
        """Runs `volact client` on the home."""
        return volact("client", "--home", str(self.home), *words, shift=shift, text=text, env=env)

    def status(self, shift: str | None = None) -> dict[str, Any]:
        """The only product's row of `status`."""
        return self.run("status", shift=shift).product


@dataclass(slots=True)
class Estate:
    """A publisher with its service, and one activation host, both running."""

    folder: Path
    place: Place
    service: str
    host: str
    publisher_file: Path
    pin: str
    computers: int = 0
    running: list[Running] = field(default_factory=list)

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path, *, catalog: str, product: str) -> Iterator[Estate]:
        """Founds a publisher, issues a host key for a product, and starts both programs."""
        place = Place.make(folder / "service", catalog=catalog)
        with place.running() as service:
            file = folder / "publisher.json"
            told = volact("service", "publisher-file", str(place.folder), str(file))
            host = HostPlace.make(folder / "host", file, "--service", service.url, publisher=place.publisher)
            for words in (("install-key", place.key(product, "host").text), ("activate",)):
                said = host.run(*words)
                assert said.code == 0, said
            with host.running() as answering:
                yield cls(folder, place, service.url, answering.url, file, told.data["pin"], running=[service])

    def computer(self, *products: str, channel: str = "volume", init: bool = True) -> Pc:
        """A computer of its own with these products, which knows no host yet."""
        self.computers += 1
        name = f"pc-{self.computers}"
        pc = Pc(self.folder / name, declare(self.folder / f"{name}.identity", name))
        for product in products if init else ():
            assert self.init(pc, product, "--channel", channel).code == 0
        return pc

    def init(self, pc: Pc, product: str, *more: str) -> Said:
        """Sets a product up on a computer."""
        named = ("--product", product, "--publisher", str(self.publisher_file))
        return pc.run("init", *named, "--identity", str(pc.identity), *more)

    def fill(self, product: str, computers: int) -> None:
        """Lets so many other computers ask the host."""
        with httpx.Client() as client:
            for number in range(computers):
                asker = Asker(f"filler-{product}-{number}", publisher=self.place.publisher)
                client.post(f"{self.host}/v1/requests", content=asker.ask(product, int(time.time())))
