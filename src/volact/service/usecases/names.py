"""Ids that the service draws, and the texts that people give: names, countries, days."""

from __future__ import annotations

import re
from collections.abc import Callable

from volact.credential.encoding import crockford
from volact.errors import Refusal, Refused, Words, say
from volact.licensing.agreements import is_day
from volact.service.ports import Draw

_SYMBOLS = 8  # 40 bits: short enough to be read aloud, drawn again where it is taken
_MOST = 200
_KEY = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]{5}[- ]?){4}[0-9A-Za-z]{5}(?![0-9A-Za-z])")
_COUNTRY = re.compile(r"[A-Z]{2}")


def draw_id(draw: Draw, prefix: str, *, taken: Callable[[str], bool]) -> str:
    """A new id like `L-7K3M-92QX` that is not taken."""
    while True:
        symbols = crockford(int.from_bytes(draw(_SYMBOLS * 5 // 8), "big"), _SYMBOLS)
        found = f"{prefix}-{symbols[:4]}-{symbols[4:]}"
        if not taken(found):
            return found


def check_name(text: str, what: Words) -> str:
    """The text without blanks around it; raises Refused (`usage`) for an empty, long or unprintable one."""
    name = text.strip()
    if not name or len(name) > _MOST or not name.isprintable():
        raise misused(say("{what} is a text of 1 to {most} characters on one line", what=what, most=_MOST))
    return name


def check_note(text: str, what: Words) -> str:
    """A text for the record, as `check_name` gives it; raises Refused (`usage`) for one with a product key in it."""
    note = check_name(text, what)
    if without_keys(note) != note:
        raise misused(
            say(
                "{what} holds what looks like a product key: name it by its key id, since the record is kept", what=what
            )
        )
    return note


def without_keys(text: str) -> str:
    """The text with whatever looks like a product key cut down to its first group."""

    def cut(found: re.Match[str]) -> str:  # five words of five letters are no key
        return f"{found[0][:5]}-..." if re.search(r"\d", found[0]) else found[0]

    return _KEY.sub(cut, text)


def check_country(text: str) -> str:
    """The country in capitals; raises Refused (`usage`) for anything but two letters."""
    country = text.strip().upper()
    if not _COUNTRY.fullmatch(country):
        raise misused(say('"{text}" is not a country of two letters like NO', text=text))
    return country


def check_day(text: str) -> str:
    """The day; raises Refused (`usage`) for a text that is no ISO day."""
    if not is_day(text):
        raise misused(say('"{text}" is not a day like 2026-11-24', text=text))
    return text


def misused(detail: Words | str) -> Refused:
    """The refusal of something that was given wrongly."""
    return Refused(Refusal("usage", detail))
