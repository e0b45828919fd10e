"""The error tree and the catalog of stable codes: code, title, cause, fix, HTTP status.

    VolactError            something that a face shows: it carries a Refusal
    ├── Refused            the trade said no; the value that said so travels to the nearest face
    ├── Malformed          bytes that are not what they claim to be          request_malformed
    ├── Untrusted          bytes that parse but are not believed             answer_untrusted, root_untrusted
    ├── Unreachable        nobody answered                                   host_unreachable, service_unreachable
    ├── Damaged            our own state on disk cannot be read              state_damaged
    └── StorageFull        our own state cannot be written                   storage_full

A refusal that the trade expects is a value (`Refusal`); rooms return it, and only a use case that has no
other way to hand it to its face raises it as `Refused`. `codes.py` holds the catalog,
`saying.py` the words of one case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from volact.errors.code import Code
from volact.errors.codes import CODES
from volact.errors.saying import Translate, Words, in_turn, say, say_number

__all__ = [
    "CODES",
    "Code",
    "Damaged",
    "Malformed",
    "Refusal",
    "Refused",
    "StorageFull",
    "Translate",
    "Unreachable",
    "Untrusted",
    "VolactError",
    "Words",
    "in_turn",
    "say",
    "say_number",
    "sentence",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal that the trade expects: a stable code, this case's own words, and the code's own fields."""

    code: str
    words: Words | str
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """This case's own words, in English."""
        return str(self.words)

    @property
    def known(self) -> Code:
        """The catalog's entry for the code; a code from a newer peer reads as `unknown_code`."""
        return CODES.get(self.code, CODES["unknown_code"])


def sentence(detail: str) -> str:
    """A detail as it stands in prose, with a capital and a full stop; by itself one sentence has neither."""
    return detail[:1].upper() + detail[1:] + ("" if detail.endswith(".") else ".")


class VolactError(Exception):
    """Whatever goes wrong in Volact, as a refusal that a face can show."""

    code = "internal"

    def __init__(self, words: Words | str, *, code: str | None = None, **fields: object) -> None:
        super().__init__(str(words))
        self.refusal = Refusal(code or self.code, words, fields)
        self.code = self.refusal.code

    @property
    def detail(self) -> str:
        """This case's own words."""
        return self.refusal.detail

    @property
    def fields(self) -> Mapping[str, object]:
        """The code's own fields."""
        return self.refusal.fields


class Refused(VolactError):
    """A refusal value on its way to the nearest face."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words, code=refusal.code, **dict(refusal.fields))


class Malformed(VolactError):
    """Bytes that are not what they claim to be."""

    code = "request_malformed"


class Untrusted(VolactError):
    """Bytes that can be read but are not believed."""

    code = "answer_untrusted"


class Unreachable(VolactError):
    """Nobody answered; never a verdict about a license."""

    code = "service_unreachable"


class Damaged(VolactError):
    """A file or database of ours that cannot be read."""

    code = "state_damaged"


class StorageFull(VolactError):
    """A file or database of ours that cannot be written."""

    code = "storage_full"
