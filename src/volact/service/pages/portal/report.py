"""What a report says, before it is a page or a file: activations by month, by product and by method, and forecasts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from volact.licensing.forecast import Forecast
from volact.service.ledger import keys
from volact.service.ledger.rows import KeyRow
from volact.service.pages.portal.reach import licensing_ids
from volact.service.pages.visit import PUBLISHER, Visit, owner_name
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.showing import paces_of
from volact.service.usecases.tallying import activations_by_month, month_of

MONTHS = 12
SOON = 8  # keys whose forecast is told: those of which the largest part is used


@dataclass(frozen=True, slots=True)
class Pace:
    """A key that counts, by what it is called, and when it runs out."""

    key: KeyRow
    name: str
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Report:
    """Twelve months of an organization; months are numbers (year * 12 + month - 1), the last one is the present."""

    publisher: str
    owner: str
    now: int
    months: tuple[tuple[int, int], ...]
    products: tuple[tuple[str, int], ...]
    methods: tuple[tuple[str, int], ...]
    paces: tuple[Pace, ...]

    @property
    def total(self) -> int:
        """All activations of the twelve months."""
        return sum(number for _, number in self.months)


def report(visit: Visit) -> Report:
    """The report of the organization that a visit is about, up to this moment."""
    service, catalog, this = visit.service, current_catalog(visit.service).catalog, month_of(visit.now)
    seen = licensing_ids(visit)
    months, products, methods = Counter[int](), Counter[str](), Counter[str]()
    for row in activations_by_month(service, seen, since=this - MONTHS + 1):
        months[row.month] += row.number
        known = catalog.products.get(row.product)
        products[known.name if known else row.product] += row.number
        methods[row.channel] += row.number
    fullest = keys.fullest(service.ledger, seen, limit=SOON)
    paces = paces_of(service, fullest)
    return Report(
        publisher=owner_name(service, PUBLISHER),
        owner=visit.owner,
        now=visit.now,
        months=tuple((month, months[month]) for month in range(this - MONTHS + 1, this + 1)),
        products=tuple(products.most_common()),
        methods=tuple(methods.most_common()),
        paces=tuple(Pace(key, catalog.product_groups[key.product_group].name, paces[key.keyid]) for key in fullest),
    )
