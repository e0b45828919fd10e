"""Operations that issue keys: one order, or many of them, each by itself."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Status
from pydantic import Field

from volact.errors import Refusal, Refused
from volact.service.ledger.connection import reading, step
from volact.service.management import keysaid as said
from volact.service.management.keys import router  # one address, one router: /keys is read there
from volact.service.management.offers import offered
from volact.service.management.office import office_of, visit_of
from volact.service.management.once import IdempotencyKey, prepared_once
from volact.service.management.shapes import Asked, Id, refused
from volact.service.ports import Act, Service
from volact.service.usecases.keys import Drawn, Order, Plan, draw_keys, planned, put_drawn
from volact.service.usecases.names import misused

MOST_KEYS = 10_000  # in one request
MOST_ROWS = 1_000


class NewKeys(Asked):
    """Which keys are to be issued; without a number of activations the agreement's program says it."""

    licensing_id: Id
    product: Id
    kind: Annotated[str, Field(min_length=1, max_length=16)]
    activations: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    count: Annotated[int, Field(ge=1, le=MOST_KEYS)] = 1

    @property
    def order(self) -> Order:
        """The same as an order."""
        return Order(
            licensing_id=self.licensing_id,
            product=self.product,
            kind=self.kind,
            activations=self.activations,
            count=self.count,
        )


class NewKeyRows(Asked):
    """Orders, each by itself; together they may ask for 10,000 keys."""

    rows: Annotated[list[NewKeys], Field(min_length=1, max_length=MOST_ROWS)]


@offered(router, "POST", path="/keys", scope="keys:write", answer=said.Issued, status=201)
async def issue_keys(request: HttpRequest, *, body: NewKeys, key: IdempotencyKey) -> Any:
    """Issues the keys of an order, all or none; `POST /reveals` shows them."""

    def commit(service: Service, act: Act, *, drawn: Drawn) -> dict[str, Any]:
        return {"keys": [said.say(each.row) for each in put_drawn(service, drawn, act=act)]}

    done = await prepared_once(
        request,
        key,
        prepare=lambda: _drawn(request, body.order),
        work=lambda service, act, drawn: commit(service, act, drawn=drawn),
    )
    return Status(201, done)


@offered(router, "POST", path="/issues", scope="keys:write", answer=said.IssuedRows)
async def issue_rows(request: HttpRequest, *, body: NewKeyRows, key: IdempotencyKey) -> Any:
    """Issues the keys of many orders: one that is refused stops no other."""
    if sum(row.count for row in body.rows) > MOST_KEYS:
        raise misused(f"one request issues {MOST_KEYS} keys at the most")

    async def prepare() -> list[Drawn | Refusal]:
        return [await _drawn_or_refused(request, row.order) for row in body.rows]

    def commit(service: Service, act: Act, *, drawn: list[Drawn | Refusal]) -> dict[str, Any]:
        return {"rows": [{"row": row} | _put(service, each, act=act) for row, each in enumerate(drawn, 1)]}

    return await prepared_once(
        request, key, prepare=prepare, work=lambda service, act, drawn: commit(service, act, drawn=drawn)
    )


async def _drawn(request: HttpRequest, order: Order) -> Drawn:
    """The keys of an order: planned by the clerk, and drawn beside it, since that takes a while and no record."""
    office, visit = office_of(request), visit_of(request)

    def plan(service: Service) -> tuple[Plan, Act]:
        act = visit.act(service)
        with reading(service.ledger):
            return planned(service, order, act=act), act

    found, act = await office.read(plan)
    keys = await asyncio.to_thread(draw_keys, office.clerk, order, plan=found, act=act)
    return Drawn(order, found, keys)


async def _drawn_or_refused(request: HttpRequest, order: Order) -> Drawn | Refusal:
    try:
        return await _drawn(request, order)
    except Refused as err:
        return err.refusal


def _put(service: Service, drawn: Drawn | Refusal, *, act: Act) -> dict[str, Any]:
    try:
        if isinstance(drawn, Refusal):
            raise Refused(drawn)
        with step(service.ledger):
            issued = put_drawn(service, drawn, act=act)
        return {"result": "issued", "keyids": [each.row.keyid for each in issued]}
    except Refused as err:
        return {"result": "refused", "keyids": [], "error": refused(err.refusal)}
