"""What is typed into the forms of the back office, read strictly: what is no number is never taken as 0."""

from __future__ import annotations

from volact.errors import Words, say
from volact.service.pages.visit import Visit
from volact.service.usecases.names import misused

_DIGITS = 10


def number(text: str, what: Words | str) -> int:
    """A whole number; raises Refused (`usage`) for any other text."""
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= _DIGITS):
        raise misused(say('{what}: "{text}" is not a whole number', what=what, text=text[:40]))
    return int(plain)


def pairs(visit: Visit) -> list[tuple[str, str]]:
    """The lines of the form that have a product or a number, as they were typed."""
    products, numbers = (visit.request.POST.getlist(name) for name in ("product", "number"))
    lines = [(product.strip(), text.strip()) for product, text in zip(products, numbers, strict=False)]
    return [line for line in lines if any(line)]


def licenses(visit: Visit) -> dict[str, int]:
    """Licenses by product; raises Refused (`usage`) for a product that stands there twice, and what is no number."""
    found: dict[str, int] = {}
    for product, text in pairs(visit):
        if product in found:
            raise misused(say("{product} stands there twice: say one number of it", product=product))
        found[product] = number(text, product or say("a product"))
    return found
