"""QR codes: drawn in a page, and read from a photograph."""

from __future__ import annotations

from io import BytesIO

import segno
import zxingcpp
from markupsafe import Markup
from PIL import Image

_FORMS = ("JPEG", "PNG")
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
# What telephones take, and what screens show; a picture is not unpacked to see that it is larger.
_MOST_PIXELS, _MOST_OF_SCREENS = 80_000_000, 20_000_000
_SCAN, _MOST_SCANS = b"\xff\xda", 64  # a JPEG has a dozen or fewer: each one is work on the whole picture
_SIDE = 2_400  # pixels of the longer side that are looked at


def qr_code(text: str, *, title: str) -> Markup:
    """The code of a text as SVG, which a reader hears by its title."""
    made = segno.make(text, micro=False, error="m")
    drawn = made.svg_inline(scale=4, border=2, omitsize=True, svgclass="qr", lineclass=None, title=title)
    return Markup(drawn.replace("<svg ", '<svg role="img" ', 1))  # segno escapes the title


def photographed(picture: bytes) -> str | None:
    """What the one QR code says that is on a photograph (JPEG or PNG); None where none can be read, or several can."""
    try:
        with Image.open(BytesIO(picture), formats=_FORMS) as image:
            is_screen = image.format == "PNG"  # else a JPEG, of which there are several sorts
            if image.width * image.height > (_MOST_OF_SCREENS if is_screen else _MOST_PIXELS):
                return None
            if not is_screen and picture.count(_SCAN) > _MOST_SCANS:
                return None
            image.draft("L", (_SIDE, _SIDE))
            image.thumbnail((_SIDE, _SIDE))
            found = zxingcpp.read_barcodes(image.convert("L"), formats=_QR)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # what Pillow says of odd files
        return None
    return found[0].text if len(found) == 1 else None
