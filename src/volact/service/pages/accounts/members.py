"""The people of an organization, or of the publisher: invited, given another role, let go."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused
from volact.service.ledger import members
from volact.service.pages.accounts import letters
from volact.service.pages.visit import PUBLISHER, Visit, asked_of, page
from volact.service.ports import Act, Service
from volact.service.roles import CUSTOMERS, PUBLISHERS, Right, Role, may_give
from volact.service.usecases.members import Invited, change_role, invite, withdraw


@page(Right.MEMBERS)
def people(visit: Visit) -> HttpResponse:
    """Who has which role, who is invited, and the form that invites."""
    if visit.request.method == "POST":
        return _done(visit)
    ledger, here = visit.service.ledger, visit.organization_id
    return visit.page(
        "accounts/people.html",
        people=members.people_of(ledger, here),
        waiting=members.open_invitations(ledger, here, now=visit.now),
        offered=[role for role in _offered(visit) if may_give(visit.role, role)],
    )


def _done(visit: Visit) -> HttpResponse:
    here, what = visit.organization_id, visit.posted("do")
    if what == "invite":
        return _invited(visit)
    if what == "withdraw":
        number = visit.posted("invitation")
        visit.write(lambda service, act: withdraw(service, number, organization_id=here, act=act))
    elif what == "role":
        role, member_id = visit.posted("role"), visit.posted("member")
        wanted = _role(visit, role) if role else None
        visit.write(lambda service, act: change_role(service, member_id, organization_id=here, role=wanted, act=act))
    return HttpResponseRedirect(visit.request.path)


def _invited(visit: Visit) -> HttpResponse:
    role, email = _role(visit, visit.posted("role")), visit.posted("email")
    made: list[Invited] = []

    def work(service: Service, act: Act) -> str:
        made.append(invite(service, email, role=role, organization_id=visit.organization_id, act=act))
        return visit.request.path

    response = visit.once(work)
    for each in made:
        unsent = send_invitation(visit, each)
        if unsent is not None:
            return unsent
    return response


def send_invitation(visit: Visit, made: Invited) -> HttpResponse | None:
    """Sends the link of an invitation that was made just now; a page with the link where that could not be done."""
    link, letter = letters.invitation(visit, made)
    if letter.send():
        return None
    asked_of(visit.request).code = "mail_unsent"
    return visit.page("accounts/invited.html", invited=made.row, link=link)


def _offered(visit: Visit) -> tuple[Role, ...]:
    return PUBLISHERS if visit.organization_id == PUBLISHER else CUSTOMERS


def _role(visit: Visit, text: str) -> Role:
    if text not in _offered(visit) or not may_give(visit.role, Role(text)):
        raise Refused(Refusal("role_missing", "nobody gives a role that has more rights than their own"))
    return Role(text)
