"""The bar over every page: where a member can go, by role."""

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


@dataclass(frozen=True, slots=True)
class Link:
    """One place in the bar."""

    name: str
    address: str
    is_here: bool = False


def bar(request: HttpRequest, visit: Visit | None, *, member: MemberRow | None) -> dict[str, Any]:
    """The places of the organization that a page is about, and the organizations of the member."""
    if member is None:
        return {"links": [], "seats": []}
    service = hall_of(request).reader
    roles = visit.roles if visit else members.roles_of(service.ledger, member.member_id)
    seats = [Link(owner_name(service, role.organization_id), home(role)) for role in roles]
    return {"links": _links(request, visit) if visit else [], "seats": seats}


def home(seat: MembershipRow) -> str:
    """The page that a role begins on."""
    role = Role(seat.role)
    if seat.organization_id != PUBLISHER:
        return reverse("portal-home", kwargs={"organization_id": seat.organization_id})
    return reverse("office-home" if may(role, Right.OFFICE) else "center-home" if may(role, Right.CENTER) else "audit")


def _links(request: HttpRequest, visit: Visit) -> list[Link]:
    if visit.organization_id == PUBLISHER:
        offered = [
            (Right.CENTER, "center-home", _("Cases")),
            (Right.CENTER, "center-find", _("Find")),
            (Right.CENTER, "center-today", _("Today")),
            (Right.OFFICE, "office-home", _("Organizations")),
            (Right.OFFICE, "office-keys", _("Keys")),
            (Right.OFFICE, "office-catalog", _("Catalog")),
            (Right.OFFICE, "office-service", _("Service")),
            (Right.AUDIT, "audit", _("Record")),
            (Right.MEMBERS, "office-members", _("People")),
        ]
        parts: dict[str, str] = {}
    else:
        offered = [
            (Right.REPORTS, "portal-home", _("Home")),
            (Right.REPORTS, "portal-keys", _("Keys")),
            (Right.REPORTS, "portal-activations", _("Activations")),
            (Right.REPORTS, "portal-hosts", _("Hosts")),
            (Right.REPORTS, "portal-agreements", _("Agreements")),
            (Right.REPORTS, "portal-downloads", _("Downloads")),
            (Right.KEYS, "portal-telephone", _("Telephone")),
            (Right.REPORTS, "portal-reports", _("Reports")),
            (Right.MANAGE, "portal-requests", _("Requests")),
            (Right.MANAGE, "portal-tokens", _("Tokens")),
            (Right.MEMBERS, "portal-members", _("People")),
        ]
        parts = {"organization_id": visit.organization_id}
    found = [(name, reverse(view, kwargs=parts or None)) for right, view, name in offered if visit.may(right)]
    here = max((each for _, each in found if request.path.startswith(each)), key=len, default="")
    return [Link(name, each, each == here) for name, each in found]
