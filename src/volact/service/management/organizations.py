"""Operations on organizations: customers and their affiliates."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from volact.service.ledger import pages
from volact.service.ledger.rows import OrganizationRow, TokenRow
from volact.service.management.access import seen_organization
from volact.service.management.offers import offered
from volact.service.management.office import look
from volact.service.management.once import IdempotencyKey, once, write
from volact.service.management.shapes import Asked, Cursor, Id, Limit, page, read_cursor, told
from volact.service.ports import Act, Service
from volact.service.usecases.customers import known_organization, put_organization, set_organization
from volact.service.usecases.families import stop_using, use_keys
from volact.service.usecases.showing import summary

router = Router(tags=["organizations"])
Country = Annotated[str, Field(pattern="^[A-Za-z]{2}$", description="Two letters of ISO 3166-1.")]


class Organization(Schema):
    """A customer, perhaps an affiliate of another one."""

    organization_id: str
    name: str
    parent: str | None
    country: str | None
    at: str


class Organizations(Schema):
    """One page, the oldest first."""

    organizations: list[Organization]
    next: str | None


class NewOrganization(Asked):
    """A customer to be added."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    parent: Id | None = None
    country: Country | None = None


class OrganizationChange(Asked):
    """What changes: a member that is absent stays, an empty text takes it off."""

    parent: Annotated[str, Field(max_length=64)] | None = None
    country: Annotated[str, Field(pattern="^([A-Za-z]{2})?$")] | None = None


class Relationship(Schema):
    """A Licensing ID that an organization holds, or whose keys it was let use."""

    licensing_id: str
    program: str
    owner: str
    by_grant: bool


class Summary(Schema):
    """An organization's Licensing IDs."""

    organization_id: str
    licensing_ids: list[Relationship]


def say(row: OrganizationRow) -> dict[str, Any]:
    """An organization as the API tells it."""
    return {
        "organization_id": row.organization_id,
        "name": row.name,
        "parent": row.parent,
        "country": row.country,
        "at": told(row.at),
    }


@offered(router, "GET", path="/organizations", scope="organizations:read", answer=Organizations)
async def list_organizations(
    request: HttpRequest, *, cursor: Cursor = None, limit: Limit = 50, parent: str | None = None
) -> Any:
    """Organizations, the oldest first."""
    after = read_cursor(cursor, kinds=(int,))

    def work(service: Service, token: TokenRow) -> Any:
        only = token.organization_id
        found = pages.organizations(service.ledger, after=after, limit=limit + 1, parent=parent, only=only)
        return page("organizations", found, limit=limit, say=lambda row: say(row[1]), place=lambda row: [row[0]])

    return await look(request, work)


@offered(router, "POST", path="/organizations", scope="organizations:write", answer=Organization, status=201)
async def add_organization(request: HttpRequest, *, body: NewOrganization, key: IdempotencyKey) -> Any:
    """Adds an organization."""

    def work(service: Service, act: Act) -> dict[str, Any]:
        made = put_organization(service, body.name, parent=body.parent, country=body.country, act=act)
        return say(known_organization(service, made))

    return Status(201, await once(request, key, work=work))


@offered(router, "GET", path="/organizations/{organization_id}", scope="organizations:read", answer=Organization)
async def show_organization(request: HttpRequest, organization_id: str) -> Any:
    """One organization."""
    return await look(request, lambda service, token: say(seen_organization(service, organization_id, token=token)))


@offered(router, "PATCH", path="/organizations/{organization_id}", scope="organizations:write", answer=Organization)
async def change_organization(request: HttpRequest, organization_id: str, *, body: OrganizationChange) -> Any:
    """Changes parent and country."""

    def work(service: Service, act: Act) -> dict[str, Any]:
        return say(set_organization(service, organization_id, parent=body.parent, country=body.country, act=act))

    return await write(request, work)


@offered(router, "GET", path="/organizations/{organization_id}/summary", scope="agreements:read", answer=Summary)
async def summarize(request: HttpRequest, organization_id: str) -> Any:
    """The Licensing IDs that an organization holds, and those of its family whose keys it may use."""

    def work(service: Service, token: TokenRow) -> Any:
        seen_organization(service, organization_id, token=token)
        listed = [
            {
                "licensing_id": each.agreement.licensing_id,
                "program": each.agreement.program,
                "owner": each.agreement.organization_id,
                "by_grant": each.by_grant,
            }
            for each in summary(service, organization_id)
        ]
        return {"organization_id": organization_id, "licensing_ids": listed}

    return await look(request, work)


_USE = "/organizations/{organization_id}/uses/{licensing_id}"


@offered(router, "PUT", path=_USE, scope="organizations:write", answer=Organization)
async def let_use(request: HttpRequest, organization_id: str, *, licensing_id: str) -> Any:
    """Lets an organization use the keys of a Licensing ID of its family."""

    def work(service: Service, act: Act) -> dict[str, Any]:
        use_keys(service, organization_id, licensing_id=licensing_id, act=act)
        return say(known_organization(service, organization_id))

    return await write(request, work)


@offered(router, "DELETE", path=_USE, scope="organizations:write", answer=Organization)
async def stop_use(request: HttpRequest, organization_id: str, *, licensing_id: str) -> Any:
    """Takes that back."""

    def work(service: Service, act: Act) -> dict[str, Any]:
        stop_using(service, organization_id, licensing_id=licensing_id, act=act)
        return say(known_organization(service, organization_id))

    return await write(request, work)
