"""What an organization asks the activation center for: asked, looked at, taken back (F44)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from volact.errors import Refusal, Refused
from volact.service.ledger import given, pages
from volact.service.ledger.pages import KeyFilter
from volact.service.ledger.rows import KeyRow
from volact.service.pages import casewords
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_organization
from volact.service.usecases.requests import KINDS, Wanted, ask, requests_of, withdraw
from volact.service.usecases.showing import summary

SHOWN, OFFERED = 50, 200
_FIELDS = ("kind", "keyid", "licensing_id", "product", "number", "computer", "reason")


@page(Right.MANAGE)
def requests(visit: Visit) -> HttpResponse:
    """The newest first, with what became of each."""
    if visit.request.method == "POST":
        here, case_id = visit.organization_id, visit.posted("case")
        place = _list(here)

        def work(service: Service, act: Act) -> str:
            withdraw(service, case_id, organization_id=here, act=act)
            return place

        return visit.once(work)
    before = visit.asked("before")
    last = int(before) if before.isdecimal() and len(before) < 16 else None
    found = requests_of(visit.service, visit.organization_id, before=last, limit=SHOWN + 1)
    return visit.page(
        "portal/requests.html",
        rows=[(row, casewords.title(row), *casewords.standing(row.stands)) for _place, row in found[:SHOWN]],
        after=f"?before={found[SHOWN - 1][0]}" if len(found) > SHOWN else None,
        first=visit.request.path if last else None,
        center=_center(visit),
    )


@page(Right.MANAGE)
def new(visit: Visit) -> HttpResponse:
    """The form of one kind of request, filled in with what the address says."""
    if visit.request.method != "POST":
        return _form(visit, {name: visit.asked(name)[:200] for name in _FIELDS})
    typed = {name: " ".join(visit.posted(name).split()) for name in _FIELDS}
    number = typed["number"]
    wanted = Wanted(**{**typed, "number": int(number) if number.isdecimal() and len(number) < 16 else None})  # type: ignore[arg-type]
    language, place = translation.get_language() or "en", _list(visit.organization_id)

    def work(service: Service, act: Act) -> str:
        ask(service, visit.organization_id, wanted=wanted, language=language, act=act)
        return place

    try:
        return visit.once(work)
    except Refused as err:
        return _form(visit, typed, refusal=err.refusal)


def _form(visit: Visit, typed: dict[str, str], *, refusal: Refusal | None = None) -> HttpResponse:
    kind = typed["kind"] if typed["kind"] in KINDS else ""
    keys = _keys(visit, KINDS[kind]) if kind and KINDS[kind] else []
    catalog = current_catalog(visit.service).catalog
    chosen = typed["keyid"] or (keys[0].keyid if len(keys) == 1 else "")
    return visit.page(
        "portal/request-new.html",
        status=422 if refusal else 200,
        kind=kind,
        kinds=[(each, casewords.asked_for(each), _meant(each)) for each in KINDS],
        title=casewords.asked_for(kind) if kind else "",
        typed=typed | {"keyid": chosen},
        refusal=refusal,
        keys=keys,
        names={name: product.name for name, product in catalog.products.items()},
        hosts=_hosts(visit, keys, keyid=chosen) if kind == "host" else [],
        agreements=[each.agreement for each in summary(visit.service, visit.organization_id)],
        products=[each for each in catalog.products.values() if "setup" in each.kinds],
        center=_center(visit),
        list=_list(visit.organization_id),
    )


def _keys(visit: Visit, kind: str | None) -> list[KeyRow]:
    seen = tuple(each.agreement.licensing_id for each in summary(visit.service, visit.organization_id))
    found = pages.keys(visit.service.ledger, KeyFilter(kind=kind, seen=seen), after=None, limit=OFFERED)
    return [row for _place, row in found if row.state == "active"]


def _hosts(visit: Visit, keys: list[KeyRow], *, keyid: str) -> list[str]:
    """Which hosts could give their place up."""
    if keyid not in {row.keyid for row in keys}:
        return []
    return [each.slot.host_id for each in given.hosts_of(visit.service.ledger, keyid) if each.slot.live]


def _center(visit: Visit) -> Any:
    country = known_organization(visit.service, visit.organization_id).country
    return current_catalog(visit.service).catalog.center_for(country)


def _list(organization_id: str) -> str:
    return reverse("portal-requests", kwargs={"organization_id": organization_id})


def _meant(kind: str) -> str:
    return {
        "raise": _("A key is nearly used up, or a roll-out needs more than is left."),
        "host": _("A host key sets up so many hosts; one of them gives its place to another."),
        "setup": _("A product needs a setup key, which is not shown beside its download."),
        "lost": _("It was stolen, scrapped or broke: its activation comes back, or a host is revoked."),
        "other": _("Anything else that the record has to say."),
    }[kind]
