"""The seams of the host to the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from volact.credential.keys import Signer
from volact.host.records import Entry, Known, LeaseAsk

Clock = Callable[[], int]  # seconds since 1970 by the wall clock, read anew at every call
Random = Callable[[int], bytes]


class LeaseBook(Protocol):
    """What was answered and counted; written inside one transaction, on disk when that ends."""

    def look_up(self, asks: Sequence[LeaseAsk], count_groups: Sequence[str | None]) -> Sequence[Known]:
        """What is on record about each request, its computer in its count group, and its lease."""
        ...

    def count(self, count_group: str, *, since: int, most: int) -> int:
        """The distinct computers counted at or after `since`, or `most` where there are as many or more."""
        ...

    def write(self, entries: Sequence[Entry], tallies: Mapping[tuple[str, int], int]) -> None:
        """Puts a batch on record, in its order; tallies are the day's answers by (kind, day)."""
        ...


class Keys(Protocol):
    """The device keys of a host."""

    def signer(self, jkt: str) -> Signer | None:
        """The device key of that thumbprint, None where it is gone."""
        ...
