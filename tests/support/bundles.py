"""Folders of request files, as isolated computers hand them over, and the bundles made of them.

site = Site.make(tmp_path, activations=3, computers=5)    a publisher, a key, a folder of requests
site.export()                                             -> Said of `volact fleet proxy export`
site.bundle, site.answer                                  where the two files lie
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.commands import VOLACT, Said, volact
from tests.support.service import Device, Key, Place
from volact.protocol.bundles import Row, read_bundle
from volact.protocol.results import Documents, Result, read_answers

PRODUCT = "tracer-9"


@dataclass(slots=True)
class Site:
    """A publisher with one key, and the requests of computers in a folder."""

    folder: Path
    place: Place
    key: Key
    devices: dict[str, Device] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, *, activations: int, computers: int = 0, place: Place | None = None) -> Site:
        """Founds a publisher unless there is one, and writes the requests of so many computers."""
        place = place or Place.make(folder / "service")
        site = cls(folder, place, place.key(PRODUCT, "mak", activations=activations))
        site.requests.mkdir()
        for number in range(computers):
            site.add(f"pc-{number:04}")
        return site

    @property
    def requests(self) -> Path:
        return self.folder / "requests"

    @property
    def bundle(self) -> Path:
        return self.folder / "out.bundle"

    @property
    def answer(self) -> Path:
        return self.folder / "in.answer"

    def add(self, name: str, *, iat: int | None = None) -> bytes:
        """Writes the request of one more computer."""
        device = self.devices.setdefault(name, Device(self.place.publisher))
        body = device.activate(self.key, PRODUCT, via="file", iat=iat)
        (self.requests / f"{name}.request").write_bytes(body)
        return body

    def export(self) -> Said:
        """`volact fleet proxy export`, done."""
        said = volact("fleet", "proxy", "export", self.requests, self.bundle)
        assert said.code == 0, said
        return said

    def ask(self, url: str, **more: Any) -> Said:
        """`volact fleet proxy request`."""
        return volact("fleet", "proxy", "request", self.bundle, "--service", url, "--out", self.answer, **more)

    def start_asking(self, url: str) -> subprocess.Popen[bytes]:
        """The same as a process, to be ended by whoever started it."""
        words = ["fleet", "proxy", "request", self.bundle, "--service", url, "--out", self.answer, "--json"]
        return subprocess.Popen([VOLACT, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answer_by_file(self, *, shift: str | None = None) -> Said:
        """`volact service answer` with the bundle."""
        return volact("service", "answer", self.place.folder, self.bundle, "--out", self.answer, shift=shift)

    def import_answer(self, folder: Path | None = None) -> Said:
        """`volact fleet proxy import`."""
        return volact("fleet", "proxy", "import", folder or self.requests, self.answer)

    @property
    def rows(self) -> list[Row]:
        """The rows of the bundle."""
        return list(read_bundle(lines(self.bundle))[1])

    @property
    def answered(self) -> tuple[Documents, list[Result]]:
        """What the answer holds."""
        documents, results = read_answers(lines(self.answer))
        return documents, list(results)

    @property
    def used(self) -> int:
        """How many activations are taken from the key."""
        return self.place.row(self.key).used


def lines(path: Path) -> list[bytes]:
    """The lines of a file."""
    return path.read_bytes().splitlines(keepends=True)


def codes(said: Said) -> list[str | None]:
    """The code of each row."""
    return [row["code"] for row in said.data["rows"]]
