"""QR codes in a page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(text: str, *, title: str) -> Markup:
    """The code of a text as SVG, which a reader hears by its title."""
    made = segno.make(text, micro=False, error="m")
    drawn = made.svg_inline(scale=4, border=2, omitsize=True, svgclass="qr", lineclass=None, title=title)
    return Markup(drawn.replace("<svg ", '<svg role="img" ', 1))  # segno escapes the title
