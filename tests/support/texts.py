"""The texts of the pages in a language, as they are translated, and what of a page is left in English.

texts = Texts.of("fr")
texts("Reveal")                                  Révéler
texts("%(num)s host", "%(num)s hosts", num=3)    by the number
texts.english(["Reveal", "4G894"])               ["Reveal"]: a text that has a translation
texts.strangers(["Révéler", "PDF"])              ["PDF"]: no text of this language
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from texts import path

_PLACE = re.compile(r"%\(\w+\)s")
_LEAST = 12  # letters of a sentence with places for values, below which it is like too much else


@dataclass(frozen=True, slots=True)
class Texts:
    """One language."""

    language: str
    catalog: Catalog

    @classmethod
    @cache
    def of(cls, language: str) -> Texts:
        """The language as it is translated now; English is what the texts are written in."""
        known = "fr" if language == "en" else language
        with path(known).open("rb") as file:
            return cls(language, read_po(file, locale=known))

    def __call__(self, text: str, plural: str | None = None, **values: object) -> str:
        """A text with its values; `num` decides between one and many."""
        message = self.catalog.get(text)
        assert message is not None, f"no page has the text {text!r}"
        forms = message.id if self.language == "en" else message.string
        many = plural is not None and self._is_many(int(str(values["num"])))
        said = forms[int(many)] if isinstance(forms, list | tuple) else forms
        return plain(said % values if values else said.replace("%%", "%"))

    def english(self, found: Iterable[str]) -> list[str]:
        """Which of them are texts in English that have a translation."""
        if self.language == "en":
            return []
        whole, patterns = _left(self)
        return [text for text in found if text in whole or any(each.fullmatch(text) for each in patterns)]

    def strangers(self, found: Iterable[str]) -> list[str]:
        """Which of them are no text of the language."""
        patterns = _known(self)
        return [text for text in found if not any(each.fullmatch(text) for each in patterns)]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every text in English and in the language."""
        for message in self.catalog:
            if message.id:
                ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
                said = message.string if isinstance(message.string, list | tuple) else (message.string,)
                yield from zip(ids, ids if self.language == "en" else said, strict=True)

    def _is_many(self, number: int) -> bool:
        return number > 1 if self.language == "fr" else number != 1


def plain(text: str) -> str:
    """A text as it is read: blanks of any sort are one."""
    return " ".join(text.split())


@cache
def _left(texts: Texts) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    pairs = [(plain(english), plain(said)) for english, said in texts.pairs()]
    own = {said for _, said in pairs}
    other = {english for english, said in pairs if english not in own}
    whole = frozenset(each for each in other if not _PLACE.search(each))
    return whole, tuple(_pattern(each) for each in other - whole if len(_PLACE.sub("", each)) >= _LEAST)


@cache
def _known(texts: Texts) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(plain(said)) for _, said in texts.pairs() if re.search(r"\w", _PLACE.sub("", said)))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".+".join(re.escape(part.replace("%%", "%")) for part in _PLACE.split(text)))
