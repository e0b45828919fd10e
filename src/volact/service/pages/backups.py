"""Backups that an administrator asks for on a page: made beside the service, by a process of their own, one at a time.

A copy of a large record takes its time, and another process takes none of it from whoever asks the service.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from volact.errors import Refusal, Refused, VolactError, say
from volact.service.backing import back_up
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.pages.accounts.keeping import accounts_of
from volact.service.ports import Act

_PROCESSES = get_context("spawn")


@dataclass(frozen=True, slots=True)
class State:
    """What this process does: since when (seconds) a backup is under way, and how the last one failed."""

    since: int | None = None
    failed: Refusal | None = None


class Backups:
    """Makes backups of a service in a folder `into` which an operator named."""

    def __init__(self, folder: Folder, into: Path, *, failed: Callable[[Refusal], None]) -> None:
        self.host, self.into = platform.node(), into.absolute()
        self._folder, self._failed = folder, failed
        self._lock = threading.Lock()
        self.state = State()

    def begin(self, act: Act) -> None:
        """Has one made; raises Refused (`backup_running`) while one is under way."""
        with self._lock:
            if self.state.since is not None:
                raise Refused(Refusal("backup_running", "a backup is being made already"))
            self.state = State(since=act.now)
        file = self.into / f"ledger-{datetime.fromtimestamp(act.now, UTC):%Y-%m-%dT%H%M%SZ}.backup"
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=_make, args=(self._folder.path, file, act, theirs), daemon=True)
        process.start()
        theirs.close()
        threading.Thread(target=self._wait, args=(process, ours), name="backup", daemon=True).start()

    def _wait(self, process: Any, said: Connection) -> None:
        try:
            refusal: Refusal | None = said.recv()
        except EOFError:
            refusal = Refusal("internal", "the process that made the backup was ended")
        said.close()
        process.join()
        self.state = replace(self.state, since=None, failed=refusal)
        if refusal is not None:
            self._failed(refusal)


def checked(into: Path) -> Path:
    """The folder for backups; raises Refused (`usage`) where no file can be written there."""
    if not into.is_dir() or not os.access(into, os.W_OK | os.X_OK):
        detail = say("--backups names a folder that can be written to, which {into} is not", into=into)
        raise Refused(Refusal("usage", detail))
    return into


def _make(folder: Path, file: Path, act: Act, told: Connection) -> None:  # signature of `Process`
    """The process of one backup; says None, or what was wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and nothing is left of the file
    place, refusal = Folder(folder), None
    try:
        with opened(place) as service:
            back_up(service, file, accounts=lambda: accounts_of(place, service), act=act)
    except VolactError as err:
        refusal = err.refusal
    told.send(refusal)
