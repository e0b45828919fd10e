"""Typed members of one table of a catalog, with every problem collected under its path.

A reader never stops at the first problem: it notes it, takes a stand-in and reads on, so that an author sees all of
them at once. Whoever reads asks `problems` at the end whether the values may be used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from volact.errors import Words, in_turn, say, say_number

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
PLATFORM_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LINE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")
_TRUTH, _INTEGER, _TEXT = say("true or false"), say("an integer"), say("a text")
_TABLE, _ARRAY = say("a table"), say("an array")
_UNDOTTED = say("an id is 1 to 64 of a-z, 0-9 and hyphens, and begins with a letter or digit")
_DOTTED = say("an id is 1 to 64 of a-z, 0-9, dots and hyphens, and begins with a letter or digit")
_KINDS_OF_VALUE = ((bool, _TRUTH), (int, _INTEGER), (str, _TEXT), (float, say("a float")))


class Problem(Struct, frozen=True):
    """One thing that is wrong with a catalog: where, and why."""

    path: str
    words: Words | str
    line: int | None = None

    @property
    def reason(self) -> str:
        """Why, in English."""
        return str(self.words)


class Problems:
    """All problems of one catalog in the order in which they were met."""

    __slots__ = ("found", "strict")

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.found: list[Problem] = []

    def add(self, path: str, reason: Words | str) -> None:
        """Notes one problem."""
        self.found.append(Problem(path, reason))


def step(path: str, name: str) -> str:
    """The path of a member below a path, quoted where TOML would quote it."""
    shown = name if _BARE.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{path}.{shown}" if path else shown


def first_of(said: Words, number: int) -> Words:
    """What is said of the first of so many problems, with how many more there are."""
    return (
        said
        if number == 1
        else say_number("{first} (and {num} more)", "{first} (and {num} more)", first=said, num=number - 1)
    )


def closest(name: str, known: Collection[str]) -> str:
    """The known name nearest to a wrong one, empty where nothing is known."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.0)), "")


def nearest(name: str, known: Collection[str]) -> str:
    """A half-sentence that names the known name nearest to a wrong one, empty where nothing is known."""
    close = closest(name, known)
    return f'; the nearest known name is "{close}"' if close else ""


def with_nearest(said: Words, name: str, *, known: Collection[str]) -> Words:
    """What is said of a wrong name, with the known name nearest to it."""
    close = closest(name, known)
    return in_turn("; ", said, say('the nearest known name is "{name}"', name=close) if close else "")


def _kind_of(value: object) -> Words | str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return _TABLE
    if isinstance(value, list | tuple):
        return _ARRAY
    return next((name for kind, name in _KINDS_OF_VALUE if isinstance(value, kind)), say("a date or time"))


