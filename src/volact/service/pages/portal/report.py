"""What a report says, before it is a page or a file: activations by month, by product and by method, and forecasts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from volact.licensing.catalog import UNCOUNTED
from volact.licensing.forecast import Forecast
from volact.service.ledger import tallies
from volact.service.ledger.rows import KeyRow
from volact.service.pages.portal.reach import keys_of, licensing_ids
from volact.service.pages.visit import Visit
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.showing import pace_of
from volact.service.usecases.tallying import month_of

MONTHS = 12
SOON = 8  # keys whose forecast is told: those with the least left


@dataclass(frozen=True, slots=True)
class Pace:
    """A key that counts, by what it is called, and when it runs out."""

    key: KeyRow
    name: str
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Report:
    """Twelve months of an organization; months are numbers (year * 12 + month - 1), the last one is the present."""

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
    """The report of the organization that a visit is about."""
    catalog, this = current_catalog(visit.service).catalog, month_of(visit.now)
    keys = {key.keyid: key for key in keys_of(visit)}
    rows = tallies.of_agreements(visit.service.ledger, licensing_ids(visit), since=this - MONTHS + 1)
    months, products, methods = Counter[int](), Counter[str](), Counter[str]()
    for row in rows:
        months[row.month] += row.number
        products[catalog.product_groups[keys[row.keyid].product_group].name] += row.number
        methods[row.channel] += row.number
    counting = [key for key in keys.values() if key.kind not in ("host", *UNCOUNTED) and key.state == "active"]
    least = sorted(counting, key=lambda key: key.remaining / max(key.allowance, 1))[:SOON]
    return Report(
        owner=visit.owner,
        now=visit.now,
        months=tuple((month, months[month]) for month in range(this - MONTHS + 1, this + 1)),
        products=tuple(products.most_common()),
        methods=tuple(methods.most_common()),
        paces=tuple(
            Pace(key, catalog.product_groups[key.product_group].name, pace_of(visit.service, key)) for key in least
        ),
    )
