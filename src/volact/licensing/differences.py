"""What one catalog says otherwise than another one: entry by entry and figure by figure, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import catalog_to

WHOLE = ("title", "policy")  # what a catalog has once


class Figure(Struct, frozen=True):
    """One figure by its path in the entry, as both catalogs have it; None where one of them does not."""

    path: str
    old: str | None
    new: str | None


class Difference(Struct, frozen=True):
    """An entry that is not the same: its table, its id and name, and the figures that differ, or all where it is new.

    `is_new` and `is_gone` say that one catalog alone has it.
    """

    table: str
    id: str
    name: str
    figures: tuple[Figure, ...]
    is_new: bool = False
    is_gone: bool = False


def differences(old: Catalog, new: Catalog) -> tuple[Difference, ...]:
    """What publishing `new` after `old` changes: in the order of the format, what was there already first."""
    before, after = catalog_to(old), catalog_to(new)
    return tuple(each for table in after for each in _of_table(table, before[table], new=after[table]))


def _of_table(table: str, old: Any, *, new: Any) -> Iterator[Difference]:
    olds, news = _entries(table, old), _entries(table, new)
    for id in dict.fromkeys((*olds, *news)):
        entry = news.get(id, olds.get(id))
        figures = tuple(_changed(dict(_flat(olds.get(id, {}))), new=dict(_flat(news.get(id, {})))))
        if figures:
            name = entry.get("name", id) if isinstance(entry, Mapping) else id
            yield Difference(table, id, name, figures, is_new=id not in olds, is_gone=id not in news)


def _entries(table: str, value: Any) -> Mapping[str, Any]:
    if table in WHOLE:
        return {table: value}
    if isinstance(value, Mapping):
        return value
    return {f"{center['country']} {center['number']}": center for center in value}


def _changed(old: Mapping[str, str], *, new: Mapping[str, str]) -> Iterator[Figure]:
    for path in dict.fromkeys((*old, *new)):
        if old.get(path) != new.get(path):
            yield Figure(path, old.get(path), new.get(path))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The figures of an entry by their paths; a list of texts is one figure, a list of tables is one for each line."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flat(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for place, item in enumerate(value, 1):
            yield from _flat(item, f"{path}[{place}]")
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
