"""Purchases: how many licenses of a product stand under a Licensing ID, set and not added."""

from __future__ import annotations

from collections.abc import Iterator

from volact.licensing.catalog import Catalog
from volact.service.exchange.columns import Cells
from volact.service.exchange.results import ADDED, CHANGED, UNCHANGED, Lines, Outcome, judged
from volact.service.exchange.sheet import Columns, Row, Sheet
from volact.service.ledger import customers
from volact.service.ledger.rows import AgreementRow
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import Change, check_licenses, known_agreement, put_change


class Purchases:
    """Sets numbers of licenses; 0 takes a product off."""

    columns = Columns(names=("licensing_id", "product", "licenses"), required=("licensing_id", "product", "licenses"))

    def __init__(self, service: Service, act: Act) -> None:
        self._service = service
        self._act = act
        self._lines = Lines()
        self._agreements: dict[str, AgreementRow] = {}
        self._numbers: dict[str, dict[str, int]] = {}

    def prepare(self, sheet: Sheet) -> None:
        """Nothing: no row takes long."""

    def take(self, sheet: Sheet) -> list[Outcome]:
        """Puts all rows on record, inside the caller's transaction: one change of each agreement."""
        catalog = current_catalog(self._service).catalog
        outcomes = judged(sheet, lambda row, cells: self._judge(row, cells, catalog=catalog))
        for licensing_id, numbers in self._numbers.items():
            put_change(self._service, licensing_id, change=Change(licenses=numbers), act=self._act)
        return outcomes

    @classmethod
    def rows(cls, service: Service) -> Iterator[list[str | int | None]]:
        """Everything that was bought, in the columns that an import takes."""
        return (list(row) for row in customers.licenses(service.ledger))

    def _judge(self, row: Row, cells: Cells, *, catalog: Catalog) -> Outcome:
        licensing_id, product = cells.required("licensing_id"), cells.required("product")
        number = cells.required_number("licenses")
        self._lines.first((licensing_id, product), row, name=f"{product} under {licensing_id}")
        if licensing_id not in self._agreements:
            self._agreements[licensing_id] = known_agreement(self._service, licensing_id)
        had = self._agreements[licensing_id].licenses.get(product, 0)
        check_licenses(catalog, product, number=number, had=had)
        about = {"licensing_id": licensing_id, "product": product}
        if number == had:
            return Outcome(row, UNCHANGED, about)
        self._numbers.setdefault(licensing_id, {})[product] = number
        return Outcome(row, CHANGED if had else ADDED, about)
