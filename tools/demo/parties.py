"""The three parties of the demonstration, each of real programs in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from stage import Failed, Server, volact

PUBLISHER = "fjordwerk.example"
CATALOG = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
SERVER, CLIENT = "solver-server-9", "tracer-9"
STARTERS = 4  # processes that start at the same time


class Publisher:
    """The publisher: its service, and what it sells to one organization."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder / "service", folder / "fjordwerk.publisher"
        volact(
            "service", "init", self.folder, "--id", PUBLISHER, "--name", "Fjordwerk Engineering", "--catalog", CATALOG
        )
        self.pin = volact("service", "publisher-file", self.folder, self.file)["pin"]
        self.server = Server("service", "run", self.folder)

    def sell(self, name: str) -> str:
        """An organization gets an agreement; gives its Licensing ID."""
        organization = volact("service", "organization", "add", self.folder, name, "--country", "NO")["organization_id"]
        words = ("--organization", organization, "--program", "corporate", "--level", "A")
        return str(volact("service", "agreement", "add", self.folder, *words)["licensing_id"])

    def issue(self, licensing_id: str, *words: str) -> dict[str, Any]:
        """Issues a key."""
        return volact("service", "key", "issue", self.folder, "--licensing-id", licensing_id, *words)

    def show(self, keyid: str) -> dict[str, Any]:
        """What the record says of a key."""
        return volact("service", "key", "show", self.folder, keyid)


class Host:
    """The organization's activation host."""

    def __init__(self, folder: Path, publisher: Publisher, *, key: str) -> None:
        self.folder = folder / "host"
        volact("host", "init", self.folder, "--publisher", publisher.file, "--service", publisher.server.url)
        volact("host", "install-key", self.folder, key)
        volact("host", "activate", self.folder)
        self.server = Server("host", "run", self.folder)

    def count(self) -> int:
        """The distinct computers that it has counted for servers and clients."""
        counts = volact("host", "status", self.folder)["counts"]
        return int(next(each["count"] for each in counts if each["count_group"] == "engineering"))


class Computer:
    """One computer: a process with its own home and its own declared identity."""

    def __init__(self, folder: Path, name: str, *, product: str) -> None:
        self.name, self.product = name, product
        self.home, self.identity = folder / name, folder / f"{name}.json"
        self.identity.write_text(json.dumps({"id": name}))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "demo.computer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def order(self, **order: Any) -> dict[str, Any]:
        """Hands the process one order and gives what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"{self.name} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def client(self, *words: str | Path) -> dict[str, Any]:
        """Runs one `volact client` command that must succeed."""
        done = self.order(words=["--home", str(self.home), *map(str, words)])
        if done["code"]:
            raise Failed(f"{self.name}: volact client {' '.join(map(str, words))}: {done['answer']}")
        answer: dict[str, Any] = done["answer"]
        return answer

    def install(self, publisher: Publisher) -> None:
        """The product is installed: it knows the publisher's file and pin."""
        self.order(name=self.name)
        words = ("--product", self.product, "--publisher", publisher.file, "--pin", publisher.pin)
        self.client("init", *words, "--identity", self.identity)

    def ask(self, *words: str) -> dict[str, Any] | None:
        """Asks to be activated; None when it is, else the refusal."""
        done = self.order(words=["--home", str(self.home), "activate", *words])
        if done["code"] == 0:
            return None
        refusal: dict[str, Any] = done["answer"]["error"]
        return refusal

    def status(self) -> dict[str, Any]:
        """The state of its product."""
        found: dict[str, Any] = self.client("status")["products"][0]
        return found

    def end(self) -> None:
        """Ends the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(10)


def computers(folder: Path, names: list[str], *, product: str, publisher: Publisher) -> list[Computer]:
    """Starts computers and installs the product on each of them."""

    def start(name: str) -> Computer:
        computer = Computer(folder, name, product=product)
        computer.install(publisher)
        return computer

    with ThreadPoolExecutor(STARTERS) as pool:
        return list(pool.map(start, names))
