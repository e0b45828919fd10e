"""Activations: searched, exported, and given back where the agreement allows it (F25)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from volact.errors import Refusal, Refused, say
from volact.service.exchange.sheet import write_row
from volact.service.ledger import keys, recent, retirements
from volact.service.ledger.connection import step
from volact.service.ledger.recent import Place, Sought
from volact.service.ledger.rows import ActivationRow
from volact.service.pages.look import iso
from volact.service.pages.portal.reach import licensing_ids, reached_activation
from volact.service.pages.portal.sight import sight_of
from volact.service.pages.visit import Visit, hall_of, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.names import check_note
from volact.service.usecases.retiring import retire

SHOWN = 50
PIECE = 2_000  # rows of a sheet that are read, and sent, at a time
CHANNELS = ("online", "telephone")
FILTERS = ("q", "product", "channel", "state")
LONGEST = 100  # characters that are sought
Told = dict[str, str | int | Refusal | None]
COLUMNS = ("activation_id", "keyid", "licensing_id", "product", "computer", "method", "state", "at")


@page(Right.REPORTS)
def activations(visit: Visit) -> HttpResponse:
    """The newest first, by what is sought; a form on it gives chosen ones back."""
    return _given_back(visit) if visit.request.method == "POST" else _shown(visit)


@page(Right.REPORTS)
def export(visit: Visit) -> HttpResponse:
    """All that is sought as a sheet, which is made while it is sent."""
    headers = {"Content-Disposition": 'attachment; filename="activations.csv"'}
    pieces = _pieces(visit.request, _sought(visit))
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


def _shown(visit: Visit, *, refused: Refusal | None = None) -> HttpResponse:
    after = _place(visit.asked("after"))
    found = recent.activations(visit.service.ledger, _sought(visit), after=after, limit=SHOWN + 1)
    asked = {name: visit.asked(name)[:LONGEST] for name in FILTERS}
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    catalog = current_catalog(visit.service).catalog
    return visit.page(
        "portal/activations.html",
        status=422 if refused else 200,
        refused=refused,
        rows=found[:SHOWN],
        held=_held(visit, found),
        credited=retirements.credit_times(visit.service.ledger, (row.activation_id for row in found if not row.live)),
        chosen=visit.request.POST.getlist("activation"),
        reason=visit.posted("reason"),
        sought=asked,
        asked=any(asked.values()),
        channels=CHANNELS,
        products={name: product.name for name, product in catalog.products.items()},
        policy=catalog.policy,
        after=f"?{urlencode({**asked, 'after': f'{last.at}-{last.activation_id}'})}" if last else None,
        first=f"?{urlencode(asked)}" if after else None,
        export=f"../activations.csv?{urlencode(asked)}",
    )


def _held(visit: Visit, rows: list[ActivationRow]) -> set[str]:
    """The keys among those of the rows that the organization holds, and was not only let use."""
    seen = sight_of(visit.service, visit.organization_id)
    of = keys.licensing_ids(visit.service.ledger, list({row.keyid for row in rows}))
    return {keyid for keyid, licensing_id in of.items() if not seen[licensing_id].by_grant}


def _sought(visit: Visit) -> Sought:
    """What is sought, by what the word in the field names: a key or a Licensing ID, an activation, else a computer."""
    word = visit.asked("q")[:LONGEST].upper()
    sought = Sought(
        seen=licensing_ids(visit),
        product=visit.asked("product") or None,
        channel=visit.asked("channel") or None,
        live={"live": True, "returned": False}.get(visit.asked("state")),
    )
    if not word:
        return sought
    by_key = replace(sought, key=word)
    if recent.has_key(visit.service.ledger, by_key):
        return by_key
    try:
        row = reached_activation(visit.service, word, seen=sought.seen)
    except Refused:
        return replace(sought, dev=word)
    return replace(sought, key=row.keyid, activation_id=row.activation_id)


def _place(text: str) -> Place | None:
    """Where a page of the list goes on; an address that was changed by hand is the first page's."""
    at, _, activation_id = text.partition("-")
    return (int(at), activation_id) if at.isascii() and at.isdecimal() and len(at) < 16 else None


def _pieces(request: HttpRequest, sought: Sought) -> Iterator[bytes]:
    """A sheet's lines, some at a time, each time by the connection of the thread that asks for them."""
    yield write_row(COLUMNS)
    place: recent.Arrival | None = recent.BEGINNING
    while place is not None:
        rows, place = recent.every(hall_of(request).reader.ledger, sought, after=place, limit=PIECE)
        yield b"".join(write_row(_cells(row, licensing_id)) for licensing_id, row in rows)


def _cells(row: ActivationRow, licensing_id: str) -> tuple[str, ...]:
    state = "active" if row.live else "returned"
    return (row.activation_id, row.keyid, licensing_id, row.product, row.dev, row.channel, state, iso(row.at))


def _given_back(visit: Visit) -> HttpResponse:
    """Each that was chosen by itself; one that is refused stops no other."""
    visit.check(Right.MANAGE)
    chosen, reason = visit.request.POST.getlist("activation")[:SHOWN], visit.posted("reason")
    try:
        check_note(reason, say("a reason"))
        if not chosen:
            raise Refused(Refusal("usage", "no activation was chosen"))
    except Refused as err:
        return _shown(visit, refused=err.refusal)
    here, seen = visit.organization_id, licensing_ids(visit)

    def work(service: Service, act: Act) -> list[Told]:
        return [_retired(service, each, act=act, here=here, seen=seen, reason=reason) for each in chosen]

    rows = visit.write(work)
    return visit.page("portal/given-back.html", rows=rows)


def _retired(service: Service, activation_id: str, *, act: Act, here: str, seen: tuple[str, ...], reason: str) -> Told:
    told: Told = {"id": activation_id, "credited": None, "refused": None}
    try:
        with step(service.ledger):
            reached_activation(service, activation_id, seen=seen)
            done = retire(service, activation_id, reason=reason, act=act, organization_id=here)
            told["credited"] = done.retirement.credit_at
    except Refused as err:
        told["refused"] = err.refusal
    return told
