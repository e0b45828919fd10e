"""Activations: searched, exported, and given back where the agreement allows it (F25)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect

from volact.errors import Refused
from volact.service.exchange.sheet import write_sheet
from volact.service.ledger import recent, retirements
from volact.service.ledger.recent import Sought
from volact.service.ledger.rows import ActivationRow, KeyRow
from volact.service.pages.look import iso
from volact.service.pages.portal.reach import activation_of, keys_of
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.names import check_note
from volact.service.usecases.retiring import retire

SHOWN = 50
EXPORTED = 100_000  # rows of one file
CHANNELS = ("online", "telephone")
COLUMNS = ("activation_id", "keyid", "licensing_id", "product", "computer", "method", "state", "at")


@page(Right.REPORTS)
def activations(visit: Visit) -> HttpResponse:
    """The newest first, by what is sought."""
    if visit.request.method == "POST":
        return _given_back(visit)
    sought = _sought(visit)
    found = _find(visit, sought, limit=SHOWN + 1)
    after = None
    if len(found) > SHOWN:
        last = found[SHOWN - 1]
        after = f"?{urlencode({**sought, 'after': f'{last.at}-{last.activation_id}'})}"
    catalog = current_catalog(visit.service).catalog
    return visit.page(
        "portal/activations.html",
        rows=[_told(visit, row) for row in found[:SHOWN]],
        sought=sought,
        asked=any(sought.values()),
        channels=CHANNELS,
        products={name: product.name for name, product in catalog.products.items()},
        after=after,
        first=visit.request.path if "after" in visit.request.GET else None,
        export=f"../activations.csv?{urlencode(sought)}",
    )


@page(Right.REPORTS)
def export(visit: Visit) -> HttpResponse:
    """The same as a sheet."""
    licensed = {key.keyid: key.licensing_id for key in keys_of(visit)}
    rows = _find(visit, _sought(visit), limit=EXPORTED)
    body = write_sheet(COLUMNS, (_cells(row, licensed[row.keyid]) for row in rows))
    headers = {"Content-Disposition": 'attachment; filename="activations.csv"'}
    return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=headers)


def _sought(visit: Visit) -> dict[str, str]:
    asked = visit.request.GET
    return {name: str(asked.get(name, "")).strip()[:100] for name in ("q", "product", "channel", "state")}


def _find(visit: Visit, sought: dict[str, str], *, limit: int) -> list[ActivationRow]:
    keys, wanted = keys_of(visit), sought["q"].upper()
    at, _, number = str(visit.request.GET.get("after", "")).partition("-")
    after = (int(at), number) if at.isdecimal() and len(at) < 16 else None
    chosen, dev = keys, None
    if wanted:
        chosen, dev = _matching(keys, wanted), None
        if not chosen:
            named = _named(visit, wanted)
            if named is not None:
                return [] if after else [named]
            chosen, dev = keys, wanted
    filters = Sought(
        dev=dev,
        product=sought["product"] or None,
        channel=sought["channel"] or None,
        live={"live": True, "returned": False}.get(sought["state"]),
    )
    return recent.activations(
        visit.service.ledger, [key.keyid for key in chosen], sought=filters, after=after, limit=limit
    )


def _matching(keys: tuple[KeyRow, ...], wanted: str) -> tuple[KeyRow, ...]:
    """Keys of that id, first group or Licensing ID."""
    return tuple(key for key in keys if wanted in (key.keyid, key.first_group, key.licensing_id.upper()))


def _named(visit: Visit, wanted: str) -> ActivationRow | None:
    try:
        return activation_of(visit, wanted)
    except Refused:
        return None


def _told(visit: Visit, row: ActivationRow) -> dict[str, Any]:
    returned = None if row.live else retirements.retirement(visit.service.ledger, row.activation_id)
    return {"row": row, "credited": returned.credit_at if returned else None}


def _cells(row: ActivationRow, licensing_id: str) -> tuple[str, ...]:
    state = "active" if row.live else "returned"
    return (row.activation_id, row.keyid, licensing_id, row.product, row.dev, row.channel, state, iso(row.at))


def _given_back(visit: Visit) -> HttpResponse:
    """Each that was chosen by itself; one that is refused stops no other."""
    visit.check(Right.MANAGE)
    chosen, reason = visit.request.POST.getlist("activation")[:SHOWN], check_note(visit.posted("reason"), "a reason")
    rows = []
    for activation_id in chosen:
        try:
            activation_of(visit, activation_id)
            done = visit.write(_retiring(activation_id, reason))
            rows.append({"id": activation_id, "credited": done, "refused": None})
        except Refused as err:
            rows.append({"id": activation_id, "credited": None, "refused": err.refusal})
    if not rows:
        return HttpResponseRedirect(visit.request.path)
    return visit.page("portal/given-back.html", rows=rows)


def _retiring(activation_id: str, reason: str) -> Any:
    def work(service: Service, act: Act) -> int:
        return retire(service, activation_id, reason=reason, act=act).retirement.credit_at

    return work
