"""What kinds of key are called in sentences, which other languages translate."""

from __future__ import annotations

from volact.errors import Words, say

_KINDS = {
    "cal": say("cal"),
    "generic": say("generic"),
    "host": say("host"),
    "mak": say("mak"),
    "oem": say("oem"),
    "retail": say("retail"),
    "setup": say("setup"),
    "trial": say("trial"),
}


def kind_word(kind: str) -> Words | str:
    """The word for a kind of key; one that is not known, as it is."""
    return _KINDS.get(kind, kind)
