"""Activation hosts as an administrator has them: a folder, the command `volact host`, and the running program.

host = HostPlace.make(folder, publisher_file)        initialized with a declared identity
host.run("install-key", "-", text=key)               -> Said(code, out, err)
with host.running() as running:                      `volact host run` on a free port
    running.ask(Asker("pc-1"), "office-2010")         -> httpx.Response
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.commands import VOLACT, Said, declare, shifted, volact
from tests.support.computer import Asker


@dataclass(slots=True)
class HostPlace:
    """The folder of one host."""

    folder: Path
    publisher: str

    @classmethod
    def make(cls, folder: Path, publisher_file: Path, *more: str, publisher: str = "acme.example") -> HostPlace:
        """Makes a host with a declared identity of its own."""
        identity = declare(folder.with_suffix(".identity"), folder.name)
        place = cls(folder, publisher)
        said = place.run("init", "--publisher", str(publisher_file), "--identity", str(identity), *more)
        assert said.code == 0, said
        return place

    def run(self, verb: str, *words: str, shift: str | None = None, text: str = "") -> Said:
        """Runs `volact host VERB` on the folder."""
        return volact("host", verb, str(self.folder), *words, shift=shift, text=text)

    def status(self, shift: str | None = None) -> dict[str, object]:
        """What `host status` says."""
        said = self.run("status", shift=shift)
        assert said.code == 0, said
        return said.data

    def count(self, count_group: str = "windows") -> int:
        """The count that `host status` shows."""
        counts = self.status()["counts"]
        assert isinstance(counts, list)
        return next(int(each["count"]) for each in counts if each["count_group"] == count_group)

    @contextlib.contextmanager
    def running(self, *options: str, shift: str | None = None) -> Iterator[RunningHost]:
        """`volact host run` as a real program; ended with SIGTERM."""
        host = self.start(*options, shift=shift)
        try:
            yield host
        finally:
            host.stop()

    def start(self, *options: str, shift: str | None = None) -> RunningHost:
        """Starts the program and waits until it says where it answers; its log goes to FOLDER.log."""
        command = [str(VOLACT), "host", "run", str(self.folder), "--bind", "127.0.0.1:0", *options, "--json"]
        log = self.folder.with_suffix(".log")
        with log.open("ab") as said:
            moved = {**os.environ, **shifted(shift)}
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=moved)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the host did not start: {log.read_text()}"
        return RunningHost(process, json.loads(line)["url"], self.publisher)


@dataclass(slots=True)
class RunningHost:
    """A host as a real process."""

    process: subprocess.Popen[bytes]
    url: str
    publisher: str

    def ask(
        self,
        asker: Asker | str,
        product: str,
        *,
        now: int | None = None,
        virtual: bool = False,
        body: bytes | None = None,
    ) -> httpx.Response:
        """Asks for a lease as a computer does."""
        one = Asker(asker, publisher=self.publisher) if isinstance(asker, str) else asker
        sent = body or one.ask(product, int(time.time()) if now is None else now, virtual=virtual)
        return self.post(sent, hint=one.name)

    def post(self, body: bytes, *, hint: str = "") -> httpx.Response:
        """Sends one signed request."""
        return httpx.post(f"{self.url}/v1/requests", content=body, headers={"volact-computer": hint}, timeout=30)

    def get(self, path: str) -> httpx.Response:
        """Fetches a document or page."""
        return httpx.get(f"{self.url}{path}", timeout=30)

    def fill(self, product: str, computers: int, *, start: int = 0) -> list[str | None]:
        """Lets distinct computers ask one after another; gives the code of each refusal, None for a lease."""
        return [code(self.ask(f"pc-{number}", product)) for number in range(start, start + computers)]

    def stop(self) -> int:
        """Ends it as an operator does, and gives its exit code."""
        self.process.terminate()
        with self.process:
            return self.process.wait(25)

    def kill(self) -> None:
        """Ends it as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        with self.process:
            self.process.wait(10)


def code(reply: httpx.Response) -> str | None:
    """The code of a refusal, None for an answer."""
    return None if reply.status_code == 200 else str(reply.json()["code"])
