"""Real programs for the demonstration and the measurements: runs `volact` commands and its servers as processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

VOLACT = (sys.executable, "-c", "from volact.cli.main import main; main()")
START_SECONDS = 30
STOP_SECONDS = 20


class Failed(Exception):
    """A command or a server did something else than was asked of it."""


def volact(*words: str | Path) -> dict[str, Any]:
    """Runs one command with --json and gives its object; raises Failed with what it said."""
    answer, code = attempt(*words)
    if code:
        raise Failed(f"volact {' '.join(map(str, words))}: {answer.get('error')}")
    return answer


def attempt(*words: str | Path) -> tuple[dict[str, Any], int]:
    """Runs one command with --json and gives its object and exit code."""
    done = subprocess.run([*VOLACT, *map(str, words), "--json"], capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout), done.returncode
    except ValueError as err:
        raise Failed(f"volact {' '.join(map(str, words))}: {done.stderr or done.stdout}") from err


def free_port() -> int:
    """A port that nobody listens on at the moment, below the range that outgoing connections take."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failed("no free port")


class Server:
    """A `volact ... run` process on a port of its own, known by its process id."""

    def __init__(self, *words: str | Path, cpu: int | None = None) -> None:
        self.words = tuple(map(str, words))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._cpu = cpu
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        bind = ("--bind", f"127.0.0.1:{self.port}")
        pinned = (lambda: os.sched_setaffinity(0, {self._cpu or 0})) if self._cpu is not None else None
        process = subprocess.Popen(
            [*VOLACT, *self.words, *bind], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=pinned
        )
        self._wait(process)
        return process

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        pause, until = threading.Event(), time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1).close()
            except (urllib.error.URLError, OSError):
                pause.wait(0.02)
            else:
                return
        process.kill()
        raise Failed(f"volact {' '.join(self.words)} did not start")

    def kill(self) -> None:
        """Ends the process as a power cut would."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Starts it again on the same folder and port."""
        self.process = self._start()

    def stop(self) -> None:
        """Asks the process to end, and waits."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
