"""Product keys as a list shows them: the product's names, what is used, until when it lasts, and who has the key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from volact.licensing.catalog import UNCOUNTED, Catalog, Center
from volact.licensing.forecast import Forecast, level_of
from volact.service.ledger.rows import KeyRow
from volact.service.pages.portal.sight import Sight, held_back
from volact.service.ports import Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_organization
from volact.service.usecases.showing import paces_of


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key, with nothing secret; `held` says who has a key that no face shows, `by_grant` that another holds it."""

    row: KeyRow
    product: str
    group: str
    held: str | None
    by_grant: bool
    pace: Forecast | None

    @property
    def counts(self) -> bool:
        """Whether the key counts activations or hosts."""
        return self.row.kind not in UNCOUNTED

    @property
    def part(self) -> float:
        """How much of what it allows is used, from 0 to 1."""
        return self.row.used / self.row.allowance if self.row.allowance else 1.0

    @property
    def mood(self) -> str:
        """`ok`, `warn` or `bad`, by how much is used: of a key that allows one, all is no news."""
        level = level_of(self.row.allowance, self.row.used) if self.row.allowance > 1 else None
        return "ok" if level is None else "warn" if level < 95 else "bad"


def key_lines(service: Service, rows: Iterable[KeyRow], *, sight: Sight) -> list[KeyLine]:
    """The lines of keys, all of which are in sight."""
    found = list(rows)
    catalog, paces = current_catalog(service).catalog, paces_of(service, found)
    return [_line(catalog, row, sight=sight, pace=paces.get(row.keyid)) for row in found]


def center_of(service: Service, organization_id: str) -> Center | None:
    """The activation center that an organization calls (F44)."""
    return current_catalog(service).catalog.center_for(known_organization(service, organization_id).country)


def _line(catalog: Catalog, row: KeyRow, *, sight: Sight, pace: Forecast | None) -> KeyLine:
    seen = sight[row.licensing_id]
    product, group = catalog.products.get(row.product), catalog.product_groups.get(row.product_group)
    pool = catalog.pools.get(group.pool) if group else None
    return KeyLine(
        row,
        product.name if product else row.product,
        pool.name if pool else row.product_group,
        held_back(catalog, row, program=seen.agreement.program),
        seen.by_grant,
        pace,
    )
