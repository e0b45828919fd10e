import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.errors import Refused
from volact.service.exchange.columns import Cells
from volact.service.exchange.sheet import LARGEST, LONGEST, MOST_ROWS, Columns, Row, read_sheet, unescaped, write_sheet

COLUMNS = Columns(names=("licensing_id", "product", "licenses"), required=("licensing_id", "product"))
HEAD = b"licensing_id,product,licenses\n"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def refused(data: bytes) -> str:
    """Why a file is no sheet."""
    with pytest.raises(Refused) as caught:
        read_sheet(data, COLUMNS)
    assert caught.value.code == "sheet_invalid"
    return caught.value.detail


def cells(data: bytes) -> list[tuple[str, ...]]:
    """The cells of every row."""
    return [tuple(row.cells.values()) for row in read_sheet(data, COLUMNS).rows]


def broken(row: Row) -> str | None:
    """Why a row cannot be read."""
    return row.broken.detail if row.broken else None


@given(st.lists(st.lists(TEXT, min_size=3, max_size=3).filter(lambda row: any(map(str.strip, row))), max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    """Any text that is written into a sheet is read out of it again, formulas and apostrophes included."""
    sheet = read_sheet(write_sheet(COLUMNS.names, rows), COLUMNS)
    assert [row.broken for row in sheet.rows] == [None] * len(rows)
    assert [[unescaped(row.cells[name]) for name in COLUMNS.names] for row in sheet.rows] == rows


@given(st.binary(max_size=300) | st.text(st.sampled_from('",;\n\r\t ab=\0'), max_size=80).map(str.encode))
def test_no_bytes_bring_the_reader_down(data: bytes) -> None:
    """Any bytes are a sheet or are refused with a code, also behind a good header."""
    for whole in (data, HEAD + data):
        with contextlib.suppress(Refused):
            rows = read_sheet(whole, COLUMNS).rows
            assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_sheets_of_every_program_are_read(separator: str, end: str, mark: bytes) -> None:
    """Commas and semicolons, every end of a line and a byte order mark are read, columns in any order and case."""
    lines = (("LICENSES", " product ", "Licensing_ID"), ("40", "tracer-9", "L-1"), ("", "", ""), ("", "x, y", "L-2"))
    quoted = (tuple(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines)
    data = mark + end.join(separator.join(line) for line in quoted).encode()
    first, second = read_sheet(data, COLUMNS).rows
    assert (first.number, first.line, dict(first.cells)["licenses"]) == (1, 2, "40")
    assert (second.number, second.line, dict(second.cells)["product"]) == (2, 4, "x, y")


def test_f42_service_import_names_the_line_that_is_broken() -> None:
    """A line with a cell too few, an open quote or a NUL is refused with its number, and no other line is lost."""
    sheet = read_sheet(
        HEAD + b'L-1,a,1\nL-2,b\nL-3,"c,3\nL-4,d,4\nL-5,e"e,5\nL-6,"f"f,6\nL-7,\0,7\nL-8,"h ""h""",8\n', COLUMNS
    )
    assert [(row.line, broken(row)) for row in sheet.rows if row.broken] == [
        (3, "line 3 has 2 cells, and the header names 3 columns"),
        (4, "line 4 opens a quote that is not closed before the next cell"),
        (6, "line 6 has a quote inside a cell that does not begin with one"),
        (7, "line 7 opens a quote that is not closed before the next cell"),
        (8, "line 8 holds a NUL character"),
    ]
    assert [tuple(row.cells.values()) for row in sheet.rows if not row.broken] == [
        ("L-1", "a", "1"),
        ("L-4", "d", "4"),
        ("L-8", 'h "h"', "8"),
    ]


def test_a_cell_may_hold_a_line_break() -> None:
    """A quoted cell over two lines is one cell, and the lines after it keep their numbers."""
    first, second = read_sheet(HEAD + b'L-1,"a\r\nb",1\r\nL-2,c,2', COLUMNS).rows
    assert (first.cells["product"], second.line) == ("a\r\nb", 4)


def test_two_forgotten_quotes_swallow_no_line() -> None:
    """A quote that is closed on a later line, in a record of another width, costs its own line only."""
    rows = read_sheet(HEAD + b'L-1,"a,1\nL-2,b",2,x\nL-3,c,3\n', COLUMNS).rows
    assert [(row.line, row.broken is None) for row in rows] == [(2, False), (3, False), (4, True)]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "the sheet is empty; its first line names the columns"),
        (HEAD.decode().encode("utf-16"), "the sheet is in UTF-16, from line 1 on; save it as CSV UTF-8"),
        (HEAD + "L-1,å,1\nL-2,ø,2".encode("latin-1"), "line 2 is not in UTF-8; save it as CSV UTF-8"),
        (HEAD.replace(b",", b"\t"), "the cells are separated by tabs; save the sheet with commas or semicolons"),
        (b"product,licenses\n", 'the column "licensing_id" is missing'),
        (b"licensing_id,product,licenses,,\n", "column 4 has no name; take it out of every line"),
        (b"licensing_id,product,Product\n", 'the column "product" is there twice'),
        (
            b"licensing_id,prodct\n",
            '"prodct" is no column of this sheet; the nearest known name is "product"',
        ),
        (
            b'licensing_id,"product\n',
            "line 1, which names the columns, opens a quote that is not closed before the next cell",
        ),
        (b" " * (LARGEST + 1), "the sheet is larger than 32 MiB; give it in parts"),
        (HEAD + b"a,b,c\n" * (MOST_ROWS + 1), f"the sheet has more than {MOST_ROWS} rows; give it in parts"),
    ],
)
def test_what_is_no_sheet_is_refused_with_the_fix(data: bytes, detail: str) -> None:
    """A file of another encoding, separator, size or set of columns is refused as a whole, with what mends it."""
    assert refused(data) == detail


