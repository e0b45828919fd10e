"""Which key to use, as a short questionnaire (F31, F38): the same advice as on the command line, with its rules."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from volact.errors import Refusal
from volact.licensing.advice import advise, read_question
from volact.licensing.catalog import Catalog
from volact.service.ledger import customers
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog

ASKED = ("product", "computers", "domain", "virtual", "connected", "agreement", "platform", "preinstalled", "reimage")


@page(Right.REPORTS)
def advice(visit: Visit) -> HttpResponse:
    """The questions, and the answer once they are asked; an address holds both, so that it can be sent on."""
    catalog = current_catalog(visit.service).catalog
    asked = {name: str(visit.request.GET.get(name, "")).strip()[:200] for name in ASKED}
    agreements = customers.agreements_of(visit.service.ledger, visit.organization_id)
    values: dict[str, Any] = {"asked": asked, "catalog": catalog, "agreements": agreements, "advice": None}
    if not asked["product"]:
        return visit.page("portal/advice.html", refusal=None, **values)
    read = read_question(_question(visit, asked), catalog)
    found = read if isinstance(read, Refusal) else advise(catalog, read)
    if isinstance(found, Refusal):
        return visit.page("portal/advice.html", refusal=found, status=422, **values)
    values |= {"advice": found, "ways": [_way(catalog, each) for each in (*found.answers, *found.excluded)]}
    return visit.page("portal/advice.html", refusal=None, **values)


def _question(visit: Visit, asked: dict[str, str]) -> dict[str, Any]:
    question: dict[str, Any] = {
        "product": asked["product"],
        "computers": int(asked["computers"]) if asked["computers"].isdecimal() else asked["computers"],
        "domain": asked["domain"] == "yes",
        "virtual": asked["virtual"] == "yes",
        "connected": asked["connected"] != "no",
        "reimage": asked["reimage"] == "yes",
    }
    for row in customers.agreements_of(visit.service.ledger, visit.organization_id):
        if row.licensing_id == asked["agreement"]:
            question |= {"program": row.program, "licenses": dict(row.licenses)}
            question |= {"level": row.level} if row.level else {}
    if asked["platform"]:
        question["host"] = {"platform": asked["platform"], "virtual": False}
    if asked["preinstalled"] == "yes":
        question["preinstalled"] = {"channel": "oem", "product": asked["product"]}
    return question


def _way(catalog: Catalog, each: Any) -> dict[str, Any]:
    """An answer or what is excluded, with the names that people know."""
    methods = {
        "host": _("Activation host"),
        "mak": _("Multiple activation key"),
        "directory": _("Directory"),
        "setup": _("Setup key"),
        "retail": _("Retail key"),
        "oem": _("The key that came with it"),
        "trial": _("Trial key"),
        "cal": _("Client access key"),
        "none": _("No key needed"),
    }
    group = catalog.product_groups.get(each.product_group)
    return {"is": each, "method": methods.get(each.method, each.method), "group": group.name if group else ""}
