"""The sleeve as a page to be printed: what its text says, and the key as a QR code too (F03)."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import font_source_sans_pro
import segno
from fpdf import FPDF

from volact.errors import say
from volact.service.sleeve import AFTER, BEFORE, ENGLISH, LOSS, Tongue, commands, given, heading
from volact.service.usecases.granting import Media

CODE = say("The product key as a QR code")
_FONT, _KEY_FONT = "sans", "courier"  # a key is ASCII; a name may be anything that the font has
_QR = 34.0  # mm, as are all measures but those of letters, which are points
_MARGIN = 16.0


def sleeve_page(media: Media, *, download: bool, at: int, tongue: Tongue = ENGLISH) -> bytes:
    """One page A5 as PDF, made at a time (seconds)."""
    told = tongue.told
    page = _page(told(heading(media)), at, lang=tongue.code)
    _text(page, told(heading(media)), size=18, bold=True)
    _key(page, media.key, called=told(CODE))
    if download:
        _text(page, told(LOSS), size=11, bold=True)
    _text(page, told(given(media)), size=10)
    _text(page, told(BEFORE), size=10)
    page.set_font(_KEY_FONT, size=7)
    for command in commands(media):
        page.multi_cell(0, 4, command, new_x="LMARGIN", new_y="NEXT", align="L")
    page.ln(3)
    for line in AFTER:
        _text(page, told(line), size=10)
    return bytes(page.output())


def _page(title: str, at: int, *, lang: str) -> FPDF:
    page = FPDF(format="A5")
    page.set_margin(_MARGIN)
    page.set_title(title)
    page.set_lang(lang)
    page.set_creation_date(datetime.fromtimestamp(at, UTC))
    for style, name in (("", "SourceSansPro"), ("B", "SourceSansProSemibold")):
        page.add_font(_FONT, style, font_source_sans_pro.font_files_ttf[name])
    page.add_page()
    return page


def _key(page: FPDF, key: str, *, called: str) -> None:
    """The key on one line, and the code below it."""
    page.set_font(_KEY_FONT, "B", 16)
    page.cell(h=12, text=key, new_x="LMARGIN", new_y="NEXT")
    page.image(_code(key), x=_MARGIN, y=page.get_y(), w=_QR, alt_text=called)
    page.set_y(page.get_y() + _QR + 4)


def _code(key: str) -> io.BytesIO:
    image = io.BytesIO()
    segno.make(key, micro=False, error="q").save(image, kind="png", scale=12, border=0)
    return image


def _text(page: FPDF, text: str, *, size: int, bold: bool = False) -> None:
    page.set_font(_FONT, "B" if bold else "", size)
    page.multi_cell(0, size * 0.46, text, new_x="LMARGIN", new_y="NEXT", align="L")
    page.ln(2)