def test_a_cell_of_a_book_is_refused() -> None:
    """A cell that is longer than any text of a sheet refuses its row."""
    (plain,) = read_sheet(HEAD + b"a,b," + b"c" * (LONGEST + 1), COLUMNS).rows
    (quoted,) = read_sheet(HEAD + b'a,b,"' + b"c" * (LONGEST + 1) + b'"', COLUMNS).rows
    assert broken(plain) == f"line 2 has a cell of more than {LONGEST} characters"
    assert quoted.broken is not None


@pytest.mark.parametrize(
    "name",
    [
        "price", "Unit price", "amountDue", "PAID", "payment terms", "Invoice No.", "billing_address", "bill", "Due",
        "balance", "currency", "cost centre", "PO", "PO number", "unitCost", "total",
    ],
)  # fmt: skip
def test_f05_service_import_leaves_payment_out_by_its_name(name: str) -> None:
    """A column about payment is left out and named, whatever stands in it, and its rows are read."""
    sheet = read_sheet(f'licensing_id,"{name}",product\nL-1,=1+1,tracer-9\n'.encode(), COLUMNS)
    assert sheet.left_out == (name,)
    assert dict(sheet.rows[0].cells) == {"licensing_id": "L-1", "product": "tracer-9"}


@pytest.mark.parametrize("name", ["price level", "depot", "residue", "country of origin"])
def test_what_only_sounds_like_payment_is_an_unknown_column(name: str) -> None:
    """A column that is not about payment is not left out in silence."""
    assert "is no column of this sheet" in refused(f"licensing_id,product,{name}\n".encode())


@pytest.mark.parametrize("cell", ["=1+1", "+47 22", "-x", "@SUM(A1)", "\tx", "\rx", " =1", "\n=1", "\u00a0=1", " \t=1"])
def test_formulas_are_refused_as_texts(cell: str) -> None:
    """A text that a spreadsheet would calculate is refused; behind an apostrophe it is that text."""
    with pytest.raises(Refused, match="formula"):
        Cells({"name": cell}).text("name")
    behind = cell if cell in ("\tx", "\rx") else cell.strip()
    assert Cells({"name": f"'{behind}"}).text("name") == behind


def test_an_apostrophe_that_is_a_letter_stays() -> None:
    """Only an apostrophe before what looks like a formula is taken off."""
    assert Cells({"name": "'t Hooft"}).text("name") == "'t Hooft"
    assert Cells({"name": "''=x"}).text("name") == "'=x"


@pytest.mark.parametrize("cell", ["1.0E+05", "1,000", "1.000", "1 000", "1'000", "+5", "40.0", "=2", "٤", "1" * 30])
def test_numbers_are_not_guessed(cell: str) -> None:
    """What a spreadsheet made of a number is refused, never read as another number."""
    with pytest.raises(Refused) as caught:
        Cells({"licenses": cell}).number("licenses")
    assert (caught.value.code, caught.value.fields["column"]) == ("sheet_invalid", "licenses")


def test_cells_are_read_by_their_columns() -> None:
    """Numbers, days, lists, yes and no are read as such; an empty cell or a missing column is None."""
    row = Cells({"n": " -5 ", "day": "2026-11-24", "list": "a  b", "flag": "TRUE", "none": " "})
    assert (row.number("n"), row.day("day"), row.words("list"), row.flag("flag")) == (
        -5,
        "2026-11-24",
        ["a", "b"],
        True,
    )
    assert (row.number("none"), row.day("none"), row.words("none"), row.flag("none"), row.text("x")) == (
        None, None, [], None, None,
    )  # fmt: skip
    assert (row.has("none"), row.has("x")) == (True, False)


def test_cells_that_cannot_be_read_are_named() -> None:
    """A day of another form, a word that is neither yes nor no, and an empty cell that is needed name their column."""
    row = Cells({"day": "24.11.2026", "flag": "WAHR", "none": ""})
    for read, name in ((row.day, "day"), (row.flag, "flag"), (row.required, "none"), (row.required_number, "none")):
        with pytest.raises(Refused) as caught:
            read(name)
        assert caught.value.fields["column"] == name
