"""Tokens of the management API that are the publisher's: made and shown once, listed, ended."""

from __future__ import annotations

from django.http import HttpResponse

from volact.errors import Refusal, Refused, say
from volact.service.pages.look import address
from volact.service.pages.office.typed import number
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.names import misused
from volact.service.usecases.tokens import SCOPES, MadeToken, add_token, every_token, revoke_token

SHOWN = 200
HELD_BACK = ("center:act", "keys:reveal")  # they give keys out, which a page does by a second factor alone
OFFERED = tuple(scope for scope in SCOPES if scope not in HELD_BACK)


@page(Right.OFFICE)
def tokens(visit: Visit) -> HttpResponse:
    """Tokens, the newest first; made by a form that counts once, and shown in the answer to it alone."""
    if visit.request.method != "POST":
        return _shown(visit)
    made: list[MadeToken] = []

    def work(service: Service, act: Act) -> str:
        if visit.posted("do") == "revoke":
            revoke_token(service, visit.posted("token"), act=act)
        else:
            made.append(_made(visit, service, act=act))
        return visit.request.path

    try:
        response = visit.once(work)
    except Refused as err:
        return _shown(visit, refused=err.refusal)
    if not made:
        return response
    return visit.page(
        "office/secret.html", secret=made[0].text, of=made[0].row.name, what="token", back=address("office-tokens")
    )


def _made(visit: Visit, service: Service, *, act: Act) -> MadeToken:
    scopes = visit.request.POST.getlist("scope")
    held = sorted(set(scopes) & set(HELD_BACK))
    if held:
        raise misused(
            say("{scope} is given by `volact service token add` alone, since it gives keys out", scope=held[0])
        )
    days = number(visit.posted("days"), say("days")) if visit.posted("days") else None
    return add_token(service, visit.posted("name"), scopes=scopes, organization_id=None, days=days, act=act)


def _shown(visit: Visit, *, refused: Refusal | None = None) -> HttpResponse:
    return visit.page(
        "office/tokens.html",
        status=422 if refused else 200,
        refused=refused,
        typed={name: visit.posted(name) for name in ("name", "days")},
        chosen=visit.request.POST.getlist("scope"),
        rows=every_token(visit.service)[::-1][:SHOWN],
        scopes=OFFERED,
        held_back=HELD_BACK,
    )
