"""The seams of the host to the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from volact.credential.keys import Signer
from volact.host.records import LeaseAsk, Recorded

Clock = Callable[[], int]  # seconds since 1970 by the wall clock, read anew at every call
Random = Callable[[int], bytes]


class LeaseBook(Protocol):
    """What was answered and counted; written inside one transaction, on disk when that ends."""

    def recorded(self, jkt: str, rid: str) -> Recorded | None:
        """The answer that a device key had for that `rid`, if it is still kept."""
        ...

    def last_counted(self, count_group: str, dev: str) -> int | None:
        """When a computer was last counted in a count group, in seconds."""
        ...

    def count(self, count_group: str, *, since: int, most: int) -> int:
        """The distinct computers counted at or after `since`, or `most` where there are as many or more."""
        ...

    def note_counted(self, count_group: str, dev: str, *, now: int) -> None:
        """Counts a computer at that time."""
        ...

    def note_asked(self, ask: LeaseAsk, *, lease_expires: int | None) -> bool:
        """Puts a request into the inventory; says whether the computer had a lease for that product before."""
        ...

    def note_answer(self, ask: LeaseAsk, payload: bytes, *, certificate: str) -> None:
        """Puts on record exactly what will be signed."""
        ...

    def note_tally(self, what: str, day: int, *, more: int) -> None:
        """Adds to the day's number of answers of a kind."""
        ...


class Keys(Protocol):
    """The device keys of a host."""

    def signer(self, jkt: str) -> Signer | None:
        """The device key of that thumbprint, None where it is gone."""
        ...
