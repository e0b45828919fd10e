"""A real PostgreSQL server of Debian's binaries, in a folder of its own, for tests and measurements.

with Server.running() as server: url = server.database()   an empty database
server.stop(), server.start()                              away, and back
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

USER = "postgres"  # the server refuses to be root's
QUICK = ("fsync=off", "full_page_writes=off")  # for tests in which no power fails


def programs() -> Path | None:
    """Where the server's programs are, of the newest version that is installed; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@dataclass(slots=True)
class Server:
    """One server on a free port of loopback."""

    folder: Path
    programs: Path
    settings: tuple[str, ...] = QUICK
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    names: Iterator[int] = field(default_factory=count)

    @classmethod
    @contextmanager
    def running(cls, *settings: str) -> Iterator[Server]:
        """A new server, running, with QUICK or the settings given; gone with its folder at the end.

        Raises FileNotFoundError where none is installed.
        """
        found = programs()
        if found is None:
            raise FileNotFoundError("PostgreSQL's server is not installed")
        with _folder() as folder:
            server = cls(folder, found, settings or QUICK)
            server._run("initdb", "-D", folder / "data", "-A", "trust", "-U", USER, "-E", "UTF8", "-N")
            yield from server._up()

    @contextmanager
    def standby(self) -> Iterator[Server]:
        """A second server that has all that this one commits, before it is answered; `promote` makes it the first."""
        with _folder() as folder:
            second = Server(folder, self.programs, self.settings)
            self._run("pg_basebackup", "-D", folder / "data", "-d", self.url("postgres"), "-R", "-c", "fast")
            for _ in second._up():
                self.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
                self.run("SELECT pg_reload_conf()")
                pause, until = threading.Event(), time.monotonic() + 30
                while not self.run("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"):
                    if time.monotonic() > until:
                        raise TimeoutError("the standby does not follow")
                    pause.wait(0.05)
                yield second

    def _up(self) -> Iterator[Server]:
        try:
            self.start()
            yield self
        finally:
            self.stop()

    def promote(self) -> None:
        """Makes a standby the server that may be written to."""
        self.run("SELECT pg_promote()")

    def run(self, statement: LiteralString) -> list[Any]:
        """Runs one statement as the server's operator; gives its rows."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Starts it, on the port that it had, and waits until it answers; raises TimeoutError with its log."""
        if self.port:
            return self._start()
        for _ in range(5):  # somebody else may take the port meanwhile
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            with suppress(TimeoutError):
                return self._start()
        return self._start()

    def _start(self) -> None:
        words = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        words += ["-h", "127.0.0.1", "-p", str(self.port), "-N", "200"]
        words += [word for setting in self.settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([*_as_user(), *words], stdout=log, stderr=log, cwd="/")
        pause, until = threading.Event(), time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                pause.wait(0.05)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text())

    def stop(self, *, at_once: bool = False) -> None:
        """Ends it, and cuts its sessions off; `at_once` leaves it as a power cut does."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)  # PostgreSQL's immediate and fast ends
        self.process.wait(60)
        self.process = None

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def database(self, template: str = "template1") -> str:
        """A new database, a copy of another one that nobody is connected to; gives its URL."""
        name = f"volact_{next(self.names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        return self.url(name)

    def drop(self, url: str) -> None:
        """Takes a database away, and cuts off who is connected to it."""
        name = sql.Identifier(url.rpartition("/")[2])
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def _run(self, program: str, *words: object) -> None:
        command = [*_as_user(), str(self.programs / program), *(str(word) for word in words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd="/")
        if done.returncode:
            raise OSError(done.stderr)


def _as_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    # It ends with whoever started it, also where that one is killed.
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--pdeathsig", "INT"]


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of the server's user, not below a test's folder, which is its own user's alone; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="volact-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
