"""The catalog as a TOML file for people and as a mapping for the signed document.

The file is judged strictly: what is not known is refused, so that a typing error is never a silent default. The signed
form is read by older programs too, so members that they do not know are left alone; all else is judged alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins

from volact.errors import VolactError, say
from volact.licensing.catalog import Catalog
from volact.licensing.catalogrules import check_rules
from volact.licensing.catalogtables import read_tables
from volact.licensing.tables import Problem, Problems, Table, first_of

_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_SHOWN = 100
# A name of more parts than any table has: what reads TOML takes the square of their number, in time and in room.
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_ENDLESS = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{16}}")


class CatalogInvalid(VolactError):
    """A catalog that breaks a rule of its format: the first problem leads, the field `problems` shows up to 100."""

    code = "catalog_invalid"

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        first = problems[0]
        place = first.path if first.line is None else say("line {line}", line=first.line)
        said = say("{file}: {place}: {reason}", file=file, place=place, reason=first.reason)
        listed = [{"path": p.path or None, "line": p.line, "reason": p.reason} for p in problems[:_SHOWN]]
        super().__init__(
            first_of(said, len(problems)),
            file=file,
            path=first.path or None,
            line=first.line,
            problems=listed,
        )


def read_catalog_text(text: str | bytes, file: str = "catalog.toml") -> Catalog:
    """The catalog of a TOML file; raises CatalogInvalid with file, table path (line for syntax errors) and reason."""
    return _checked(_parse(_decode(text, file), file), file, strict=True)


def catalog_from(mapping: Mapping[str, Any], file: str = "catalog") -> Catalog:
    """The catalog of a signed document's mapping; raises CatalogInvalid, but passes over members of newer versions."""
    return _checked(mapping, file, strict=False)


def catalog_to(catalog: Catalog) -> dict[str, Any]:
    """The catalog as a mapping for the signed document, with every figure written out; `catalog_from` reads it back."""
    document: dict[str, Any] = to_builtins(catalog)
    for name, entries in document.items():
        if isinstance(entries, dict) and name != "policy":
            for entry in entries.values():
                entry.pop("id")
    bare: dict[str, Any] = _without_none(document)
    return bare


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list | tuple) else value


def _checked(mapping: Mapping[str, Any], file: str, *, strict: bool) -> Catalog:
    problems = Problems(strict)
    catalog = read_tables(Table(mapping, "", problems=problems))
    check_rules(catalog, problems)
    if problems.found:
        raise CatalogInvalid(file, problems.found)
    return catalog


def _decode(text: str | bytes, file: str) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CatalogInvalid(file, [Problem("", "is not UTF-8", line)]) from error


def _parse(text: str, file: str) -> dict[str, Any]:
    import tomllib  # here, because a client reads only the signed form

    if endless := _ENDLESS.search(text):
        line = text.count("\n", 0, endless.start()) + 1
        raise CatalogInvalid(file, [Problem("", "has a name of too many parts", line)])
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise CatalogInvalid(file, [Problem("", "is nested too deeply", 1)]) from error
    except ValueError as error:
        message = str(error)
        found = _AT_LINE.search(message)
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        raise CatalogInvalid(file, [Problem("", _AT_LINE.sub("", message) or "cannot be read", line)]) from error
