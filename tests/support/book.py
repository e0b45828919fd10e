"""The lease book as a model: dictionaries and sets, nothing clever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from volact.host.records import Entry, Known, LeaseAsk, Recorded


@dataclass
class MemoryBook:
    """`ports.LeaseBook` in memory."""

    answers: dict[tuple[str, str], Recorded] = field(default_factory=dict)
    counted: dict[tuple[str, str], int] = field(default_factory=dict)
    leased: set[tuple[str, str]] = field(default_factory=set)
    tallies: dict[tuple[str, int], int] = field(default_factory=dict)

    def look_up(self, asks: Sequence[LeaseAsk], count_groups: Sequence[str | None]) -> list[Known]:
        """What is on record about each request."""
        return [
            Known(
                self.answers.get((ask.jkt, ask.request.rid)),
                self.counted.get((group or "", ask.request.dev)),
                (ask.request.dev, ask.request.product) in self.leased,
            )
            for ask, group in zip(asks, count_groups, strict=True)
        ]

    def count(self, count_group: str, *, since: int, most: int) -> int:
        """The distinct computers counted at or after `since`, at most `most`."""
        found = {dev for (group, dev), at in self.counted.items() if group == count_group and at >= since}
        return min(len(found), most)

    def write(self, entries: Sequence[Entry], tallies: Mapping[tuple[str, int], int]) -> None:
        """Puts a batch on record."""
        for entry in entries:
            asked = entry.ask.request
            if entry.counted_in is not None:
                self.counted[entry.counted_in, asked.dev] = entry.ask.now
            if entry.payload is not None:
                assert entry.certificate is not None
                self.answers[entry.ask.jkt, asked.rid] = Recorded(entry.ask.digest, entry.payload, entry.certificate)
                self.leased.add((asked.dev, asked.product))
        for day, more in tallies.items():
            self.tallies[day] = self.tallies.get(day, 0) + more
