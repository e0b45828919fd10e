"""What the publisher settles about its service: name, address, the color of its pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused
from volact.service.ledger import settings
from volact.service.pages.look import HEADERS
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.settling import check_url, set_accent, set_name, set_url
from volact.web.colors import accent_of, is_color

_FIELDS = {"name": settings.PUBLISHER_NAME, "url": settings.URL, "accent": settings.ACCENT}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "text/css; charset=utf-8"}


@page(Right.OFFICE)
def settle(visit: Visit) -> HttpResponse:
    """Name, address and accent; what is refused changes none of them."""
    if visit.request.method != "POST":
        ledger = visit.service.ledger
        return _form(visit, {field: settings.text(ledger, name) or "" for field, name in _FIELDS.items()})
    typed = {field: visit.posted(field) for field in _FIELDS}

    def work(service: Service, act: Act) -> None:
        set_name(service, typed["name"], act=act)
        if typed["url"]:
            set_url(service, check_url(typed["url"]), act=act)
        set_accent(service, typed["accent"], act=act)

    try:
        visit.write(work)
    except Refused as err:
        return _form(visit, typed, refused=err.refusal)
    return HttpResponseRedirect(visit.request.path)


def accent(request: HttpRequest, color: str) -> HttpResponse:
    """The style sheet of an accent, which is all in its address; for everybody."""
    found = accent_of(f"#{color}") if is_color(f"#{color}") else None
    if found is None:
        raise Http404
    return HttpResponse(found.style, headers=HEADERS | _FOREVER)


def _form(visit: Visit, typed: dict[str, str], *, refused: Refusal | None = None) -> HttpResponse:
    return visit.page(
        "office/settings.html",
        status=422 if refused else 200,
        refused=refused,
        typed=typed,
        publisher_id=settings.publisher_id(visit.service.ledger),
    )
