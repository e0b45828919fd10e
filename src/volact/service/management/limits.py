"""How often: so many requests in a window, refilled steadily, by whatever they are counted by.

The generic cell rate algorithm: one number for each name, the time until which what it asked for is spread. Pure, but
for the numbers it keeps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from volact.errors import Refusal, Refused

WINDOW_SECONDS = 60
_MOST_NAMES = 100_000


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a quota: so many requests at once, and the seconds until all of it is there again."""

    limit: str
    quota: int
    remaining: int
    reset: int
    wait: int = 0  # seconds until the next request, 0 if this one may be

    @property
    def policy(self) -> str:
        """This limit in a `RateLimit-Policy` header."""
        return f'"{self.limit}";q={self.quota};w={WINDOW_SECONDS}'

    @property
    def state(self) -> str:
        """This limit in a `RateLimit` header."""
        return f'"{self.limit}";r={self.remaining};t={self.reset}'


@dataclass(slots=True)
class Limit:
    """At most `quota` requests in `WINDOW_SECONDS` for each name."""

    limit: str
    quota: int
    _until: dict[str, float] = field(default_factory=dict)

    def take(self, name: str, *, now: float) -> Left:
        """Takes one for a name at a time (seconds of a clock that only goes forward), if it may be."""
        each = WINDOW_SECONDS / self.quota
        until = max(self._until.get(name, now), now) + each
        wait = until - now - WINDOW_SECONDS
        if wait > 1e-9:
            return self._left(until - each - now, wait=math.ceil(wait))
        if name not in self._until and len(self._until) >= _MOST_NAMES:
            self._forget(now)
        self._until[name] = until
        return self._left(until - now)

    def left(self, name: str, *, now: float) -> Left:
        """What is left for a name, taking nothing."""
        spread = max(self._until.get(name, now) - now, 0.0)
        each = WINDOW_SECONDS / self.quota
        wait = spread + each - WINDOW_SECONDS
        return self._left(spread, wait=math.ceil(wait) if wait > 1e-9 else 0)

    def _left(self, spread: float, *, wait: int = 0) -> Left:
        remaining = int((WINDOW_SECONDS - spread) * self.quota / WINDOW_SECONDS + 1e-6)
        return Left(self.limit, self.quota, max(remaining, 0), math.ceil(spread), wait)

    def _forget(self, now: float) -> None:
        """Forgets who has all of the quota again; and everybody, should that be nobody."""
        self._until = {name: until for name, until in self._until.items() if until > now}
        if len(self._until) >= _MOST_NAMES:
            self._until.clear()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an API: of one token, of one address, of an address's wrong tokens, and of acts on one key."""

    token: Limit
    address: Limit
    wrong: Limit
    key: Limit


def limits(per_minute: int) -> Limits:
    """The limits where a token has so many requests a minute: an address has twice as many, a key a tenth.

    An address that gives wrong tokens is not listened to after a twentieth.
    """
    return Limits(
        token=Limit("token", per_minute),
        address=Limit("address", 2 * per_minute),
        wrong=Limit("wrong-token", max(per_minute // 20, 1)),
        key=Limit("key", max(per_minute // 10, 1)),
    )


def checked(left: Left) -> Left:
    """What is left, where the request may be; raises Refused (`too_many_requests`) with the seconds to wait."""
    if left.wait:
        detail = f"more than {left.quota} requests a minute for this {left.limit.replace('-', ' ')}"
        raise Refused(Refusal("too_many_requests", detail, {"retry_after": left.wait, "limit": left.limit}))
    return left


def headers(taken: Mapping[str, Left]) -> tuple[tuple[str, str], ...]:
    """`RateLimit-Policy` and `RateLimit` for what was taken."""
    if not taken:
        return ()
    return (
        ("ratelimit-policy", ", ".join(left.policy for left in taken.values())),
        ("ratelimit", ", ".join(left.state for left in taken.values())),
    )
