"""The texts of a row as numbers, days, lists and words: read as they stand, and never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from volact.errors import Refused
from volact.licensing.agreements import is_day
from volact.service.exchange.sheet import invalid, is_formula, unescaped

_NUMBER = re.compile(r"-?[0-9]{1,18}")
_FORMULA = "looks like a formula; give what it comes to, or an apostrophe before a text that begins so"
_NO_NUMBER = "is not a whole number in digits; format the column as a number without separators and exponent"
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


class Cells:
    """The cells of one row; each is read by its column's name, and raises Refused (`sheet_invalid`) that names it."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells

    def has(self, name: str) -> bool:
        """Whether the sheet has the column."""
        return name in self._cells

    def text(self, name: str) -> str | None:
        """The text without blanks around it, None for an empty cell or a missing column; a formula is refused."""
        cell = self._cells.get(name, "")
        if is_formula(cell) or is_formula(cell.strip()):
            raise wrong_cell(name, cell, why=_FORMULA)
        return unescaped(cell.strip()) or None

    def required(self, name: str) -> str:
        """The text; an empty cell is refused."""
        found = self.text(name)
        if found is None:
            raise invalid(f'the cell under "{name}" is empty', column=name)
        return found

    def number(self, name: str) -> int | None:
        """The whole number, None for an empty cell; what a spreadsheet made of one is refused."""
        cell = self._cells.get(name, "").strip()
        if not cell:
            return None
        if not _NUMBER.fullmatch(cell):
            raise wrong_cell(name, cell, why=_FORMULA if is_formula(cell) else _NO_NUMBER)
        return int(cell)

    def required_number(self, name: str) -> int:
        """The whole number; an empty cell is refused."""
        found = self.number(name)
        if found is None:
            raise invalid(f'the cell under "{name}" is empty', column=name)
        return found

    def day(self, name: str) -> str | None:
        """The ISO day, None for an empty cell."""
        found = self.text(name)
        if found is not None and not is_day(found):
            raise wrong_cell(name, found, why="is not a day like 2026-11-24; format the column as text and write it so")
        return found

    def words(self, name: str) -> list[str]:
        """The words of a list that is separated by spaces."""
        return (self.text(name) or "").split()

    def flag(self, name: str) -> bool | None:
        """Yes or no, None for an empty cell."""
        found = self.text(name)
        if found is None:
            return None
        if found.lower() not in _FLAGS:
            raise wrong_cell(name, found, why="is neither yes nor no")
        return _FLAGS[found.lower()]


def wrong_cell(name: str, cell: str, *, why: str) -> Refused:
    """The refusal of one cell."""
    shown = cell.strip()
    return invalid(f'"{shown[:60]}" under "{name}" {why}', column=name)