class Table:
    """One table under reading: each member is asked for once by name and type; `close` refuses what was not asked."""

    __slots__ = ("_asked", "_members", "_problems", "path")

    def __init__(self, members: Mapping[str, Any], path: str, *, problems: Problems) -> None:
        self._members = members
        self._problems = problems
        self._asked: set[str] = set()
        self.path = path

    def refuse(self, name: str, reason: Words | str) -> None:
        """Notes a problem with one member."""
        self._problems.add(step(self.path, name), reason)

    def has(self, name: str) -> bool:
        """Whether the table holds a member of that name."""
        return name in self._members

    def text(self, name: str) -> str:
        """A required text of one line, 1 to 200 characters."""
        value = self._required(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong_type(name, _TEXT, value=value)
            return ""
        if not _LINE.fullmatch(value):
            self.refuse(name, say("must be one line of 1 to 200 characters"))
        return value

    def integer(self, name: str, low: int, *, high: int, default: int | None = None) -> int:
        """An integer from low to high; required where it has no default."""
        value = self._required(name) if default is None else self._take(name, default)
        if value is None:
            return low
        if not isinstance(value, int) or isinstance(value, bool):
            self._wrong_type(name, _INTEGER, value=value)
            return low
        if not low <= value <= high:
            reason = say("is {value}, but must be from {low} to {high}", value=value, low=low, high=high)
            self.refuse(name, reason)
            return low
        return value

    def optional_integer(self, name: str, low: int, *, high: int) -> int | None:
        """An integer from low to high, or None where the table does not hold it."""
        return self.integer(name, low, high=high) if self.has(name) else None

    def integer_or(self, name: str, word: Literal["unlimited"], *, high: int) -> int | Literal["unlimited"]:
        """A required integer from 0 to high, or the one word that stands for no number."""
        if self._members.get(name) == word:
            self._asked.add(name)
            return word
        if isinstance(self._members.get(name), str):
            self.refuse(name, say('must be an integer or "{word}"', word=word))
            return word
        return self.integer(name, 0, high=high)

    def flag(self, name: str, default: bool) -> bool:
        """A boolean."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            self._wrong_type(name, _TRUTH, value=value)
            return default
        return value

    def word(self, name: str, choices: tuple[str, ...], *, default: str) -> str:
        """One of a few words."""
        value = self._take(name, default)
        if not isinstance(value, str):
            self._wrong_type(name, _TEXT, value=value)
        elif value not in choices:
            self.refuse(name, _not_among(value, choices))
        else:
            return value
        return default

    def reference(self, name: str) -> str:
        """A required id of something else in the catalog, empty where it is missing."""
        value = self._required(name)
        if isinstance(value, str):
            return value
        if value is not None:
            self._wrong_type(name, say("an id as text"), value=value)
        return ""

    def optional_reference(self, name: str) -> str | None:
        """An id of something else in the catalog, or None where the table does not hold it."""
        return (self.reference(name) or None) if self.has(name) else None

    def texts(self, name: str, choices: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A required array of different texts; with choices, each must be one of them."""
        value = self._required(name)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self._wrong_type(name, say("an array of texts"), value=value)
            return ()
        seen: list[str] = []
        for index, item in enumerate(value):
            place = f"{name}[{index}]"
            if not isinstance(item, str):
                self._indexed(place, _of_another_type(_TEXT, item))
            elif choices is not None and item not in choices:
                self._indexed(place, _not_among(item, choices))
            elif item in seen:
                self._indexed(place, say('names "{name}" again', name=item))
            else:
                seen.append(item)
        return tuple(seen)

    def table(self, name: str) -> Table:
        """A table inside this one, empty where it is missing."""
        value = self._take(name, {})
        if not isinstance(value, Mapping):
            self._wrong_type(name, _TABLE, value=value)
            value = {}
        return Table(value, step(self.path, name), problems=self._problems)

    def tables(self, name: str, pattern: re.Pattern[str] = ID) -> Iterator[tuple[str, Table]]:
        """The tables by id inside the table of that name; an id that breaks the pattern is noted."""
        outer = self.table(name)
        for key in outer._members:
            if not pattern.fullmatch(key):
                outer.refuse(key, _DOTTED if pattern is PLATFORM_ID else _UNDOTTED)
            yield key, outer.table(key)

    def array_of_tables(self, name: str) -> Iterator[Table]:
        """The tables of an array, in its order; none where it is missing."""
        value = self._take(name, ())
        if not isinstance(value, list | tuple):
            self._wrong_type(name, say("an array of tables"), value=value)
            return
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                yield Table(item, f"{step(self.path, name)}[{index}]", problems=self._problems)
            else:
                self._indexed(f"{name}[{index}]", _of_another_type(_TABLE, item))

    def names(self) -> tuple[str, ...]:
        """The names of all members, in their order."""
        return tuple(self._members)

    def close(self) -> None:
        """Refuses members that nobody asked for, with the nearest known name; a signed catalog may hold newer ones."""
        if not self._problems.strict:
            return
        for name in self._members:
            if name not in self._asked:
                self.refuse(name, with_nearest(say("is not known here"), name, known=self._asked))

    def _take(self, name: str, default: object) -> Any:
        self._asked.add(name)
        return self._members.get(name, default)

    def _required(self, name: str) -> Any:
        value = self._take(name, None)
        if value is None:
            self.refuse(name, say("is missing"))
        return value

    def _wrong_type(self, name: str, wanted: Words, *, value: object) -> None:
        self.refuse(name, _of_another_type(wanted, value))

    def _indexed(self, place: str, reason: Words) -> None:
        self._problems.add(f"{self.path}.{place}" if self.path else place, reason)


def _of_another_type(wanted: Words, value: object) -> Words:
    return say("must be {wanted}, but is {found}", wanted=wanted, found=_kind_of(value))


def _not_among(value: str, choices: tuple[str, ...]) -> Words:
    listed = ", ".join(f'"{choice}"' for choice in choices)
    return say('is "{value}", but must be one of {choices}', value=value, choices=listed)
