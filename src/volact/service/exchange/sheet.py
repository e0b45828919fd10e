"""A sheet of texts in UTF-8 with commas or semicolons (RFC 4180), read so that one broken line costs one row only.

What people export and send again must not change on the way: a text that a spreadsheet would take for a formula is
written behind an apostrophe, and that one apostrophe is taken off again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from volact.errors import Refusal, Refused
from volact.licensing.tables import nearest

LARGEST = 32 * 2**20  # bytes
MOST_ROWS = 100_000
LONGEST = 10_000  # characters of a cell; so far an open quote is followed
_LINE_END = re.compile(r"\r\n|\n|\r")
_OPEN = "opens a quote that is not closed before the next cell"
_INSIDE = "has a quote inside a cell that does not begin with one"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r'[",;\r\n]|^\s|\s$')
# Words that name a payment, anywhere in a part of a column's name; those of the second line as a whole part.
_PAYMENT = re.compile("pay|paid|invoic|billing|price|pricing|amount|balance|currency|cost|discount")
_PAYMENT_WORDS = frozenset({"bill", "bills", "due", "po", "fee", "fees", "iban", "tax", "total", "vat"})
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns that a sheet may have, those that it has to have, and those that an export never writes."""

    names: tuple[str, ...]
    required: tuple[str, ...]
    secret: tuple[str, ...] = ()

    @property
    def exported(self) -> tuple[str, ...]:
        """The columns of an export, in their order."""
        return tuple(name for name in self.names if name not in self.secret)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1, the line of the file that it begins on, and its cells, or why it has none."""

    number: int
    line: int
    cells: Mapping[str, str]
    broken: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file, and the payment columns that were left out."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Record:
    """What stands on one line, or on several where a quoted cell holds line breaks."""

    line: int
    cells: Sequence[str]
    wrong: str | None = None


def read_sheet(data: bytes, columns: Columns) -> Sheet:
    """The rows of a CSV file; raises Refused (`sheet_invalid`) for a file whose rows cannot be told apart."""
    text = _decode(data)
    separator = _separator(text, columns)
    records = _records(text, separator)
    header = next(records, None)
    if header is None:
        raise invalid("the sheet is empty; its first line names the columns")
    if header.wrong:
        raise invalid(f"line {header.line}, which names the columns, {header.wrong}", line=header.line)
    names, left_out = _names(header.cells, columns, line=header.line)
    rows: list[Row] = []
    for record in records:
        if len(rows) == MOST_ROWS:
            raise invalid(f"the sheet has more than {MOST_ROWS} rows; give it in parts")
        rows.append(_row(len(rows) + 1, record, names=names))
    return Sheet(tuple(rows), left_out)


def write_sheet(header: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """The file of these rows: a header, commas, a line feed behind each line; None is an empty cell."""
    return b"".join(map(write_row, (header, *rows)))


def write_row(row: Sequence[str | int | None]) -> bytes:
    """One line of such a file."""
    return (",".join(map(_written, row)) + "\n").encode()


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate the cell instead of showing it."""
    return cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell != ""


