"""Reports as files: a sheet of commas, a workbook whose cells are texts and numbers alone, and a page to be printed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
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

Table = tuple[str, tuple[str, ...], list[tuple[str | int, ...]]]


def no_proof() -> str:
    """What every report says (F46)."""
    return _("Volume activation is a tool for activation, not a proof of license.")


def as_csv(report: Report) -> bytes:
    """Every table of the report below each other, the first cell names it."""
    rows = [(title, *map(str, row)) for title, _header, found in _tables(report) for row in found]
    width = max(map(len, rows), default=1)
    filled = [(*row, *[""] * (width - len(row))) for row in rows]
    header = (_("Table"), _("What"), *[_("Number"), _("Left"), _("Runs out")][: width - 2])
    return write_sheet(header, [*filled, (no_proof(), *[""] * (width - 1))])


def as_xlsx(report: Report) -> bytes:
    """A sheet for each table."""
    book, made = Workbook(write_only=True), io.BytesIO()
    for title, header, rows in _tables(report):
        sheet = book.create_sheet(title[:31].replace("/", "-"))
        for row in (header, *rows, (no_proof(),)):
            cells = [WriteOnlyCell(sheet, value) for value in row]
            for cell, value in zip(cells, row, strict=True):
                cell.data_type = "n" if isinstance(value, int) else "s"  # a text is never a formula
            sheet.append(cells)
    book.save(made)
    return made.getvalue()


def as_pdf(report: Report) -> bytes:
    """Pages A4: the months as bars, and every table."""
    page = FPDF(format="A4")
    page.set_margin(18)
    page.set_title(_("Activations of %(owner)s") % {"owner": report.owner})
    page.set_lang(get_language() or "en")
    page.set_creation_date(datetime.fromtimestamp(report.now, UTC))
    for style, name in (("", "SourceSansPro"), ("B", "SourceSansProSemibold")):
        page.add_font("sans", style, font_source_sans_pro.font_files_ttf[name])
    page.add_page()
    _line(page, _("Activations of %(owner)s") % {"owner": report.owner}, size=18, bold=True)
    told = {"number": look.number(report.total), "day": look.day(report.now)}
    _line(page, _("%(number)s within twelve months, as of %(day)s.") % told, size=11)
    _bars(page, report)
    for title, header, rows in _tables(report):
        _line(page, title, size=13, bold=True)
        page.set_font("sans", "", 10)
        with page.table(
            text_align=("LEFT", *["RIGHT"] * (len(header) - 1)), borders_layout="HORIZONTAL_LINES"
        ) as table:
            for row in (header, *rows):
                table.row([look.number(cell) if isinstance(cell, int) else cell for cell in row])
        page.ln(5)
    _line(page, no_proof(), size=10)
    return bytes(page.output())


FORMS: Mapping[str, tuple[str, Callable[[Report], bytes]]] = {
    "pdf": ("application/pdf", as_pdf),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "csv": ("text/csv; charset=utf-8", as_csv),
}


def _tables(report: Report) -> Iterator[Table]:
    number = _("Activations")
    months: list[tuple[str | int, ...]] = [(look.month(month_start(month)), count) for month, count in report.months]
    yield _("By month"), (_("Month"), number), months
    yield _("By product"), (_("Product"), number), list(report.products)
    yield _("By method"), (_("Method"), number), [(words.channel(name), count) for name, count in report.methods]
    paces: list[tuple[str | int, ...]] = [
        (f"{each.name} ({each.key.keyid})", each.key.used, each.key.remaining, each.forecast.runs_out or "–")
        for each in report.paces
    ]
    yield _("Nearest to their end"), (_("Key"), _("Used"), _("Left"), _("Runs out on about")), paces


def _bars(page: FPDF, report: Report) -> None:
    high, top, left = 32.0, page.get_y() + 2, page.l_margin
    step = page.epw / len(report.months)
    most = max((number for _, number in report.months), default=0) or 1
    page.set_fill_color(11, 93, 99)
    for place, (_month, number) in enumerate(report.months):
        tall = high * number / most
        page.rect(left + place * step + step * 0.13, top + high - tall, step * 0.74, tall, style="F")
    page.line(left, top + high, left + page.epw, top + high)
    page.set_y(top + high + 6)


def _line(page: FPDF, text: str, *, size: int, bold: bool = False) -> None:
    page.set_font("sans", "B" if bold else "", size)
    page.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT", align="L")
    page.ln(2)
