"""Keys of all customers: found, shown without what is random of them, given another allowance, blocked."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused, say
from volact.licensing.catalog import KINDS, UNCOUNTED
from volact.service.ledger import audit, given, listing
from volact.service.ledger.listing import KeySearch
from volact.service.pages import deeds
from volact.service.pages.look import address
from volact.service.pages.office.typed import number
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.keys import known_key, put_allowance, put_block
from volact.service.usecases.names import misused
from volact.service.usecases.showing import pace_of

ROWS = 50
SHOWN = 20  # acts, hosts
STATES = ("active", "blocked", "revoked")


@page(Right.OFFICE)
def every(visit: Visit) -> HttpResponse:
    """Keys, the newest first; by Licensing ID, key id or first group, by kind and by state."""
    kind, state, after = visit.asked("kind"), visit.asked("state"), visit.asked("after")
    search = KeySearch(
        naming=visit.asked("q"), kind=kind if kind in KINDS else "", state=state if state in STATES else ""
    )
    place = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
    found = listing.keys_found(visit.service.ledger, search, after=place, limit=ROWS + 1)
    return visit.page(
        "office/keys.html",
        search=search,
        kinds=KINDS,
        states=STATES,
        rows=[row for _, row in found[:ROWS]],
        after=found[ROWS - 1][0] if len(found) > ROWS else None,
        catalog=current_catalog(visit.service).catalog,
    )


@page(Right.OFFICE)
def one(visit: Visit, keyid: str) -> HttpResponse:
    """What a key allows, what was used of it, and when that runs out; the form that changes it."""
    if visit.request.method != "POST":
        return _shown(visit, keyid)

    def work(service: Service, act: Act) -> str:
        allowed = number(visit.posted("activations"), say("a key's allowance"))
        put_allowance(service, keyid, activations=allowed, reason=visit.posted("reason"), act=act)
        return visit.request.path

    try:
        return visit.once(work)
    except Refused as err:
        return _shown(visit, keyid, refused=err.refusal)


@page(Right.OFFICE)
def block(visit: Visit, keyid: str) -> HttpResponse:
    """Blocks or revokes a key, over what that will affect."""
    row = known_key(visit.service, keyid)
    values: dict[str, Any] = {"how": visit.posted("how"), "reason": visit.posted("reason")}
    if visit.request.method == "POST":
        try:
            if values["how"] not in ("block", "revoke"):
                raise misused(say("choose whether the key is blocked or revoked"))
            revoked = values["how"] == "revoke"
            visit.write(
                lambda service, act: put_block(service, keyid, revoked=revoked, reason=values["reason"], act=act)
            )
            return HttpResponseRedirect(address("office-key", keyid=keyid))
        except Refused as err:
            values["refused"] = err.refusal
    return visit.page(
        "office/key-block.html",
        status=422 if "refused" in values else 200,
        row=row,
        hosts=[host for host in given.hosts_of(visit.service.ledger, keyid) if host.slot.live],
        **_around(visit, row.licensing_id),
        **{"refused": None, **values},
    )


def _shown(visit: Visit, keyid: str, *, refused: Refusal | None = None) -> HttpResponse:
    service = visit.service
    row = known_key(service, keyid)
    return visit.page(
        "office/key.html",
        status=422 if refused else 200,
        refused=refused,
        typed={name: visit.posted(name) for name in ("activations", "reason")},
        row=row,
        counts=row.kind not in UNCOUNTED,
        pace=None if row.kind in UNCOUNTED else pace_of(service, row),
        hosts=given.hosts_of(service.ledger, keyid)[:SHOWN] if row.kind == "host" else (),
        denied=given.refusals_of(service.ledger, keyid)[-SHOWN:],
        history=list(deeds.told(audit.acts_on(service.ledger, keyid, most=SHOWN))),
        **_around(visit, row.licensing_id),
    )


def _around(visit: Visit, licensing_id: str) -> dict[str, Any]:
    agreement = known_agreement(visit.service, licensing_id)
    return {
        "owner": known_organization(visit.service, agreement.organization_id),
        "catalog": current_catalog(visit.service).catalog,
    }
