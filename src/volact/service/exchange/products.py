"""Products of the catalog: all rows are one new version of it, checked as `catalog publish` checks a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from volact.errors import Refusal, Refused
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import CatalogInvalid, catalog_from, catalog_to
from volact.licensing.tables import step
from volact.service.exchange.columns import Cells
from volact.service.exchange.results import ADDED, CHANGED, REFUSED, UNCHANGED, Lines, Outcome, judged
from volact.service.exchange.sheet import Columns, Row, Sheet
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import current_catalog, put_catalog

NONE = "none"  # an empty list where the default is not one


def _list(cells: Cells, column: str) -> list[str] | None:
    words = cells.words(column)
    return [] if words == [NONE] else words or None


def _ids(cells: Cells, column: str) -> list[str] | None:
    return cells.words(column) or None


# Each column with the catalog's member and how its cell is read; None leaves the member to its default.
_MEMBERS: Mapping[str, tuple[str, Callable[[Cells, str], Any]]] = {
    "name": ("name", Cells.text),
    "product_group": ("group", Cells.text),
    "kinds": ("kinds", _list),
    "needs": ("needs", Cells.text),
    "channels": ("channels", _list),
    "counts_virtual": ("counts_virtual", Cells.flag),
    "version": ("version", Cells.text),
    "downgrades": ("downgrades", _ids),
    "client_access": ("client_access", Cells.text),
    "trial_days": ("trial_days", Cells.number),
    "media": ("media", Cells.text),
    "key_on_media": ("key_on_media", Cells.flag),
    "rule": ("rule", Cells.text),
    "retired": ("retired", Cells.flag),
}


class Products:
    """Adds and changes products in product groups that the catalog has."""

    columns = Columns(names=("product", *_MEMBERS), required=("product", "name", "product_group"))

    def __init__(self, service: Service, act: Act) -> None:
        self._service = service
        self._act = act

    def prepare(self, sheet: Sheet) -> None:
        """Nothing: a catalog is read and checked at once."""

    def take(self, sheet: Sheet) -> list[Outcome]:
        """Records the next version of the catalog with all rows in it, inside the caller's transaction."""
        before = current_catalog(self._service).catalog
        document = catalog_to(before)
        lines = Lines()

        def edit(row: Row, cells: Cells) -> Outcome:
            product = cells.required("product")
            lines.first(product, row, name=f'the product "{product}"')
            members = document["products"].get(product, {})
            document["products"][product] = _edited(members, cells)
            return Outcome(row, CHANGED if members else ADDED, {"product": product})

        outcomes = judged(sheet, edit)
        try:
            after = catalog_from(document)
            outcomes = [_compared(each, before, after=after) for each in outcomes]
            if after != before and all(each.refusal is None for each in outcomes):
                put_catalog(self._service, after, act=self._act)
        except CatalogInvalid as error:
            return _blamed(outcomes, [(problem.path, problem.reason) for problem in error.problems])
        except Refused as error:
            if error.code != "catalog_invalid":
                raise
            return _blamed(outcomes, _problems_of(error.refusal))
        return outcomes

    @classmethod
    def rows(cls, service: Service) -> Iterator[list[str | int | None]]:
        """Every product of the newest catalog, in the columns that an import takes."""
        products = catalog_to(current_catalog(service).catalog)["products"]
        for product, members in products.items():
            yield [product, *(_shown(members.get(member), column) for column, (member, _) in _MEMBERS.items())]


def _edited(members: Mapping[str, Any], cells: Cells) -> dict[str, Any]:
    """The product's members after this row: a column that the sheet has says all of its member."""
    edited = dict(members)
    for column, (member, read) in _MEMBERS.items():
        if cells.has(column):
            edited.pop(member, None)
            if (value := read(cells, column)) is not None:
                edited[member] = value
    return edited


def _compared(outcome: Outcome, before: Catalog, *, after: Catalog) -> Outcome:
    if outcome.refusal is not None:
        return outcome
    product = str(outcome.about["product"])
    known = before.products.get(product)
    result = ADDED if known is None else UNCHANGED if known == after.products[product] else CHANGED
    return replace(outcome, result=result)


def _problems_of(refusal: Refusal) -> list[tuple[str, str]]:
    listed: Any = refusal.fields.get("problems", ())
    return [(each["path"], each["reason"]) for each in listed] or [("", refusal.detail)]


def _blamed(outcomes: list[Outcome], problems: list[tuple[str, str]]) -> list[Outcome]:
    """The rows whose products are at fault refused; a problem that lies at none of them is every row's."""
    paths = {step("products", str(each.about["product"])): each.row.number for each in outcomes if each.about}
    found: dict[int, str] = {}
    for path, reason in problems:
        told = f"{path}: {reason}" if path else reason
        place = path
        while place and place not in paths:
            place = place.rpartition(".")[0]
        for number in [paths[place]] if place else paths.values():
            found[number] = f"{found[number]}; {told}" if number in found else told
    return [
        replace(each, result=REFUSED, refusal=Refusal("catalog_invalid", found[each.row.number]))
        if each.row.number in found
        else each
        for each in outcomes
    ]


def _shown(value: Any, column: str) -> str | int | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        empty = None if column == "downgrades" else NONE
        return " ".join(value) if value else empty
    return value if value is None or isinstance(value, int) else str(value)
