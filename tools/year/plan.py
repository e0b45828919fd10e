"""What happens in the year: who agreed on what, and how much of each key is used."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

DAYS = 365
ACTIVATIONS = 40_000
PRODUCTS = ("tracer-9", "mesher-9", "solver-server-9", "report-studio-9")


@dataclass(frozen=True, slots=True)
class Customer:
    """An organization, perhaps an affiliate of another one, and its agreements: program, level, months before today
    at which it began, and days until it ends (None where it has no end)."""

    name: str
    country: str
    parent: str | None
    agreements: tuple[tuple[str, str | None, int, int | None], ...]


@dataclass(frozen=True, slots=True)
class MakPlan:
    """A key that counts: what it allows, and how many of that are used by today."""

    allowance: int
    used: int


CUSTOMERS = (
    Customer(
        "Nordlys Energi",
        "NO",
        None,
        (
            ("corporate", "D", 12, None),
            ("corporate", "C", 12, 410),
            ("studio", None, 11, 25),
            ("education", None, 9, 300),
        ),
    ),
    Customer(
        "Nordlys Nett",
        "NO",
        "Nordlys Energi",
        (("corporate", "B", 12, 200), ("studio", None, 10, None), ("corporate", "A", 6, 420)),
    ),
    Customer(
        "Atelier Garonne",
        "FR",
        None,
        (
            ("corporate", "C", 12, None),
            ("studio", None, 8, 60),
            ("education", None, 12, 12),
            ("corporate", "A", 4, None),
            ("studio", None, 2, 700),
        ),
    ),
)
MAKS_OF_EACH, HOST_KEYS_OF_EACH = 4, 1  # of every agreement: 12 times 5 are 60 keys


def maks(seed: int = 9) -> Iterator[MakPlan]:
    """A plan for each key, so that all of them together come to `ACTIVATIONS`; some are nearly used up, one is."""
    drawn = random.Random(seed)
    number = MAKS_OF_EACH * sum(len(each.agreements) for each in CUSTOMERS)
    weights = [drawn.paretovariate(1.3) for _ in range(number)]
    used = [max(3, int(ACTIVATIONS * weight / sum(weights))) for weight in weights]
    used[used.index(max(used))] += ACTIVATIONS - sum(used)
    for place, count in enumerate(used):
        part = (1.0, 0.97, 0.91, 0.83)[place] if place < 4 else drawn.uniform(0.25, 0.8)
        yield MakPlan(max(count, int(count / part)), count)


def spread(count: int, first_day: int, *, drawn: random.Random) -> list[int]:
    """The days on which so many are activated: more of them later, and fewest in the middle of the summer."""
    days = range(first_day, DAYS)
    weights = [(0.5 + day / DAYS) * (0.3 if 215 <= day <= 245 else 1) * (0.2 if day % 7 > 4 else 1) for day in days]
    return sorted(drawn.choices(days, weights, k=count))
