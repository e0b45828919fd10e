"""How commands say what became of a bundle's rows: as data, and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from volact.errors import Refusal
from volact.protocol.results import read_result

ACTIVATED = "activated"
_SHOWN = 20


def result_rows(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """What became of each row, by the digest of its request."""
    for line in lines:
        result = read_result(line)
        code = result.refusal.code if result.refusal else None
        yield {"row": result.digest, "result": "refused" if code else ACTIVATED, "code": code}


def tally_of(rows: Iterable[dict[str, Any]]) -> Counter[str]:
    """How many rows were activated, and how many refused by which code."""
    return Counter(row["code"] or ACTIVATED for row in rows)


def tally_data(tally: Counter[str]) -> dict[str, Any]:
    """The same as data."""
    return {"activated": tally[ACTIVATED], "refused": {code: n for code, n in tally.items() if code != ACTIVATED}}


def tally_lines(tally: Counter[str]) -> list[str]:
    """The same in words."""
    return [f"{tally[ACTIVATED]} of {tally.total()} activated", *code_lines(tally)]


def code_lines(tally: Counter[str]) -> list[str]:
    """Each code with its title, the one that most rows have first."""
    codes = [(code, number) for code, number in tally.most_common() if code != ACTIVATED]
    return [f"  {number:>7}   {Refusal(code, '').known.title}   [{code}]" for code, number in codes]


def named_lines(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Names with their codes, as many as a person reads."""
    told = [f"    {name}   {code}" for name, code in rows]
    return told[:_SHOWN] + ([f"    and {len(told) - _SHOWN} more; --json names all"] if len(told) > _SHOWN else [])
