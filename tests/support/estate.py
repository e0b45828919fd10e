"""A service and a host as real programs, and the command `volact client` as a user runs it, at any time.

with Estate.open(folder, catalog="reference", product="office-2010") as estate:
    estate.fill("office-2010", 5)                            so many other computers ask the host
    pc = estate.computer("office-2010")                      a home with a declared identity
    pc.run("activate", "--host", estate.host)                -> Said(code, data)
    pc.run("status", shift="+200d")                          at another time, by libfaketime
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.computer import Asker
from tests.support.service import VOLACT, Place, Running

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: its exit code, and the object on standard output."""

    code: int
    data: dict[str, Any]

    @property
    def error(self) -> str | None:
        """The code of the refusal, None where there was none."""
        found = self.data.get("error")
        return None if found is None else str(found["code"])

    @property
    def product(self) -> dict[str, Any]:
        """The only product's row."""
        (row,) = self.data["products"]
        return dict(row)


def volact(*words: str, shift: str | None = None, text: str = "", env: dict[str, str] | None = None) -> Said:
    """Runs one command with --json, by a clock that is shifted where `shift` says so."""
    moved = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": shift, "DONT_FAKE_MONOTONIC": "1"} if shift else {}
    if shift and not FAKETIME.exists():
        pytest.skip("libfaketime is not installed")
    done = subprocess.run(
        [VOLACT, *words, "--json"],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **moved, **(env or {})},
    )
    return Said(done.returncode, json.loads(done.stdout) if done.stdout else {"stderr": done.stderr})


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
        with place.running() as service, contextlib.ExitStack() as stack:
            file = folder / "publisher.json"
            told = volact("service", "publisher-file", str(place.folder), str(file))
            key = place.key(product, "host").text
            host = folder / "host"
            identity = declare(folder / "host.identity", "the-host")
            for words in (
                ("init", str(host), "--publisher", str(file), "--service", service.url, "--identity", str(identity)),
                ("install-key", str(host), key),
                ("activate", str(host)),
            ):
                said = volact("host", *words)
                assert said.code == 0, said
            url = stack.enter_context(_host(host))
            yield cls(folder, place, service.url, url, file, told.data["pin"], running=[service])

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


def declare(path: Path, name: str, **more: object) -> Path:
    """Writes an identity file."""
    path.write_text(json.dumps({"id": name} | more), "utf-8")
    return path


@contextlib.contextmanager
def _host(folder: Path) -> Iterator[str]:
    """`volact host run` as a real program on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [VOLACT, "host", "run", str(folder), "--bind", f"127.0.0.1:{port}"]
    log = folder.with_suffix(".log")
    with log.open("ab") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        for _ in range(200):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(25)
