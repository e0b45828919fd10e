"""Operations on what is on record of acts and refusals: the audit, and who was refused."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from volact.licensing.agreements import day_of
from volact.service.ledger import pages
from volact.service.ledger.rows import AuditRow, TokenRow
from volact.service.management.offers import offered
from volact.service.management.office import look
from volact.service.management.shapes import Cursor, Limit, page, read_cursor, told
from volact.service.ports import Service
from volact.service.usecases.denying import KEPT_DAYS, denials_of

router = Router(tags=["record"])
_DAY = 86_400


class Entry(Schema):
    """One entry of the audit: who did what to which subject; an erased one has lost all but act and time."""

    entry: int
    at: str
    who: str
    act: str
    subject: str
    detail: dict[str, Any]


class Audit(Schema):
    """One page, the first entry first."""

    audit: list[Entry]
    next: str | None


class Denial(Schema):
    """How often one code refused on one day; `keyid` is null where no key was proved."""

    day: str
    code: str
    keyid: str | None
    address: str
    times: int


class Denials(Schema):
    """The newest day first, then the most often; at most `limit`."""

    denials: list[Denial]


@offered(router, "GET", path="/audit", scope="audit:read", answer=Audit)
async def list_audit(
    request: HttpRequest,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
    subject: Annotated[str | None, Query(max_length=64, description="An id that was acted on.")] = None,
    act: Annotated[str | None, Query(max_length=64)] = None,
) -> Any:
    """Entries of the audit, the first one first; proofs that they are in the log are at /v1/log."""
    after = read_cursor(cursor, kinds=(int,))

    def work(service: Service, _: TokenRow) -> Any:
        found = pages.audit(service.ledger, after=after, limit=limit + 1, subject=subject, act=act)
        return page("audit", found, limit=limit, say=_say, place=lambda row: [row.entry])

    return await look(request, work)


@offered(router, "GET", path="/denials", scope="denials:read", answer=Denials)
async def list_denials(
    request: HttpRequest,
    *,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    days: Annotated[int, Query(ge=1, le=KEPT_DAYS, description="Of so many days, today among them.")] = KEPT_DAYS,
    keyid: Annotated[str | None, Query(max_length=64)] = None,
    code: Annotated[str | None, Query(max_length=64)] = None,
) -> Any:
    """Who was refused by the device API, how often, and why; kept for 90 days."""

    def work(service: Service, _: TokenRow) -> Any:
        found = denials_of(service, days=days, keyid=keyid, code=code)[:limit]
        rows = [
            {
                "day": day_of(denied.day * _DAY),
                "code": denied.code,
                "keyid": denied.keyid or None,
                "address": denied.address,
                "times": times,
            }
            for denied, times in found
        ]
        return {"denials": rows}

    return await look(request, work)


def _say(row: AuditRow) -> dict[str, Any]:
    said = {"entry": row.entry, "at": told(row.at), "who": row.who, "act": row.act, "subject": row.subject}
    return said | {"detail": json.loads(row.detail)}
