"""QR codes on a terminal, two rows of modules to a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from volact.errors import Refusal, Refused


def qr_code(text: str, *, error: str = "m") -> Any:
    """The QR code of a text, with that level of correction; refuses where the extra is not installed."""
    try:
        import segno
    except ModuleNotFoundError as err:
        raise Refused(Refusal("extra_missing", "QR codes need the extra: pip install 'volact[phone]'")) from err
    return segno.make(text, error=error, micro=False, boost_error=False)


def drawn(code: Any) -> Iterator[str]:
    """The QR code in half blocks, with the quiet zone that a camera needs."""
    rows = [list(row) for row in code.matrix_iter(border=4)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(" ▄▀█"[2 * bool(one) + bool(other)] for one, other in zip(upper, lower, strict=True))
