"""Reports as files: a sheet of commas, a workbook whose cells are texts and numbers alone, and pages to be printed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import font_source_sans_pro
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from volact.service.exchange.sheet import write_sheet
from volact.service.pages import look, words
from volact.service.pages.portal.report import Report
from volact.service.usecases.tallying import month_start

BAR = 32.0  # mm, as are all measures but those of letters, which are points
_MARGIN = 18.0
_CONTROL = dict.fromkeys((*range(32), 127), " ")  # which no cell of a workbook may hold


@dataclass(frozen=True, slots=True)
class Table:
    """A part of a report: what its columns are called, and its rows; a chart of its first number stands before it."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str | int, ...]]
    has_chart: bool = True


def no_proof() -> str:
    """What every report says (F46)."""
    return _("Volume activation is a tool for activation, not a proof of license.")


def as_csv(report: Report) -> bytes:
    """Every table of the report below each other; the first cell names it."""
    found = list(_tables(report))
    width = 1 + max(len(table.header) for table in found)
    lines: list[tuple[str, ...]] = []
    for table in found:
        lines.append((table.title, *table.header))
        lines += [(table.title, *map(str, row)) for row in table.rows]
    filled = [(*line, *[""] * (width - len(line))) for line in (*lines, (no_proof(),))]
    return write_sheet(filled[0], filled[1:])


def as_xlsx(report: Report) -> bytes:
    """A sheet for each table."""
    book, made = Workbook(write_only=True), io.BytesIO()
    for table in _tables(report):
        sheet = book.create_sheet(table.title[:31].replace("/", "-"))
        sheet.column_dimensions["A"].width = 40
        for row in (table.header, *table.rows, (no_proof(),)):
            sheet.append([_cell(sheet, value) for value in row])
    book.save(made)
    return made.getvalue()


def as_pdf(report: Report) -> bytes:
    """Pages A4 with the publisher's name: a chart for each table that has one, and every table."""
    page = _page(report)
    _line(page, report.publisher, size=10)
    _line(page, _title(report), size=18, bold=True)
    told = {"number": look.number(report.total), "day": look.day(report.now)}
    _line(page, _("%(number)s within twelve months, as of %(day)s.") % told, size=11)
    _line(page, no_proof(), size=11)
    for table in _tables(report):
        if page.will_page_break(BAR + 24):  # a heading stays with what it is of
            page.add_page()
        page.ln(4)
        _line(page, table.title, size=13, bold=True)
        if table.has_chart and table.rows:
            _bars(page, table)
        _rows(page, table)
    return bytes(page.output())


FORMS: Mapping[str, tuple[str, Callable[[Report], bytes]]] = {
    "pdf": ("application/pdf", as_pdf),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "csv": ("text/csv; charset=utf-8", as_csv),
}


def _tables(report: Report) -> Iterator[Table]:
    number = _("Activations")
    months = [(look.month(month_start(month)), count) for month, count in report.months]
    yield Table(_("By month"), (_("Month"), number), months)
    yield Table(_("By product"), (_("Product"), number), report.products)
    methods = [(words.channel(name), count) for name, count in report.methods]
    yield Table(_("By method"), (_("Method"), number), methods)
    paces = [
        (f"{each.name} ({each.key.keyid})", each.key.used, each.key.remaining, each.forecast.runs_out or "–")
        for each in report.paces
    ]
    header = (_("Key"), _("Used"), _("Left"), _("Runs out on about"))
    yield Table(_("Nearest to their end"), header, paces, has_chart=False)


def _title(report: Report) -> str:
    return _("Activations of %(owner)s") % {"owner": report.owner}


def _cell(sheet: object, value: str | int) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value.translate(_CONTROL) if isinstance(value, str) else value)
    cell.data_type = "n" if isinstance(value, int) else "s"  # a text is never a formula
    return cell


def _page(report: Report) -> FPDF:
    page = FPDF(format="A4")
    page.set_margin(_MARGIN)
    page.set_title(_title(report))
    page.set_author(report.publisher)
    page.set_lang(get_language() or "en")
    page.set_creation_date(datetime.fromtimestamp(report.now, UTC))
    for style, name in (("", "SourceSansPro"), ("B", "SourceSansProSemibold")):
        page.add_font("sans", style, font_source_sans_pro.font_files_ttf[name])
    page.add_page()
    return page


def _rows(page: FPDF, table: Table) -> None:
    page.set_font("sans", "", 10)
    aligned = ("LEFT", *["RIGHT"] * (len(table.header) - 1))
    with page.table(text_align=aligned, borders_layout="HORIZONTAL_LINES") as drawn:
        for row in (table.header, *table.rows):
            drawn.row([look.number(cell) if isinstance(cell, int) else cell for cell in row])


def _bars(page: FPDF, table: Table) -> None:
    """Bars in one color, with the first and the last label, in the order of the table."""
    numbers = [int(row[1]) for row in table.rows]
    top, left, step = page.get_y() + 2, page.l_margin, page.epw / max(len(numbers), 6)
    most = max(numbers) or 1
    page.set_fill_color(11, 93, 99)
    for place, number in enumerate(numbers):
        tall = BAR * number / most
        page.rect(left + place * step + step * 0.13, top + BAR - tall, step * 0.74, tall, style="F")
    page.set_fill_color(255)  # what a table would else stand on
    page.line(left, top + BAR, left + page.epw, top + BAR)
    _labels(page, [str(row[0]) for row in table.rows], step=step, y=top + BAR + 1)


def _labels(page: FPDF, names: Sequence[str], *, step: float, y: float) -> None:
    """What the first and the last bar are of."""
    page.set_font("sans", "", 9)
    page.text(page.l_margin, y + 3, names[0])
    if len(names) > 1:
        page.text(page.l_margin + len(names) * step - page.get_string_width(names[-1]), y + 3, names[-1])
    page.set_y(y + 6)


def _line(page: FPDF, text: str, *, size: int, bold: bool = False) -> None:
    page.set_font("sans", "B" if bold else "", size)
    page.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT", align="L")
    page.ln(2)
