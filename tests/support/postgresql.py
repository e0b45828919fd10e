"""A real PostgreSQL server of Debian's binaries, in a folder of its own, and one database for each test.

with Server.running(folder) as server: url = server.database()   an empty database
server.stop(), server.start()                                    away, and back
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

USER = "postgres"  # the server refuses to be root's
QUICK = ("fsync=off", "full_page_writes=off")  # for tests in which no power fails


def binaries() -> Path:
    """Where the server's programs are; skips the test where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("PostgreSQL's server is not installed")
    return found[-1].parent


@dataclass(slots=True)
class Server:
    """One server on a free port of loopback."""

    folder: Path
    settings: tuple[str, ...] = QUICK
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    names: Iterator[int] = field(default_factory=count)

    @classmethod
    @contextmanager
    def running(cls, *settings: str) -> Iterator[Server]:
        """A new server, running; gone with its folder at the end."""
        programs = binaries()
        folder = Path(tempfile.mkdtemp(prefix="volact-pg-"))  # not below a test's folder, which is its user's alone
        server = cls(folder, settings or QUICK)
        try:
            if os.geteuid() == 0:
                shutil.chown(folder, USER, USER)
            server._run(programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", USER, "-E", "UTF8", "-N")
            server.start()
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def start(self) -> None:
        """Starts it, on the port that it had, and waits until it answers."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", self.port))
            self.port = probe.getsockname()[1]
        words = [str(binaries() / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        words += ["-h", "127.0.0.1", "-p", str(self.port), "-N", "200"]
        words += [word for setting in self.settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([*_as_user(), *words], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self, *, at_once: bool = False) -> None:
        """Ends it: sessions are cut off; `at_once` as a power cut does."""
        if self.process is None:
            return
        if at_once:
            self.process.send_signal(3)  # SIGQUIT: no checkpoint, every process of it ends
        else:
            self.process.send_signal(2)  # SIGINT: a fast shutdown
        self.process.wait(60)
        self.process = None

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def database(self, template: str = "template1") -> str:
        """A new database, a copy of another one that nobody is connected to; gives its URL."""
        name = f"volact_{next(self.names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def _run(self, *words: object) -> None:
        command = [*_as_user(), *(str(word) for word in words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd="/")
        assert done.returncode == 0, done.stderr


def _as_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
