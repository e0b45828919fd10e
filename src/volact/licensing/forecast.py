"""When a key runs out at its present pace, and how near it is to that: figures for people, which decide nothing."""

from __future__ import annotations

from msgspec import Struct

from volact.licensing.agreements import day_of

WINDOW_DAYS = 30
LEVELS = (80, 95, 100)  # percent of the allowance
FARTHEST_DAYS = 36_500  # beyond it a day is no forecast
_DAY = 86_400


class Forecast(Struct, frozen=True):
    """How many were taken within so many days, and the ISO day (UTC) on which none is left at that pace; None: never.

    `days` is the window: 30 days, or the key's life where that is shorter, and a day at least.
    """

    taken: int
    days: int
    runs_out: str | None

    @property
    def per_day(self) -> float:
        """The pace, to two decimals."""
        return round(self.taken / self.days, 2)


def window_days(issued_at: int, now: int) -> int:
    """Over how many days the pace of a key is measured: a young key is not judged by days before it was issued."""
    return min(max(-((issued_at - now) // _DAY), 1), WINDOW_DAYS)


def forecast(taken: int, *, days: int, remaining: int, now: int) -> Forecast:
    """When `remaining` are taken too, where `taken` were within the last `days`; nothing is ever taken back.

    The day is exact: the last one goes `remaining * days / taken` days from `now` (seconds). A key with nothing left
    has run out today.
    """
    if remaining <= 0:
        return Forecast(taken, days, day_of(now))
    if taken <= 0 or remaining * days >= FARTHEST_DAYS * taken:
        return Forecast(taken, days, None)
    return Forecast(taken, days, day_of(now + remaining * days * _DAY // taken))


def level_of(allowance: int, used: int) -> int | None:
    """The highest of 80, 95 and 100 percent of the allowance that is reached, or None; of nothing, all is taken."""
    return max((level for level in LEVELS if _reached(Extent(allowance, used), level)), default=None)


class Extent(Struct, frozen=True):
    """What a key allows and what of it is used, at one moment."""

    allowance: int
    used: int


def levels_crossed(before: Extent, after: Extent) -> tuple[int, ...]:
    """The levels that are reached now and were not, the lowest first.

    A key for one activation or none has none: its only one is no news.
    """
    if after.allowance <= 1:
        return ()
    return tuple(level for level in LEVELS if _reached(after, level) and not _reached(before, level))


def _reached(extent: Extent, level: int) -> bool:
    return extent.used * 100 >= extent.allowance * level
