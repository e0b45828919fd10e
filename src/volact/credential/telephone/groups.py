"""Numbers in groups that people read out and type, each group with a check symbol of its own (spec C-13.1, C-13.2).

Whatever is typed, one symbol carries the check from state to state by a permutation, and neighbouring groups start in
different states. So one wrong symbol, two neighbours swapped and a group in the place of another are all noticed, in
the very group where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volact.credential.encoding import ALPHABET, PASSED_OVER, TYPED
from volact.errors import Refusal, Words, say_number

_Table = tuple[tuple[int, ...], ...]
# The totally anti-symmetric quasigroup of order 10 in H. M. Damm's thesis (Marburg, 2004).
_DAMM: _Table = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
# Twice the sum in GF(32), x^5 + x^2 + 1.
_DOUBLED: _Table = tuple(tuple((a ^ b) << 1 ^ (0b100101 if (a ^ b) & 16 else 0) for b in range(32)) for a in range(32))


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write one kind of code."""

    name: Words
    code: str
    groups: int
    size: int
    start: int
    table: _Table

    def write(self, number: int) -> tuple[str, ...]:
        """The groups of a number, most significant first; raises ValueError for one that does not fit."""
        payload, radix = self.size - 1, len(self.table)
        values = []
        for _ in range(self.groups * payload):
            number, value = divmod(number, radix)
            values.append(value)
        if number:
            raise ValueError("the number does not fit")
        values.reverse()
        return tuple(self._text(index, values[index * payload : (index + 1) * payload]) for index in range(self.groups))

    def check_group(self, index: int, text: str) -> str | Refusal:
        """The group as it is printed, or the refusal that names it; groups are counted from 0 here, from 1 in fields.

        Spaces and hyphens do not matter, nor case; O is 0, I and L are 1, U is V.
        """
        values = self._values(text)
        if len(values) == self.size and min(values) >= 0:
            right = self._text(index, values[:-1])
            if ALPHABET.index(right[-1]) == values[-1]:
                return right
        return self.mistyped((index,))

    def read(self, text: str) -> int | Refusal:
        """The number of a whole code as it was typed or pasted, or a refusal with the `groups` that are wrong."""
        groups = _words(text)
        if len(groups) != self.groups:
            symbols = "".join(groups)
            if len(symbols) != self.groups * self.size:
                return self._of_wrong_length(symbols)
            groups = [symbols[place : place + self.size] for place in range(0, len(symbols), self.size)]
        right = [self.check_group(index, group) for index, group in enumerate(groups)]
        wrong = [index for index, group in enumerate(right) if isinstance(group, Refusal)]
        if wrong:
            return self.mistyped(wrong)
        number = 0
        for value in (TYPED[symbol] for group in right if isinstance(group, str) for symbol in group[:-1]):
            number = number * len(self.table) + value
        return number

    def mistyped(self, indexes: Iterable[int], detail: Words | str | None = None) -> Refusal:
        """The refusal of a code with these groups, which it names counted from 1."""
        groups = [index + 1 for index in indexes]
        wrong = say_number(
            "group {groups} of the {name} is mistyped",
            "groups {groups} of the {name} is mistyped",
            num=len(groups),
            groups=", ".join(map(str, groups)),
            name=self.name,
        )
        return Refusal(self.code, detail or wrong, {"groups": groups})

    def _of_wrong_length(self, symbols: str) -> Refusal:
        """Names the groups between what fits from the front and what fits from the end."""
        before = self._fitting(symbols, range(self.groups), at=0)
        behind = self._fitting(symbols, range(self.groups - 1, -1, -1), at=len(symbols) - self.groups * self.size)
        twice = len(symbols) == (self.groups + 1) * self.size  # the group that fits both ways was typed twice
        first, last = sorted((before - twice, self.groups - 1 - behind + twice))
        indexes = range(max(first, 0), min(last + 1, self.groups))
        detail = say_number(
            "the {name} has {typed} symbols, not {right}; look at group {groups}",
            "the {name} has {typed} symbols, not {right}; look at group {groups}",
            num=len(indexes),
            name=self.name,
            typed=len(symbols),
            right=self.groups * self.size,
            groups=", ".join(str(index + 1) for index in indexes),
        )
        return self.mistyped(indexes, detail)

    def _fitting(self, symbols: str, indexes: range, *, at: int) -> int:
        """How many groups in a row fit, if the first group begins at that symbol."""
        for count, index in enumerate(indexes):
            place = at + index * self.size
            if place < 0 or isinstance(self.check_group(index, symbols[place : place + self.size]), Refusal):
                return count
        return self.groups

    def _values(self, text: str) -> list[int]:
        values = [TYPED.get(symbol, -1) for symbol in "".join(_words(text))]
        return [value if value < len(self.table) else -1 for value in values]

    def _text(self, index: int, values: list[int]) -> str:
        state = (self.start + index) % len(self.table)
        for value in values:
            state = self.table[state][value]
        return "".join(ALPHABET[value] for value in (*values, state))


@dataclass(frozen=True, slots=True)
class Forms:
    """The two ways to write one kind of code: digits for the ear, fewer symbols for the keyboard."""

    digits: Form
    keyboard: Form

    @classmethod
    def of(cls, name: Words, code: str, *, groups: int, start: int) -> Forms:
        """Both forms of a code with so many groups: seven digits with start state, or five symbols, each."""
        return cls(Form(name, code, groups, 7, start, _DAMM), Form(name, code, groups, 5, 0, _DOUBLED))

    def form(self, text: str) -> Form:
        """The form in which a text was typed: letters beyond those that stand for digits tell the keyboard's."""
        symbols = "".join(_words(text))
        letters = sum(TYPED.get(symbol, 0) > 9 for symbol in symbols)
        whole = len(symbols) == self.keyboard.groups * self.keyboard.size
        return self.keyboard if letters and (whole or 4 * letters > len(symbols)) else self.digits

    def read(self, text: str) -> int | Refusal:
        """The number of a code in either form."""
        return self.form(text).read(text)


def _words(text: str) -> list[str]:
    """What stands between the signs that are passed over."""
    spaced = "".join(" " if symbol in PASSED_OVER else symbol for symbol in text)
    return [word for word in spaced.split(" ") if word]
