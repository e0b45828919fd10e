"""The publisher's log as this computer has seen it: kept, compared, said loudly where it does not fit (spec D-10)."""

from __future__ import annotations

from collections.abc import Generator
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


def keep_checkpoint(computer: Computer, trust: Trust, *, offered: str | None, service: Transport | None = None) -> None:
    """Compares the checkpoint that an answer carried, and keeps what it says; under the home's lock.

    A service is asked for the proofs between; where it does not show them, or nobody is asked, sizes and times tell.
    Nothing that goes wrong here is a reason to stop what was asked for.
    """
    with suppress(VolactError):
        kept = _kept(computer)
        seen: Seen | None = None
        if service is not None:
            with suppress(VolactError):
                seen = _driven(watching.compare(trust, kept, offered=offered, asks=True), service)
        _note(computer, seen or _driven(watching.compare(trust, kept, offered=offered, asks=False), None))


def watch(computer: Computer, trust: Trust, *, service: Transport) -> None:
    """Asks the service for its newest checkpoint, and does the same with that."""
    with suppress(VolactError):
        _note(computer, _driven(watching.watch(trust, _kept(computer)), service))


@dataclass(frozen=True, slots=True)
class LogView:
    """The newest checkpoint that was seen, as text and as what it says, and what does not fit."""

    checkpoint: str
    said: Checkpoint
    forked: LogFork | None


def look(computer: Computer) -> LogView | None:
    """What this computer has seen of the log, None before the first checkpoint; only reads."""
    record = computer.home.load_whole(LogWatched)
    if record is None:
        return None
    try:
        return LogView(record.newest, checkpoint.parse(record.newest)[0], record.forked)
    except Malformed:  # written by something else: nothing was seen
        return None


def fork(computer: Computer) -> Refusal | None:
    """What did not fit, `log_forked`, until the home is set up anew."""
    record = computer.home.load_whole(LogWatched)
    if record is None or record.forked is None:
        return None
    return Refusal("log_forked", record.forked.detail)


def _kept(computer: Computer) -> Kept | None:
    record = computer.home.load_whole(LogWatched)
    return Kept(record.proven, record.newest) if record else None


def _note(computer: Computer, seen: Seen) -> None:
    before = computer.home.load_whole(LogWatched)
    if seen.kept is None:
        return
    forked = before.forked if before else None
    if forked is None and seen.forked is not None:
        said = seen.forked
        kept, offered = str(said.fields["kept"]), str(said.fields["offered"])
        forked = LogFork(detail=said.detail, kept=kept, offered=offered, at=computer.clock())
    after = LogWatched(proven=seen.kept.proven, newest=seen.kept.newest, forked=forked)
    if after != before:
        computer.home.save(after)


def forget_fork(computer: Computer) -> None:
    """Starts watching anew where something did not fit: for whoever sets the home up again."""
    record = computer.home.load_whole(LogWatched)
    if record is not None and record.forked is not None:
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
