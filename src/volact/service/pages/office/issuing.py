"""Keys issued under an agreement: counted once however often the form is sent, and shown nowhere here."""

from __future__ import annotations

from django.http import HttpResponse

from volact.errors import Refusal, Refused, say
from volact.licensing.agreements import entitled
from volact.licensing.catalog import KINDS
from volact.licensing.issuing import check_sold
from volact.service.pages.look import address
from volact.service.pages.office.typed import number
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.keys import Order, draw, put_drawn
from volact.service.usecases.names import misused

MOST_KEYS = 1_000  # at once; more are the command line's, since drawing them takes minutes
_FIELDS = ("product", "kind", "activations", "count")


@page(Right.OFFICE)
def issue(visit: Visit, licensing_id: str) -> HttpResponse:
    """Issues keys; what is drawn for it is drawn beside the writer, which answers others meanwhile."""
    typed = {name: visit.posted(name) for name in _FIELDS}
    if visit.request.method != "POST":
        return _form(visit, licensing_id, typed=typed | {"product": visit.asked("product"), "count": "1"})
    try:
        drawn = draw(visit.service, _order(licensing_id, typed), act=visit.act)

        def work(service: Service, act: Act) -> str:
            put_drawn(service, drawn, act=act)
            return address("office-agreement", licensing_id=licensing_id)

        return visit.once(work)
    except Refused as err:
        return _form(visit, licensing_id, typed=typed, refused=err.refusal)


def _order(licensing_id: str, typed: dict[str, str]) -> Order:
    count = number(typed["count"], say("how many keys"))
    if not 1 <= count <= MOST_KEYS:
        raise misused(
            say("from 1 to {most} keys are issued here at once; `volact service key issue` issues more", most=MOST_KEYS)
        )
    return Order(
        licensing_id=licensing_id,
        product=typed["product"],
        kind=typed["kind"],
        activations=number(typed["activations"], say("activations")) if typed["activations"] else None,
        count=count,
    )


def _form(visit: Visit, licensing_id: str, *, typed: dict[str, str], refused: Refusal | None = None) -> HttpResponse:
    row = known_agreement(visit.service, licensing_id)
    catalog = current_catalog(visit.service).catalog
    claimed = entitled(catalog, row.program, licenses=row.licenses)
    return visit.page(
        "office/key-issue.html",
        status=422 if refused else 200,
        refused=refused,
        typed=typed,
        row=row,
        owner=known_organization(visit.service, row.organization_id),
        products=[each for each in catalog.products.values() if each.id in claimed and check_sold(each) is None],
        kinds=KINDS,
        most=MOST_KEYS,
    )
