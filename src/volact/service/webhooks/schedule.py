"""When a delivery is tried again: soon at first, then ever later, for three days (spec S-11.5)."""

from __future__ import annotations

PATIENCE = 72 * 3_600  # seconds from the event, or from a replay, to the last try
_DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_JITTER = 0.2  # a delay is longer by up to this share, so that many that failed together do not come together


def next_try(attempts: int, *, now: int, until: int, chance: float) -> int | None:
    """When a delivery that failed so many times is tried again (seconds); None where its time is over.

    `until` is when its time is over: the last try is then. `chance` is from 0 to 1, drawn for each delivery.
    """
    if now >= until:
        return None
    delay = _DELAYS[min(attempts, len(_DELAYS)) - 1]
    return min(now + delay + int(delay * _JITTER * chance), until)
