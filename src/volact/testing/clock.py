"""A clock that a test moves."""

from __future__ import annotations

DAY = 86_400


class FakeClock:
    """Seconds since 1970, until somebody moves them."""

    def __init__(self, now: int = 1_800_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        """What the clock shows."""
        return self.now

    def move(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        """Moves the clock forward, or back by a negative number."""
        self.now += int(days * DAY + hours * 3600 + seconds)