def unescaped(cell: str) -> str:
    """The text of a cell without the apostrophe that an export puts before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def invalid(detail: str, **fields: object) -> Refused:
    """The refusal of something that is not a sheet, or no cell of one."""
    return Refused(Refusal("sheet_invalid", detail, fields))


def _decode(data: bytes) -> str:
    fix = "save it as CSV UTF-8"
    if len(data) > LARGEST:
        raise invalid(f"the sheet is larger than {LARGEST >> 20} MiB; give it in parts")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise invalid(f"the sheet is in UTF-16, from line 1 on; {fix}", line=1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + len(_LINE_END.findall(error.object[: error.start].decode("latin-1")))
        raise invalid(f"line {line} is not in UTF-8; {fix}", line=line) from error


def _separator(text: str, columns: Columns) -> str:
    """Comma or semicolon: what finds more of the columns in the header."""

    def known(separator: str) -> int:
        header = next(_records(text, separator), None)
        return sum(_folded(cell) in columns.names for cell in header.cells) if header else 0

    found = max(",;", key=known)
    if known(found) < 2 <= known("\t"):
        raise invalid("the cells are separated by tabs; save the sheet with commas or semicolons", line=1)
    return found


def _records(text: str, separator: str) -> Iterator[_Record]:
    """What stands in the file, line by line, without lines that hold nothing; the first one is the header."""
    cell = re.compile(rf'(?:"((?:[^"]|""){{0,{LONGEST}}}+)"|([^"\r\n{separator}]*+))({separator}|\r\n|\n|\r|\Z)')
    nothing = re.compile(rf"(?:[\r\n]++|[ {separator}]++[\r\n])+")
    place, line, width = 0, 1, 0
    while place < len(text):
        if empty := nothing.match(text, place):
            line += len(_LINE_END.findall(empty[0]))
            place = empty.end()
            continue
        end = _LINE_END.search(text, place)
        start, after = place, end.end() if end else len(text)
        plain, wrong = text[place : end.start() if end else after], None
        cells = plain.split(separator)
        if '"' in plain:
            cells, wrong, place = _quoted(text, place, cell=cell, separator=separator)
            if place > after and len(cells) != width:  # one forgotten quote takes no other line with it
                wrong = _OPEN
        place = after if wrong else max(place, after)
        if wrong is None and max(map(len, cells)) > LONGEST:
            wrong = f"has a cell of more than {LONGEST} characters"
        if "\0" in text[start:place]:
            wrong = "holds a NUL character"
        if wrong or any(map(str.strip, cells)):
            yield _Record(line, cells, wrong)
            width = width or len(cells)
        line += len(_LINE_END.findall(text, start, place))


def _quoted(text: str, place: int, *, cell: re.Pattern[str], separator: str) -> tuple[list[str], str | None, int]:
    """The cells of a record with quotes, what is wrong with it, and where it ends."""
    cells: list[str] = []
    while found := cell.match(text, place):
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        place = found.end()
        if found[3] != separator:
            return cells, None, place
    return cells, _OPEN if text[place] == '"' else _INSIDE, place


def _row(number: int, record: _Record, *, names: Sequence[str | None]) -> Row:
    wrong = record.wrong
    if wrong is None and len(record.cells) != len(names):
        wrong = f"has {len(record.cells)} cells, and the header names {len(names)} columns"
    if wrong is not None:
        detail = f"line {record.line} {wrong}"
        return Row(number, record.line, {}, Refusal("sheet_invalid", detail, {"line": record.line}))
    cells = {name: cell for name, cell in zip(names, record.cells, strict=True) if name is not None}
    return Row(number, record.line, cells)


def _names(header: Sequence[str], columns: Columns, *, line: int) -> tuple[list[str | None], tuple[str, ...]]:
    """The columns in the sheet's order, None where nothing is read, and the names of those that were left out."""
    names: list[str | None] = []
    left_out: list[str] = []
    for place, given in enumerate(header, 1):
        name = _folded(given)
        if not name:
            raise invalid(f"column {place} has no name; take it out of every line", line=line)
        if name in names:
            raise invalid(f'the column "{name}" is there twice', line=line, column=name)
        if name in columns.names:
            names.append(name)
        elif _is_payment(given):
            left_out.append(given.strip())
            names.append(None)
        else:
            detail = f'"{given.strip()}" is no column of this sheet{nearest(name, columns.names)}'
            raise invalid(detail, line=line, column=given.strip())
    missing = [name for name in columns.required if name not in names]
    if missing:
        raise invalid(f'the column "{missing[0]}" is missing', line=line, column=missing[0])
    return names, tuple(left_out)


def _is_payment(name: str) -> bool:
    parts = [part.lower() for part in _PART.findall(name)]
    return "level" not in parts and any(_PAYMENT.search(part) or part in _PAYMENT_WORDS for part in parts)


def _folded(name: str) -> str:
    return name.strip().lower()


def _written(cell: str | int | None) -> str:
    if cell is None or isinstance(cell, int):
        return "" if cell is None else str(cell)
    safe = f"'{cell}" if _FORMULA.match(cell) else cell
    return '"' + safe.replace('"', '""') + '"' if _QUOTED.search(safe) else safe
