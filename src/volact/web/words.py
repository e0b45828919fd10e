"""Times and numbers as people read them, the same on every page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

_UNITS = (("day", 86_400), ("h", 3_600), ("min", 60))


def date(seconds: int) -> str:
    """A day, with spaces that do not wrap: 24 November 2026."""
    day = datetime.fromtimestamp(seconds, UTC)
    return f"{day.day}\u00a0{day:%B}\u00a0{day.year}"


def ago(seconds: int) -> str:
    """A span that has passed, in one unit: 4 min ago; also for a clock that was set back."""
    for unit, size in _UNITS:
        if seconds >= size:
            many = "s" if unit == "day" and seconds >= 2 * size else ""
            return f"{seconds // size}\u00a0{unit}{many}\u00a0ago"
    return "just now"


def count(number: int, one: str) -> str:
    """A number with its noun: 1 computer, 2,041 computers."""
    return f"{number:,}\u00a0{one if number == 1 else one + 's'}"


def listed(texts: Sequence[str]) -> str:
    """Texts as a list in a sentence: A, B and C."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}" if texts else ""
