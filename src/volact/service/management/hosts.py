"""Operations on activation hosts: their places under host keys, and revoking one."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from volact.errors import Refused
from volact.licensing.hosting import reactivations_left
from volact.service.ledger import pages, slots
from volact.service.ledger.pages import GivenFilter
from volact.service.ledger.rows import SlotRow, TokenRow
from volact.service.management.access import seen_ids, seen_key
from volact.service.management.offers import offered
from volact.service.management.office import look
from volact.service.management.once import IdempotencyKey, once
from volact.service.management.shapes import Asked, Cursor, Limit, Note, page, read_cursor, told
from volact.service.ports import Act, Service
from volact.service.usecases import hosts as deeds
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.hosts import known_host, unknown_host

router = Router(tags=["hosts"])


class Host(Schema):
    """An activation host's place under its host key; `live` until the place is freed.

    `way` says how it was activated: `online` (or by a file), `telephone`, or as a `directory` by telephone.
    """

    host_id: str
    keyid: str
    dev: str
    way: str
    live: bool
    reactivations_left: int
    certificate_expires: str | None
    at: str


class Hosts(Schema):
    """One page, key by key, of each key the oldest first."""

    hosts: list[Host]
    next: str | None


class Revocation(Asked):
    """Why a host is revoked."""

    reason: Note


@offered(router, "GET", path="/hosts", scope="hosts:read", answer=Hosts)
async def list_hosts(
    request: HttpRequest,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
    keyid: Annotated[str | None, Query(max_length=64)] = None,
    licensing_id: Annotated[str | None, Query(max_length=64)] = None,
    live: bool | None = None,
) -> Any:
    """Hosts of a key, of a Licensing ID or of all, key by key, of each key the oldest first."""
    after = read_cursor(cursor, kinds=(str, int, int))

    def work(service: Service, token: TokenRow) -> Any:
        asked = GivenFilter(keyid=keyid, licensing_id=licensing_id, live=live, seen=seen_ids(service, token))
        found = pages.hosts(service.ledger, asked, after=after, limit=limit + 1)
        return page(
            "hosts",
            found,
            limit=limit,
            say=lambda row: _say(service, row[1]),
            place=lambda row: [row[1].keyid, row[1].at, row[0]],
        )

    return await look(request, work)


@offered(router, "GET", path="/hosts/{host_id}", scope="hosts:read", answer=Host)
async def show_host(request: HttpRequest, host_id: str) -> Any:
    """One host."""
    return await look(request, lambda service, token: _say(service, _seen_host(service, host_id, token=token)))


@offered(router, "POST", path="/hosts/{host_id}/revoke", scope="hosts:write", answer=Host)
async def revoke_host(request: HttpRequest, host_id: str, *, body: Revocation, key: IdempotencyKey) -> Any:
    """Revokes a host's present device key: leases from now on are refused. It keeps its place.

    A place is freed by the center's act, `POST /center/free-slot`.
    """

    def work(service: Service, act: Act) -> dict[str, Any]:
        return _say(service, deeds.revoke_host(service, host_id, reason=body.reason, act=act))

    return await once(request, key, work=work)


def _seen_host(service: Service, host_id: str, *, token: TokenRow) -> SlotRow:
    row = known_host(service, host_id)
    try:
        seen_key(service, row.keyid, token=token)
    except Refused:
        raise Refused(unknown_host(host_id)) from None
    return row


def _say(service: Service, row: SlotRow) -> dict[str, Any]:
    policy = current_catalog(service).catalog.policy
    return {
        "host_id": row.host_id,
        "keyid": row.keyid,
        "dev": row.dev,
        "way": row.way,
        "live": bool(row.live),
        "reactivations_left": reactivations_left(row.reactivations, policy.host_reactivations),
        "certificate_expires": told(slots.certificates_end(service.ledger, row.host_id)),
        "at": told(row.at),
    }
