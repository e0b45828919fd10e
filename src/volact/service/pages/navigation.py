"""The bar over every page, and the tabs of the pages that share a place in it: where a member can go, by role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from volact.service.ledger import members
from volact.service.ledger.rows import MemberRow, MembershipRow
from volact.service.pages.visit import PUBLISHER, Visit, hall_of, owner_name
from volact.service.roles import Right, Role, may

_Places = list[tuple[str, list[tuple[Right, str, str]]]]  # a name, and its pages: right, view, tab


@dataclass(frozen=True, slots=True)
class Link:
    """One place in the bar."""

    name: str
    address: str
    is_here: bool = False


def bar(request: HttpRequest, visit: Visit | None, *, member: MemberRow | None) -> dict[str, Any]:
    """The places of the organization that a page is about, the tabs of its own, and the organizations of the member."""
    if member is None:
        return {"links": [], "tabs": [], "seats": []}
    service = hall_of(request).reader
    roles = visit.roles if visit else members.roles_of(service.ledger, member.member_id)
    seats = [Link(owner_name(service, role.organization_id), home(role)) for role in roles]
    return {**_places(request, visit), "seats": seats}


def home(seat: MembershipRow) -> str:
    """The page that a role begins on."""
    role = Role(seat.role)
    if seat.organization_id != PUBLISHER:
        return reverse("portal-home", kwargs={"organization_id": seat.organization_id})
    return reverse("office-home" if may(role, Right.OFFICE) else "center-home" if may(role, Right.CENTER) else "audit")


def _places(request: HttpRequest, visit: Visit | None) -> dict[str, list[Link]]:
    """A place leads to the first of its pages that the role may see; where there are several, they are its tabs."""
    if visit is None:
        return {"links": [], "tabs": []}
    parts = {"organization_id": visit.organization_id} if visit.organization_id != PUBLISHER else None
    offered = _customers() if parts else _publishers()
    found = [
        (place, tab, reverse(view, kwargs=parts))
        for place, pages in offered
        for right, view, tab in pages
        if visit.may(right)
    ]
    here = max((each for _, _, each in found if request.path.startswith(each)), key=len, default="")
    inside = next((place for place, _, each in found if each == here), "")
    first = {place: address for place, _, address in reversed(found)}
    tabs = [Link(tab, address, address == here) for place, tab, address in found if place == inside]
    links = [Link(place, first[place], place == inside) for place, _ in offered if place in first]
    return {"links": links, "tabs": tabs if len(tabs) > 1 else []}


def _publishers() -> _Places:
    return [
        (_("Cases"), [(Right.CENTER, "center-home", _("Cases"))]),
        (_("Find"), [(Right.CENTER, "center-find", _("Find"))]),
        (_("Today"), [(Right.CENTER, "center-today", _("Today"))]),
        (_("Organizations"), [(Right.OFFICE, "office-home", _("Organizations"))]),
        (_("Keys"), [(Right.OFFICE, "office-keys", _("Keys"))]),
        (_("Catalog"), [(Right.OFFICE, "office-catalog", _("Catalog"))]),
        (_("Service"), [(Right.OFFICE, "office-service", _("Service"))]),
        (_("Record"), [(Right.AUDIT, "audit", _("Record"))]),
        (_("People"), [(Right.MEMBERS, "office-members", _("People"))]),
    ]


def _customers() -> _Places:
    return [
        (_("Home"), [(Right.REPORTS, "portal-home", _("Home"))]),
        (_("Keys"), [(Right.REPORTS, "portal-keys", _("Keys"))]),
        (
            _("Activations"),
            [
                (Right.REPORTS, "portal-activations", _("Activations")),
                (Right.KEYS, "portal-telephone", _("By telephone")),
            ],
        ),
        (_("Hosts"), [(Right.REPORTS, "portal-hosts", _("Hosts"))]),
        (_("Agreements"), [(Right.REPORTS, "portal-agreements", _("Agreements"))]),
        (_("Downloads"), [(Right.REPORTS, "portal-downloads", _("Downloads"))]),
        (_("Reports"), [(Right.REPORTS, "portal-reports", _("Reports"))]),
        (_("Requests"), [(Right.MANAGE, "portal-requests", _("Requests"))]),
        (
            _("Access"),
            [
                (Right.MEMBERS, "portal-members", _("People")),
                (Right.MANAGE, "portal-tokens", _("API tokens")),
            ],
        ),
    ]
