"""Operations on product keys: what is on record of them, changing, blocking and showing them."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from volact.errors import Refused
from volact.licensing.catalog import UNCOUNTED
from volact.licensing.forecast import level_of
from volact.service.ledger import pages
from volact.service.ledger.connection import step, writing
from volact.service.ledger.pages import KeyFilter
from volact.service.ledger.rows import TokenRow
from volact.service.management import keysaid as said
from volact.service.management.access import seen_agreement, seen_ids, seen_key
from volact.service.management.offers import offered
from volact.service.management.office import look, office_of, visit_of
from volact.service.management.once import IdempotencyKey, once, write
from volact.service.management.shapes import Asked, Cursor, Id, Limit, Note, page, read_cursor, refused
from volact.service.ports import Act, Service
from volact.service.usecases import keys as deeds
from volact.service.usecases.allowances import allowance_of, rollout_check
from volact.service.usecases.revealing import reveal_key
from volact.service.usecases.showing import pace_of

router = Router(tags=["keys"])
MOST_SHOWN = 1_000
Number = Annotated[int, Field(ge=0, le=1_000_000_000)]
Asking = Annotated[str | None, Query(max_length=64)]


class AllowanceChange(Asked):
    """What a key is to allow in all, of a host key how many hosts, and why."""

    activations: Number
    reason: Note


class Block(Asked):
    """Why a key is blocked; revoked, what it gave ends too, after its grace."""

    revoke: bool = False
    reason: Note


class KeyIds(Asked):
    """Keys that are to be shown."""

    keyids: Annotated[list[Id], Field(min_length=1, max_length=MOST_SHOWN)]


@offered(router, "GET", path="/keys", scope="keys:read", answer=said.Keys)
async def list_keys(
    request: HttpRequest,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
    licensing_id: Asking = None,
    kind: Asking = None,
    product_group: Asking = None,
    state: Asking = None,
) -> Any:
    """Keys, the oldest first."""
    after = read_cursor(cursor, kinds=(int,))

    def work(service: Service, token: TokenRow) -> Any:
        asked = KeyFilter(
            licensing_id=licensing_id,
            kind=kind,
            product_group=product_group,
            state=state,
            seen=seen_ids(service, token),
        )
        found = pages.keys(service.ledger, asked, after=after, limit=limit + 1)
        return page("keys", found, limit=limit, say=lambda row: said.say(row[1]), place=lambda row: [row[0]])

    return await look(request, work)


@offered(router, "GET", path="/keys/{keyid}", scope="keys:read", answer=said.KeySheet)
async def show_key(request: HttpRequest, keyid: str) -> Any:
    """One key, with the pace at which it is used; what it gave is listed at /activations and /hosts."""

    def work(service: Service, token: TokenRow) -> Any:
        row = seen_key(service, keyid, token=token)
        if row.kind in UNCOUNTED:
            return said.say(row) | {"level": None, "forecast": None}
        pace = pace_of(service, row)
        forecast = {"per_day": pace.per_day, "runs_out": pace.runs_out}
        return said.say(row) | {"level": level_of(row.allowance, row.used), "forecast": forecast}

    return await look(request, work)


@offered(router, "PATCH", path="/keys/{keyid}", scope="keys:write", answer=said.Key)
async def change_allowance(request: HttpRequest, keyid: str, *, body: AllowanceChange) -> Any:
    """Sets what a key allows, never below what is used."""
    _take(request, keyid)

    def work(service: Service, act: Act) -> dict[str, Any]:
        row = deeds.change_allowance(service, keyid, activations=body.activations, reason=body.reason, act=act)
        return said.say(row)

    return await write(request, work)


@offered(router, "POST", path="/keys/{keyid}/block", scope="keys:write", answer=said.Key)
async def block_key(request: HttpRequest, keyid: str, *, body: Block, key: IdempotencyKey) -> Any:
    """Ends what is new from a key; a key that is in that state already stays as it is."""
    _take(request, keyid)

    def work(service: Service, act: Act) -> dict[str, Any]:
        return said.say(deeds.put_block(service, keyid, revoked=body.revoke, reason=body.reason, act=act))

    return await once(request, key, work=work)


@offered(router, "POST", path="/reveals", scope="keys:reveal", answer=said.Reveals)
async def reveal_keys(request: HttpRequest, *, body: KeyIds) -> Any:
    """Shows keys as they are typed, each on record; one that is not shown stops no other."""
    token = visit_of(request).holder
    for keyid in body.keyids:
        _take(request, keyid)

    def work(service: Service, act: Act) -> dict[str, Any]:
        with writing(service.ledger):
            return {"keys": [_revealed(service, keyid, token=token, act=act) for keyid in body.keyids]}

    return await write(request, work)


@offered(router, "GET", path="/keys/{keyid}/rollout-check", scope="keys:read", answer=said.Rollout)
async def check_rollout(
    request: HttpRequest, keyid: str, *, computers: Annotated[int, Query(ge=1, le=1_000_000_000)]
) -> Any:
    """Whether what remains of a key is enough for so many computers, and how many activations to ask for."""

    def work(service: Service, token: TokenRow) -> Any:
        seen_key(service, keyid, token=token)
        checked = rollout_check(service, keyid, computers=computers)
        return {
            "keyid": keyid,
            "enough": checked.rollout.enough,
            "remaining": checked.rollout.remaining,
            "ask_for": checked.rollout.ask_for,
            "center": checked.center.as_fields if checked.center else None,
        }

    return await look(request, work)


@offered(router, "GET", path="/agreements/{licensing_id}/allowance", scope="agreements:read", answer=said.Allowance)
async def show_allowance(
    request: HttpRequest, licensing_id: str, *, product: Annotated[str, Query(max_length=64)]
) -> Any:
    """How many activations a new multiple activation key of the agreement gets, and why."""

    def work(service: Service, token: TokenRow) -> Any:
        seen_agreement(service, licensing_id, token=token)
        grounds = allowance_of(service, licensing_id, product=product)
        return {"activations": grounds.activations, "because": [str(reason) for reason in grounds.because]}

    return await look(request, work)


def _take(request: HttpRequest, keyid: str) -> None:
    """Counts an act on one key; raises Refused (`too_many_requests`)."""
    visit_of(request).take(office_of(request).limits.key, keyid)


def _revealed(service: Service, keyid: str, *, token: TokenRow, act: Act) -> dict[str, Any]:
    try:
        with step(service.ledger):
            seen_key(service, keyid, token=token)
            return {"keyid": keyid, "key": reveal_key(service, keyid, act=act)}
    except Refused as err:
        return {"keyid": keyid, "error": refused(err.refusal)}
