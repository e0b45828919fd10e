"""The publisher's log as somebody has seen it: kept, compared, said loudly where it does not fit (spec P-7, D-10)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from volact.client.computer import Computer, Transport
from volact.client.records import LogFork, LogWatched
from volact.credential import checkpoint
from volact.credential.checkpoint import Checkpoint
from volact.errors import Malformed, Refusal, VolactError
from volact.protocol import watching
from volact.protocol.flows import Reply, Send
from volact.protocol.trust import Trust
from volact.protocol.watching import Kept, Seen


@dataclass(frozen=True, slots=True)
class LogView:
    """The newest checkpoint that was seen, as text and as what it says, and what does not fit."""

    checkpoint: str
    said: Checkpoint
    forked: LogFork | None


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who watches the log, a computer or a host: where it keeps what it saw, and its clock.

    Nothing that goes wrong here is a reason to stop what was asked for.
    """

    load: Callable[[], LogWatched | None]
    save: Callable[[LogWatched], None]
    clock: Callable[[], int]

    def heed(self, trust: Trust, *, offered: str | None, service: Transport | None = None) -> None:
        """Compares the checkpoint that an answer carried, and keeps what it says.

        A service is asked for the proofs between; where none come, or nobody is asked, sizes and times tell.
        """
        with suppress(VolactError):
            kept = self._kept()
            seen: Seen | None = None
            if service is not None:
                with suppress(VolactError):
                    seen = _driven(watching.compare(trust, kept, offered=offered, asks=True), service)
            self._note(seen or _driven(watching.compare(trust, kept, offered=offered, asks=False), None))

    def watch(self, trust: Trust, *, service: Transport) -> None:
        """Asks the service for its newest checkpoint, and does the same with that."""
        with suppress(VolactError):
            self._note(_driven(watching.watch(trust, self._kept()), service))

    def fork(self) -> Refusal | None:
        """What did not fit, `log_forked`, until somebody starts anew."""
        record = self.load()
        if record is None or record.forked is None:
            return None
        return Refusal("log_forked", record.forked.detail)

    def look(self) -> LogView | None:
        """What was seen of the log, None before the first checkpoint; only reads."""
        record = self.load()
        if record is None:
            return None
        try:
            return LogView(record.newest, checkpoint.parse(record.newest)[0], record.forked)
        except Malformed:  # written by something else: nothing was seen
            return None

    def _kept(self) -> Kept | None:
        record = self.load()
        return Kept(record.proven, record.newest) if record else None

    def _note(self, seen: Seen) -> None:
        before = self.load()
        if seen.kept is None:
            return
        forked = before.forked if before else None
        if forked is None and seen.forked is not None:
            said = seen.forked
            kept, offered = str(said.fields["kept"]), str(said.fields["offered"])
            forked = LogFork(detail=said.detail, kept=kept, offered=offered, at=self.clock())
        after = LogWatched(proven=seen.kept.proven, newest=seen.kept.newest, forked=forked)
        if after != before:
            self.save(after)


def watcher(computer: Computer) -> Watcher:
    """A computer's watcher; it saves under the home's lock, which its caller holds."""
    return Watcher(lambda: computer.home.load_whole(LogWatched), computer.home.save, computer.clock)


def forget_fork(computer: Computer) -> None:
    """Starts watching anew where something did not fit: for whoever sets the home up again."""
    if watcher(computer).fork() is not None:
        computer.home.drop(LogWatched)


def _driven(flow: Generator[Send, Any, Seen], service: Transport | None) -> Seen:
    said: Reply | None = None
    while True:
        try:
            step = flow.send(said)
        except StopIteration as end:
            seen: Seen = end.value
            return seen
        assert service is not None
        said = service.send(step)
