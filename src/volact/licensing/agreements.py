"""An agreement's days and program: when its Licensing ID may be given keys, and under which program.

Days are ISO texts (2026-11-24), counted in UTC; the first and the last one both belong to the agreement.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from volact.errors import Refusal
from volact.licensing.catalog import Catalog

LEVELS = ("A", "B", "C", "D")  # those of a program that names none


def day_of(now: int) -> str:
    """The ISO day, in UTC, of a time in seconds since 1970."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def is_day(text: str) -> bool:
    """Whether a text is an ISO day that exists, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_dates(valid_from: str | None, valid_until: str | None, *, today: str) -> Refusal | None:
    """Refuses before an agreement's first day and after its last; a missing day is no limit."""
    if valid_from is not None and today < valid_from:
        detail = f"the agreement begins on {valid_from}; keys are given from that day on"
        return Refusal("agreement_not_started", detail, {"valid_from": valid_from})
    if valid_until is not None and today > valid_until:
        detail = f"the agreement ended on {valid_until}; keys given before go on working"
        return Refusal("agreement_ended", detail, {"valid_until": valid_until})
    return None


def check_program(catalog: Catalog, program: str, *, level: str | None = None) -> Refusal | None:
    """Refuses a program that the catalog does not have (`unknown_program`), or a price level that it does not have."""
    known = catalog.programs.get(program)
    if known is None:
        return Refusal("unknown_program", f'the catalog has no program "{program}"', {"program": program})
    levels = known.allowance.by_level or LEVELS
    if level is not None and level not in levels:
        detail = f'{known.name} has no price level "{level}"; its levels are {", ".join(levels)}'
        return Refusal("unknown_level", detail, {"level": level, "levels": list(levels)})
    return None
