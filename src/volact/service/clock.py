"""The clock that everything signed is dated by: it refuses to sign at a time that cannot be right.

Credentials are judged at the time they carry, so a clock that fell back, or jumped, would date what cannot be taken
back. The newest time signed is on record before anything is signed at it, whoever signs: service or command line.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from volact.errors import Refusal, Refused, Words, say

TOLERANCE_SECONDS = 60
JUMP_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Signed:
    """What the ledger remembers: the newest time signed, and how often an operator has confirmed the clock."""

    newest: int
    confirmed: int


class SigningClock:
    """The wall clock of one run, watched against the monotonic clock and against what was signed before."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._offset = wall() - monotonic()
        self._confirmed: int | None = None

    def now(self) -> int:
        """The wall clock, in seconds."""
        return int(self._wall())

    def milliseconds(self) -> int:
        """The wall clock, in milliseconds: what identifiers begin with."""
        return int(self._wall() * 1000)

    def start(self, confirmed: int) -> None:
        """Notes how often the clock was confirmed before this run: any later time is a confirmation of it."""
        if self._confirmed is None:
            self._confirmed = confirmed

    def time_to_sign(self, signed: Signed) -> int:
        """The time to sign at, never before the newest one; raises Refused (`signing_clock`) when in doubt.

        The figures are of credentials.md: 60 seconds backwards are bridged; an hour against the monotonic clock is
        a jump, until an operator confirms.
        """
        offset = self._wall() - self._monotonic()
        if self._confirmed not in (None, signed.confirmed):
            self._offset = offset
        self._confirmed = signed.confirmed
        now = self.now()
        if abs(offset - self._offset) > JUMP_SECONDS:
            detail = say("the clock shows {now} and jumped by more than an hour during this run", now=_text(now))
            raise _in_doubt(detail, now)
        if now < signed.newest - TOLERANCE_SECONDS:
            newest = _text(signed.newest)
            detail = say("the clock shows {now}, but {newest} was signed already", now=_text(now), newest=newest)
            raise _in_doubt(detail, now)
        return max(now, signed.newest)


def _in_doubt(detail: Words, now: int) -> Refused:
    return Refused(Refusal("signing_clock", detail, {"server_time": now}))


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
