"""What the rows of a sheet came to: added, changed, unchanged or refused, one outcome a row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace

from volact.errors import Refusal, Refused
from volact.service.exchange.columns import Cells
from volact.service.exchange.sheet import Row, Sheet, invalid
from volact.service.usecases.names import without_keys

ADDED, CHANGED, UNCHANGED, REFUSED = "added", "changed", "unchanged", "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one row came to; `about` says which entry it is about, `drawn` what that got with the row: ids, a key."""

    row: Row
    result: str
    about: Mapping[str, object] = field(default_factory=dict)
    drawn: Mapping[str, object] = field(default_factory=dict)
    refusal: Refusal | None = None


def judged(sheet: Sheet, judge: Callable[[Row, Cells], Outcome]) -> list[Outcome]:
    """The outcome of each row; where `judge` raises Refused, and where a row is broken, that row alone is refused."""
    outcomes = []
    for row in sheet.rows:
        try:
            if row.broken is not None:
                raise Refused(row.broken)
            outcomes.append(judge(row, Cells(row.cells)))
        except Refused as error:
            outcomes.append(Outcome(row, REFUSED, refusal=masked(error.refusal)))
    return outcomes


def masked(refusal: Refusal) -> Refusal:
    """The refusal without a product key that stood in the wrong place of a sheet."""
    fields = {name: without_keys(said) if isinstance(said, str) else said for name, said in refusal.fields.items()}
    return replace(refusal, words=without_keys(refusal.detail), fields=fields)


class Lines:
    """Which line of a sheet was the first to say something; saying it again is refused."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, int] = {}

    def first(self, what: Hashable, row: Row, *, name: str) -> None:
        """Notes the line; raises Refused (`sheet_invalid`) where another line said the same."""
        line = self._lines.setdefault(what, row.line)
        if line != row.line:
            raise invalid(f"{name} stands on line {line} already; one of the two has to go", lines=[line, row.line])
