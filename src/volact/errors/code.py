"""What one stable code is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One stable code: what it is called, what caused it, what mends it, and its one HTTP status."""

    name: str
    title: str
    cause: str
    fix: str
    status: int
