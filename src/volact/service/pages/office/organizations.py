"""One customer: added with the invitation of its administrator, shown, placed in its family, its people invited."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused
from volact.service.ledger import customers, listing, members
from volact.service.pages.accounts.members import send_invitation
from volact.service.pages.look import address
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right, Role
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_organization, put_organization, put_place
from volact.service.usecases.members import Invited, invite, withdraw
from volact.service.usecases.showing import summary

SHOWN = 100  # agreements, affiliates


@page(Right.OFFICE)
def add(visit: Visit) -> HttpResponse:
    """A new organization, with the first invitation of its administrator in the same step."""
    typed = {name: visit.posted(name) for name in ("name", "country", "parent", "email")}
    if visit.request.method != "POST":
        return visit.page("office/organization-new.html", typed=typed | {"parent": visit.asked("parent")}, refused=None)
    made: list[Invited] = []

    def work(service: Service, act: Act) -> str:
        country, parent = typed["country"] or None, typed["parent"] or None
        customer_id = put_organization(service, typed["name"], parent=parent, country=country, act=act)
        if typed["email"]:
            made.append(_invited(service, typed["email"], customer_id=customer_id, act=act))
        return address("office-organization", customer_id=customer_id)

    try:
        response = visit.once(work)
    except Refused as err:
        return visit.page("office/organization-new.html", status=422, typed=typed, refused=err.refusal)
    unsent = [told for each in made if (told := send_invitation(visit, each)) is not None]
    return unsent[0] if unsent else response


@page(Right.OFFICE)
def one(visit: Visit, customer_id: str) -> HttpResponse:
    """Its family, agreements, people and whose keys it may use; people are invited and invitations withdrawn here."""
    if visit.request.method != "POST":
        return _shown(visit, customer_id)
    made: list[Invited] = []

    def work(service: Service, act: Act) -> str:
        known_organization(service, customer_id)
        if visit.posted("do") == "withdraw":
            withdraw(service, visit.posted("invitation"), organization_id=customer_id, act=act)
        else:
            made.append(_invited(service, visit.posted("email"), customer_id=customer_id, act=act))
        return visit.request.path

    try:
        response = visit.once(work)
    except Refused as err:
        return _shown(visit, customer_id, refused=err.refusal)
    unsent = [told for each in made if (told := send_invitation(visit, each)) is not None]
    return unsent[0] if unsent else response


@page(Right.OFFICE)
def change(visit: Visit, customer_id: str) -> HttpResponse:
    """Its country, and the organization above it."""
    row = known_organization(visit.service, customer_id)
    values: dict[str, Any] = {"row": row, "typed": {"country": row.country or "", "parent": row.parent or ""}}
    if visit.request.method != "POST":
        return visit.page("office/organization-change.html", refused=None, **values)
    values["typed"] = {name: visit.posted(name) for name in ("country", "parent")}
    try:
        visit.write(lambda service, act: put_place(service, customer_id, **values["typed"], act=act))
    except Refused as err:
        return visit.page("office/organization-change.html", status=422, refused=err.refusal, **values)
    return HttpResponseRedirect(address("office-organization", customer_id=customer_id))


def _invited(service: Service, email: str, *, customer_id: str, act: Act) -> Invited:
    return invite(service, email, role=Role.ADMINISTRATOR, organization_id=customer_id, act=act)


def _shown(visit: Visit, customer_id: str, *, refused: Refusal | None = None) -> HttpResponse:
    ledger = visit.service.ledger
    row = known_organization(visit.service, customer_id)
    shared = [each.agreement for each in summary(visit.service, customer_id) if each.by_grant]
    return visit.page(
        "office/organization.html",
        status=422 if refused else 200,
        refused=refused,
        email=visit.posted("email"),
        row=row,
        parent=customers.organization(ledger, row.parent) if row.parent else None,
        affiliates=listing.affiliates(ledger, customer_id, limit=SHOWN),
        agreements=listing.agreements(ledger, customer_id, limit=SHOWN),
        shared=shared,
        programs=current_catalog(visit.service).catalog.programs,
        people=members.people_of(ledger, customer_id),
        waiting=members.open_invitations(ledger, customer_id, now=visit.now),
    )
