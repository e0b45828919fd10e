"""Operations on agreements, each under a Licensing ID of its own."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from volact.service.ledger import pages
from volact.service.ledger.rows import AgreementRow, TokenRow
from volact.service.management.access import seen_agreement, seen_ids
from volact.service.management.offers import offered
from volact.service.management.office import look
from volact.service.management.once import IdempotencyKey, once, write
from volact.service.management.shapes import Asked, Cursor, Id, Limit, page, read_cursor, told
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import Change, Terms, known_agreement, put_agreement, set_agreement
from volact.service.usecases.showing import agreement_sheet

router = Router(tags=["agreements"])
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day as ISO 8601 has it.")]
Level = Annotated[str, Field(min_length=1, max_length=32)]
Licenses = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[int, Field(ge=0, le=1_000_000_000)]],
    Field(max_length=2_000, description="How many were bought of each product: set, not added; 0 takes it off."),
]


class Agreement(Schema):
    """What an organization agreed on; the first and the last day both count, null is open."""

    licensing_id: str
    organization_id: str
    program: str
    level: str | None
    valid_from: str | None
    valid_until: str | None
    licenses: dict[str, int]
    at: str


class AgreementSheet(Agreement):
    """An agreement with what follows from its program."""

    rights: dict[str, int | None]
    keys_shown: bool
    used_by: list[str]


class Agreements(Schema):
    """One page, the oldest first."""

    agreements: list[Agreement]
    next: str | None


class NewAgreement(Asked):
    """An agreement to be added."""

    organization_id: Id
    program: Id
    level: Level | None = None
    licenses: Licenses = Field(default_factory=dict)
    valid_from: Day | None = None
    valid_until: Day | None = None


class AgreementChange(Asked):
    """What changes: a member that is absent stays."""

    level: Level | None = None
    licenses: Licenses = Field(default_factory=dict)
    valid_until: Day | None = None


def say(row: AgreementRow) -> dict[str, Any]:
    """An agreement as the API tells it."""
    return {
        "licensing_id": row.licensing_id,
        "organization_id": row.organization_id,
        "program": row.program,
        "level": row.level,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "licenses": row.licenses,
        "at": told(row.at),
    }


@offered(router, "GET", path="/agreements", scope="agreements:read", answer=Agreements)
async def list_agreements(
    request: HttpRequest, *, cursor: Cursor = None, limit: Limit = 50, organization_id: str | None = None
) -> Any:
    """Agreements, the oldest first; of a token's organization also those whose keys it was let use."""
    after = read_cursor(cursor, kinds=(int,))

    def work(service: Service, token: TokenRow) -> Any:
        seen = seen_ids(service, token)
        found = pages.agreements(
            service.ledger, after=after, limit=limit + 1, organization_id=organization_id, seen=seen
        )
        return page("agreements", found, limit=limit, say=lambda row: say(row[1]), place=lambda row: [row[0]])

    return await look(request, work)


@offered(router, "POST", path="/agreements", scope="agreements:write", answer=Agreement, status=201)
async def add_agreement(request: HttpRequest, *, body: NewAgreement, key: IdempotencyKey) -> Any:
    """Adds an agreement of an organization under a new Licensing ID."""
    terms = Terms(
        program=body.program,
        level=body.level,
        licenses=body.licenses,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
    )

    def work(service: Service, act: Act) -> dict[str, Any]:
        licensing_id = put_agreement(service, body.organization_id, terms=terms, act=act)
        return say(known_agreement(service, licensing_id))

    return Status(201, await once(request, key, work=work))


@offered(router, "GET", path="/agreements/{licensing_id}", scope="agreements:read", answer=AgreementSheet)
async def show_agreement(request: HttpRequest, licensing_id: str) -> Any:
    """One agreement, with the rights that its program gives, and who else may use its keys."""

    def work(service: Service, token: TokenRow) -> Any:
        row = seen_agreement(service, licensing_id, token=token)
        program = current_catalog(service).catalog.programs[row.program]
        mine = token.organization_id in (None, row.organization_id)
        used_by = list(agreement_sheet(service, licensing_id).used_by) if mine else []
        more = {"rights": program.right_numbers, "keys_shown": program.shows_keys, "used_by": used_by}
        return say(row) | more

    return await look(request, work)


@offered(router, "PATCH", path="/agreements/{licensing_id}", scope="agreements:write", answer=Agreement)
async def change_agreement(request: HttpRequest, licensing_id: str, *, body: AgreementChange) -> Any:
    """Changes price level, last day, and numbers of licenses."""
    change = Change(level=body.level, licenses=body.licenses, valid_until=body.valid_until)

    def work(service: Service, act: Act) -> dict[str, Any]:
        return say(set_agreement(service, licensing_id, change=change, act=act))

    return await write(request, work)
