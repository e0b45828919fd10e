"""Operations on activations: who holds what a key gave, and giving back those of retired computers."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from volact.errors import Refused
from volact.service.ledger import pages, retirements
from volact.service.ledger.connection import step
from volact.service.ledger.pages import GivenFilter
from volact.service.ledger.rows import ActivationRow, TokenRow
from volact.service.management.access import seen_ids, seen_key
from volact.service.management.offers import offered
from volact.service.management.office import look, visit_of
from volact.service.management.once import IdempotencyKey, once
from volact.service.management.shapes import (
    Asked,
    Cursor,
    Id,
    Limit,
    Note,
    Time,
    page,
    read_cursor,
    refused,
    seconds,
    told,
)
from volact.service.ports import Act, Service
from volact.service.usecases.retiring import retire, unknown_activation

router = Router(tags=["activations"])
MOST_RETIRED = 1_000


class Activation(Schema):
    """What a key gave to one computer; `live` until it is released or retired."""

    activation_id: str
    keyid: str
    dev: str
    channel: str
    product: str
    live: bool
    at: str


class ActivationSheet(Activation):
    """An activation and, where it was given back, when its key has it again."""

    retired_at: str | None
    credited_at: str | None


class Activations(Schema):
    """One page, key by key, of each key the oldest first."""

    activations: list[Activation]
    next: str | None


class Retirement(Asked):
    """Why an activation is given back."""

    reason: Note


class Retirements(Asked):
    """Activations that are given back, each by itself."""

    activation_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_RETIRED)]
    reason: Note


class Retired(Schema):
    """What became of one; `error` is a refusal as a problem has it."""

    row: int
    activation_id: str
    result: str
    credited_at: str | None = None
    error: dict[str, Any] | None = None


class RetiredRows(Schema):
    """What became of each, in the order in which they were named."""

    rows: list[Retired]


def say(row: ActivationRow) -> dict[str, Any]:
    """An activation as the API tells it."""
    return {
        "activation_id": row.activation_id,
        "keyid": row.keyid,
        "dev": row.dev,
        "channel": row.channel,
        "product": row.product,
        "live": bool(row.live),
        "at": told(row.at),
    }


@offered(router, "GET", path="/activations", scope="activations:read", answer=Activations)
async def list_activations(
    request: HttpRequest,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
    keyid: Annotated[str | None, Query(max_length=64)] = None,
    licensing_id: Annotated[str | None, Query(max_length=64)] = None,
    dev: Annotated[str | None, Query(max_length=64, description="A computer.")] = None,
    live: bool | None = None,
    since: Time = None,
    until: Time = None,
) -> Any:
    """Activations of a key, of a Licensing ID or of all, key by key, of each key the oldest first."""
    after = read_cursor(cursor, kinds=(str, int, int))

    def work(service: Service, token: TokenRow) -> Any:
        asked = GivenFilter(
            keyid=keyid,
            licensing_id=licensing_id,
            dev=dev,
            live=live,
            since=seconds(since),
            until=seconds(until),
            seen=seen_ids(service, token),
        )
        found = pages.activations(service.ledger, asked, after=after, limit=limit + 1)
        return page(
            "activations",
            found,
            limit=limit,
            say=lambda row: say(row[1]),
            place=lambda row: [row[1].keyid, row[1].at, row[0]],
        )

    return await look(request, work)


@offered(router, "GET", path="/activations/{activation_id}", scope="activations:read", answer=ActivationSheet)
async def show_activation(request: HttpRequest, activation_id: str) -> Any:
    """One activation."""

    def work(service: Service, token: TokenRow) -> Any:
        row = seen_activation(service, activation_id, token=token)
        given_back = retirements.retirement(service.ledger, activation_id)
        ends = (given_back.at, given_back.credit_at) if given_back else (None, None)
        return say(row) | {"retired_at": told(ends[0]), "credited_at": told(ends[1])}

    return await look(request, work)


@offered(router, "POST", path="/activations/{activation_id}/retire", scope="activations:write", answer=ActivationSheet)
async def retire_activation(request: HttpRequest, activation_id: str, *, body: Retirement, key: IdempotencyKey) -> Any:
    """Ends an activation; its key has it again after the cool-down."""
    token = visit_of(request).holder
    holder = token.organization_id

    def work(service: Service, act: Act) -> dict[str, Any]:
        seen_activation(service, activation_id, token=token)
        done = retire(service, activation_id, reason=body.reason, act=act, organization_id=holder).retirement
        row = seen_activation(service, activation_id, token=token)
        return say(row) | {"retired_at": told(done.at), "credited_at": told(done.credit_at)}

    return await once(request, key, work=work)


@offered(router, "POST", path="/retirements", scope="activations:write", answer=RetiredRows)
async def retire_activations(request: HttpRequest, *, body: Retirements, key: IdempotencyKey) -> Any:
    """Ends activations, each by itself: one that is refused stops no other."""
    token = visit_of(request).holder
    holder = token.organization_id

    def work(service: Service, act: Act) -> dict[str, Any]:
        rows = []
        for number, activation_id in enumerate(body.activation_ids, 1):
            said: dict[str, Any] = {"row": number, "activation_id": activation_id}
            try:
                with step(service.ledger):
                    seen_activation(service, activation_id, token=token)
                    done = retire(
                        service, activation_id, reason=body.reason, act=act, organization_id=holder
                    ).retirement
                said |= {"result": "retired", "credited_at": told(done.credit_at)}
            except Refused as err:
                said |= {"result": "refused", "error": refused(err.refusal)}
            rows.append(said)
        return {"rows": rows}

    return await once(request, key, work=work)


def seen_activation(service: Service, activation_id: str, *, token: TokenRow) -> ActivationRow:
    """An activation of a key that the token can see; raises Refused (`unknown_activation`)."""
    row = retirements.activation(service.ledger, activation_id)
    if row is None:
        raise Refused(unknown_activation(activation_id))
    try:
        seen_key(service, row.keyid, token=token)
    except Refused:
        raise Refused(unknown_activation(activation_id)) from None
    return row
