"""What is said to people: an English sentence with its values apart, so that a face can say it in another language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Words:
    """A template and its values; as a string it is English. A value that is Words itself is said in the same language.

    `many` is the template for every number but one, where a number decides; that number is the value `num`.
    """

    one: str
    values: Mapping[str, object] = field(default_factory=dict)
    many: str = ""

    @property
    def number(self) -> int:
        """The number that decides between the templates."""
        number = self.values.get("num", 1)
        return number if isinstance(number, int) else 1

    def said(self, translate: Translate) -> str:
        """These words in the language of `translate`."""
        values = {name: each.said(translate) if isinstance(each, Words) else each for name, each in self.values.items()}
        return translate(self).format_map(values)

    def __str__(self) -> str:
        return self.said(_english)


Translate = Callable[[Words], str]
"""The template of words in another language, `one` or `many`, with the same values in braces."""


def say(template: str, /, **values: object) -> Words:
    """Words with values where the template has their names in braces."""
    return Words(template, values)


def say_number(one: str, many: str, /, **values: object) -> Words:
    """Words for the number `num` of things, which decides between the templates."""
    return Words(one, values, many)


def in_turn(mark: str, *clauses: Words | str) -> Words:
    """Clauses one after the other, with a mark between them as the language writes it; empty ones are left out."""
    left = {f"part{place}": each for place, each in enumerate(clauses) if each != ""}
    return Words("{mark}".join(f"{{{name}}}" for name in left), {"mark": Words(mark), **left})


def _english(words: Words) -> str:
    return words.many if words.many and words.number != 1 else words.one
