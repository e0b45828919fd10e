"""What a key gave to computers, and giving activations back to it."""

from __future__ import annotations

from django.http import HttpResponse

from volact.errors import Refusal, Refused
from volact.service.ledger import pages
from volact.service.ledger.pages import GivenFilter
from volact.service.ledger.retirements import activation
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.keys import known_key
from volact.service.usecases.retiring import retire, unknown_activation

ROWS = 50


@page(Right.OFFICE)
def of_key(visit: Visit, keyid: str) -> HttpResponse:
    """The activations of a key, the oldest first, with the form that retires one."""
    if visit.request.method != "POST":
        return _shown(visit, keyid)
    activation_id = visit.posted("activation")

    def work(service: Service, act: Act) -> str:
        row = activation(service.ledger, activation_id)
        if row is None or row.keyid != keyid:
            raise Refused(unknown_activation(activation_id))
        retire(service, activation_id, reason=visit.posted("reason"), act=act)
        return visit.here()

    try:
        return visit.once(work)
    except Refused as err:
        return _shown(visit, keyid, refused=err.refusal)


def _shown(visit: Visit, keyid: str, *, refused: Refusal | None = None) -> HttpResponse:
    row = known_key(visit.service, keyid)
    dev = visit.asked("dev")
    found = pages.activations(
        visit.service.ledger,
        GivenFilter(keyid=keyid, dev=dev or None, live=True),
        after=_place(visit.asked("after"), keyid),
        limit=ROWS + 1,
    )
    last = found[ROWS - 1] if len(found) > ROWS else None
    catalog = current_catalog(visit.service).catalog
    return visit.page(
        "office/key-activations.html",
        status=422 if refused else 200,
        refused=refused,
        asked_for=visit.posted("activation"),
        reason=visit.posted("reason"),
        row=row,
        dev=dev,
        rows=[each for _, each in found[:ROWS]],
        after=f"{last[1].at}.{last[0]}" if last else None,
        policy=catalog.policy,
        catalog=catalog,
    )


def _place(text: str, keyid: str) -> tuple[str, int, int] | None:
    """Where a page of activations goes on; an address that was changed by hand is the first page's."""
    at, _, rowid = text.partition(".")
    digits = all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (at, rowid))
    return (keyid, int(at), int(rowid)) if digits else None
