"""API tokens of an organization, for its fleet tool: made and shown once, listed, revoked."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused
from volact.service.ledger import tokens as kept
from volact.service.ledger.rows import TokenRow
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.tokens import CUSTOMER_SCOPES, MadeToken, add_token, revoke_token

DAYS = (90, 365, 730)


@page(Right.MANAGE)
def tokens(visit: Visit) -> HttpResponse:
    """The organization's tokens, the newest first."""
    if visit.request.method == "POST":
        return _done(visit)
    return _page(visit)


def _page(visit: Visit, *, made: MadeToken | None = None, refusal: Refusal | None = None) -> HttpResponse:
    return visit.page(
        "portal/tokens.html",
        tokens=_own(visit)[::-1],
        scopes=CUSTOMER_SCOPES,
        days=DAYS,
        made=made,
        refusal=refusal,
        status=422 if refusal else 200,
    )


def _own(visit: Visit) -> list[TokenRow]:
    return [row for row in kept.tokens(visit.service.ledger) if row.organization_id == visit.organization_id]


def _done(visit: Visit) -> HttpResponse:
    if visit.posted("do") == "revoke":
        token_id = visit.posted("token")
        if all(row.token_id != token_id for row in _own(visit)):
            raise Refused(Refusal("unknown_token", f'no token has the id "{token_id}"', {"token_id": token_id}))
        visit.write(lambda service, act: revoke_token(service, token_id, act=act))
        return HttpResponseRedirect(visit.request.path)
    made: list[MadeToken] = []
    name, days = visit.posted("name"), visit.posted("days")
    scopes = visit.request.POST.getlist("scope")

    def work(service: Service, act: Act) -> str:
        until = int(days) if days.isdecimal() and len(days) < 6 else None
        made.append(add_token(service, name, scopes=scopes, organization_id=visit.organization_id, days=until, act=act))
        return visit.request.path

    try:
        response = visit.once(work)
    except Refused as err:
        return _page(visit, refusal=err.refusal)
    return _page(visit, made=made[0]) if made else response  # sent twice: it was shown before
