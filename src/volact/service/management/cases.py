"""Operations on cases: what callers could not do alone, and what customers asked for; a person takes each over."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from volact.service.ledger.cases import CaseRow
from volact.service.ledger.rows import TokenRow
from volact.service.management.offers import offered
from volact.service.management.office import look
from volact.service.management.once import IdempotencyKey, once
from volact.service.management.shapes import Asked, Cursor, Limit, Note, page, read_cursor, told
from volact.service.ports import Act, Service
from volact.service.usecases import cases

router = Router(tags=["center"])
State = Annotated[
    Literal["pending", "all"], Query(description="`pending` are those that are open or taken, and not closed.")
]


class Case(Schema):
    """One case: the groups of the installation ID that were typed, and how the caller's number ends.

    `kind` is `menu` or `desk` of a caller, else what a customer asked for, with `asked` as its reason.
    """

    case_id: str
    at: str
    state: str
    channel: str
    language: str
    groups: list[str]
    number: str
    keyid: str | None
    licensing_id: str | None
    taken_by: str | None
    closed_at: str | None
    reason: str | None
    kind: str
    organization_id: str | None
    product: str | None
    wanted: int | None
    computer: str | None
    asked: str | None
    asked_by: str | None
    outcome: str | None


class Cases(Schema):
    """One page."""

    cases: list[Case]
    next: str | None


class Outcome(Asked):
    """What became of it, and why."""

    reason: Note
    outcome: Literal["done", "refused"] = "done"


@offered(router, "GET", path="/center/cases", scope="center:act", answer=Cases)
async def list_cases(
    request: HttpRequest, *, cursor: Cursor = None, limit: Limit = 50, state: State = "pending"
) -> Any:
    """Cases, the oldest first."""
    after = read_cursor(cursor, kinds=(int,))

    def work(service: Service, _: TokenRow) -> Any:
        states = cases.PENDING if state == "pending" else cases.EVERY
        found = cases.cases_of(service, states=states, after=after[0] if after else None, limit=limit + 1)
        return page("cases", found, limit=limit, say=lambda each: _say(each[1]), place=lambda each: [each[0]])

    return await look(request, work)


@offered(router, "POST", path="/center/cases/{case_id}/take", scope="center:act", answer=Case)
async def take_case(request: HttpRequest, case_id: str, *, key: IdempotencyKey) -> Any:
    """Takes a case over; by the same token again, it changes nothing."""
    return await once(request, key, work=lambda service, act: _say(cases.take_case(service, case_id, act=act)))


@offered(router, "POST", path="/center/cases/{case_id}/close", scope="center:act", answer=Case)
async def close_case(request: HttpRequest, case_id: str, *, body: Outcome, key: IdempotencyKey) -> Any:
    """Closes a case with what became of it."""

    def work(service: Service, act: Act) -> dict[str, Any]:
        return _say(cases.close_case(service, case_id, reason=body.reason, outcome=body.outcome, act=act))

    return await once(request, key, work=work)


def _say(row: CaseRow) -> dict[str, Any]:
    return {
        "case_id": row.case_id,
        "at": told(row.at),
        "state": row.state,
        "channel": row.channel,
        "language": row.language,
        "groups": row.groups,
        "number": row.number,
        "keyid": row.keyid,
        "licensing_id": row.licensing_id,
        "taken_by": row.taken_by,
        "closed_at": told(row.closed_at),
        "reason": row.reason,
        "kind": row.kind,
        "organization_id": row.organization_id,
        "product": row.product,
        "wanted": row.wanted,
        "computer": row.computer,
        "asked": row.asked,
        "asked_by": row.asked_by,
        "outcome": row.outcome,
    }
