"""Keys: issued by the row, taken over from an older system, or given another number of activations.

What is slow, deriving keys, is done before the transaction that writes; what an order comes to is asked again in it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from volact.credential.productkey import ProductKey, read_key
from volact.credential.proof import Derived, derive
from volact.errors import Refusal, Refused
from volact.licensing.catalog import UNCOUNTED
from volact.service.exchange.columns import Cells
from volact.service.exchange.results import ADDED, CHANGED, UNCHANGED, Lines, Outcome, judged
from volact.service.exchange.sheet import Columns, Row, Sheet, invalid
from volact.service.ledger import audit, keys, settings
from volact.service.ledger.connection import reading
from volact.service.ledger.rows import KeyRow
from volact.service.ports import Act, Service
from volact.service.usecases.keys import (
    IssuedKey,
    Order,
    Plan,
    draw_keys,
    known_key,
    planned,
    put_allowance,
    put_keys,
    sealed,
)

REASON = "import"


@dataclass(frozen=True, slots=True)
class _Typed:
    key: ProductKey
    derived: Derived


class Keys:
    """Issues keys, takes over whole keys of this publisher, and sets numbers of activations."""

    columns = Columns(
        names=(
            "licensing_id", "product", "kind", "activations", "key", "keyid",
            "first_group", "product_group", "state", "allowance", "used", "remaining",  # shown, and not read
        ),
        required=("licensing_id", "product", "kind"),
        secret=("key",),
    )  # fmt: skip

    def __init__(self, service: Service, act: Act) -> None:
        self._service = service
        self._act = act
        self._lines = Lines()
        self._typed: dict[int, _Typed] = {}
        self._drawn: dict[Order, list[IssuedKey]] = {}
        self._drawn_for: dict[Order, Plan] = {}
        self._plans: dict[Order, Plan | Refusal] = {}

    def prepare(self, sheet: Sheet) -> None:
        """Draws the keys that will be issued and derives those that were typed; nothing is written."""
        with reading(self._service.ledger):
            publisher = settings.publisher_id(self._service.ledger)
            orders, typed = self._wanted(sheet, publisher)
            self._drawn_for = {order: plan for order in orders if isinstance(plan := self._plan(order), Plan)}
        self._plans.clear()
        for order, plan in self._drawn_for.items():
            drawn = draw_keys(self._service, replace(order, count=orders[order]), plan=plan, act=self._act)
            self._drawn[order] = list(drawn)
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # deriving leaves the interpreter's lock alone
            derived = pool.map(lambda key: derive(key, publisher), typed.values())
            self._typed = {row: _Typed(key, each) for (row, key), each in zip(typed.items(), derived, strict=True)}

    def take(self, sheet: Sheet) -> list[Outcome]:
        """Puts all rows on record, inside the caller's transaction."""
        return judged(sheet, self._judge)

    @classmethod
    def rows(cls, service: Service) -> Iterator[list[str | int | None]]:
        """Every key without the key itself, in the columns that an import takes or passes over."""
        for row in keys.every(service.ledger):
            counts = (None, None, None) if row.kind in UNCOUNTED else (row.allowance, row.used, row.remaining)
            yield [
                row.licensing_id, row.product, row.kind, counts[0], row.keyid,
                row.first_group, row.product_group, row.state, *counts,
            ]  # fmt: skip

    def _wanted(self, sheet: Sheet, publisher: str) -> tuple[Counter[Order], dict[int, ProductKey]]:
        """How many keys of which order are asked for, and what was typed; a row that cannot be read asks for none."""
        orders: Counter[Order] = Counter()
        typed: dict[int, ProductKey] = {}

        def read(row: Row, cells: Cells) -> Outcome:
            text = cells.text("key")
            if text is not None:
                typed[row.number] = _read_key(text, publisher)
            elif cells.text("keyid") is None:
                orders[_order(cells)] += 1
            return Outcome(row, UNCHANGED)

        judged(sheet, read)
        return orders, typed

    def _judge(self, row: Row, cells: Cells) -> Outcome:
        text, keyid = cells.text("key"), (cells.text("keyid") or "").upper() or None
        if text is None and keyid is None:
            return self._issued(row, _order(cells))
        typed = self._typed.get(row.number)
        if text is not None and typed is None:
            _read_key(text, settings.publisher_id(self._service.ledger))  # which says again why it could not be read
        if typed is not None:
            if keyid not in (None, typed.derived.keyid):
                raise invalid(f"the key is that of {typed.derived.keyid}, not of {keyid}", column="keyid")
            keyid = typed.derived.keyid
        self._lines.first(keyid, row, name=f"the key {keyid}")
        known = keys.key(self._service.ledger, keyid or "")
        if known is None and typed is not None:
            return self._taken_over(row, typed, order=_order(cells))
        return self._set(row, cells, known=known or known_key(self._service, keyid or ""))

    def _issued(self, row: Row, order: Order) -> Outcome:
        plan = self._plan(order)
        if isinstance(plan, Refusal):
            raise Refused(plan)
        if self._drawn_for.get(order) != plan:
            raise Refused(Refusal("not_ready", "agreement or catalog changed in this moment; nothing was issued"))
        drawn = (self._drawn[order].pop(),)
        (issued,) = put_keys(self._service, order, plan=plan, drawn=drawn, act=self._act)
        about = {"licensing_id": order.licensing_id, "product": order.product}
        return Outcome(row, ADDED, about, {"keyid": issued.row.keyid, "key": issued.key})

    def _taken_over(self, row: Row, typed: _Typed, *, order: Order) -> Outcome:
        plan = self._plan(order)
        if isinstance(plan, Refusal):
            raise Refused(plan)
        if typed.key.kind.word != order.kind:
            raise Refused(Refusal("key_wrong_kind", f"this is a {typed.key.kind.word} key", {"kind": order.kind}))
        if typed.key.group != plan.offer.group.number:
            detail = f"the key is for another product group than {plan.offer.group.id}"
            raise Refused(Refusal("key_wrong_product", detail, {"product": order.product}))
        held = sealed(self._service, typed.key, derived=typed.derived, order=order, plan=plan, act=self._act)
        keys.add(self._service.ledger, [held])
        noted = {"kind": order.kind, "product": order.product, "allowance": plan.allowance, "why": REASON}
        audit.write(self._service.ledger, self._act, what="taken over", subject=held.keyid, detail=noted)
        about = {"licensing_id": order.licensing_id, "product": order.product, "keyid": held.keyid}
        return Outcome(row, ADDED, about)

    def _set(self, row: Row, cells: Cells, *, known: KeyRow) -> Outcome:
        """A key that is on record: it stays what it is, and may allow another number."""
        for column in ("licensing_id", "product", "kind"):
            given, stays = cells.text(column), getattr(known, column)
            if given not in (None, stays):
                raise invalid(f"{column} of {known.keyid} is {stays} and stays so, not {given}", column=column)
        about = {"licensing_id": known.licensing_id, "product": known.product, "keyid": known.keyid}
        number = cells.number("activations")
        if number in (None, known.allowance):
            return Outcome(row, UNCHANGED, about)
        put_allowance(self._service, known.keyid, activations=number or 0, reason=REASON, act=self._act)
        return Outcome(row, CHANGED, about)

    def _plan(self, order: Order) -> Plan | Refusal:
        """What an order comes to, asked once for all rows that say the same."""
        if order not in self._plans:
            try:
                self._plans[order] = planned(self._service, order, act=self._act)
            except Refused as error:
                self._plans[order] = error.refusal
        return self._plans[order]


def _order(cells: Cells) -> Order:
    return Order(
        licensing_id=cells.required("licensing_id"),
        product=cells.required("product"),
        kind=cells.required("kind").lower(),
        activations=cells.number("activations"),
    )


def _read_key(text: str, publisher: str) -> ProductKey:
    key = read_key(text, publisher)
    if isinstance(key, Refusal):
        raise Refused(key)
    return key
