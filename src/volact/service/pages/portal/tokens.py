"""API tokens of an organization, for its fleet tool: made and shown once, listed, revoked."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from volact.errors import Refusal, Refused, say
from volact.service.ledger import tokens as kept
from volact.service.pages.accounts.factor import ask_factor, recent_factor
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.names import misused
from volact.service.usecases.tokens import CUSTOMER_SCOPES, MadeToken, add_token, revoke_token, unknown_token

DAYS = (90, 365, 730)
REVEAL = "keys:reveal"
READING = tuple(scope for scope in CUSTOMER_SCOPES if scope.endswith(":read"))


@page(Right.MANAGE)
def tokens(visit: Visit) -> HttpResponse:
    """The organization's tokens, the newest first."""
    if visit.request.method == "POST":
        return _done(visit)
    return _page(visit)


def _page(visit: Visit, *, made: MadeToken | None = None, refusal: Refusal | None = None) -> HttpResponse:
    return visit.page(
        "portal/tokens.html",
        tokens=kept.tokens_of(visit.service.ledger, visit.organization_id),
        scopes={scope: _said(scope) for scope in CUSTOMER_SCOPES},
        chosen=visit.request.POST.getlist("scope") if refusal else READING,
        name=visit.posted("name") if refusal else "",
        days=DAYS,
        made=made,
        refusal=refusal,
        status=422 if refusal else 200,
    )


def _said(scope: str) -> str:
    """What a scope lets a program do."""
    return {
        "activations:read": _("See activations"),
        "activations:write": _("Give activations back"),
        "agreements:read": _("See agreements"),
        "catalog:read": _("See the catalog"),
        "hosts:read": _("See activation hosts"),
        "keys:read": _("See keys, without what is secret of them"),
        "keys:reveal": _("Read keys in full"),
        "organizations:read": _("See the organization"),
    }.get(scope, scope)


def _done(visit: Visit) -> HttpResponse:
    if visit.posted("do") == "revoke":
        token_id = visit.posted("token")
        visit.write(lambda service, act: _revoke(service, token_id, organization_id=visit.organization_id, act=act))
        return HttpResponseRedirect(visit.request.path)
    made: list[MadeToken] = []
    name, days = visit.posted("name"), visit.posted("days")
    scopes = visit.request.POST.getlist("scope")
    if REVEAL in scopes and not recent_factor(visit):  # what it may see for years takes no less than one look does
        return ask_factor(visit)

    def work(service: Service, act: Act) -> str:
        until = _days(days) if days else None
        made.append(add_token(service, name, scopes=scopes, organization_id=visit.organization_id, days=until, act=act))
        return visit.request.path

    try:
        response = visit.once(work)
    except Refused as err:
        return _page(visit, refusal=err.refusal)
    return _page(visit, made=made[0]) if made else response  # sent twice: it was shown before


def _days(text: str) -> int:
    """A number of days; raises Refused (`usage`) for any other text, lest what is none be taken for no end."""
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise misused(say('"{text}" is not a number of days', text=text[:20]))
    return int(text)


def _revoke(service: Service, token_id: str, *, organization_id: str, act: Act) -> None:
    """Ends a token of the organization; another's is answered like one that nobody has."""
    if all(row.token_id != token_id for row in kept.tokens_of(service.ledger, organization_id)):
        raise Refused(unknown_token(token_id))
    revoke_token(service, token_id, act=act)
