"""Which key to use, as a short questionnaire (F31, F38): the same advice as on the command line, with its rules.

The address holds the questions, so that an answer can be sent on.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from volact.errors import Refusal
from volact.licensing.advice import Advice, Answer, Excluded, advise, read_question
from volact.licensing.advice.question import PREINSTALLED
from volact.licensing.catalog import Catalog
from volact.service.ledger.rows import AgreementRow
from volact.service.pages.portal.keyrows import center_of
from volact.service.pages.portal.sight import request_address, sight_of
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement

ASKED = (
    "product", "computers", "instead", "came", "channel", "where", "network", "agreement", "platform", "machine",
    "remaining", "reimage",
)  # fmt: skip
LONGEST = 100  # characters of an answer


@page(Right.REPORTS)
def advice(visit: Visit) -> HttpResponse:
    """The questions, and the answer once they are asked."""
    catalog = current_catalog(visit.service).catalog
    asked = {name: visit.asked(name)[:LONGEST] for name in ASKED}
    sight = sight_of(visit.service, visit.organization_id)
    chosen = known_agreement(visit.service, asked["agreement"]) if asked["agreement"] in sight else None
    found = _found(catalog, _question(asked, chosen)) if asked["product"] else None
    refused = found if isinstance(found, Refusal) else None
    told = found if isinstance(found, Advice) else None
    return visit.page(
        "portal/advice.html",
        status=422 if refused else 200,
        refused=refused,
        advice=told,
        answers=[_way(catalog, each) for each in told.answers] if told else [],
        excluded=[_way(catalog, each) for each in told.excluded] if told else [],
        asked=asked,
        catalog=catalog,
        agreements=[each.agreement for each in sight.values()],
        channels={"oem": _("OEM"), "retail": _("Retail")},
        center=center_of(visit.service, visit.organization_id),
        ask=request_address(visit, kind="raise"),
    )


def _found(catalog: Catalog, question: dict[str, Any]) -> Advice | Refusal:
    read = read_question(question, catalog)
    return read if isinstance(read, Refusal) else advise(catalog, read)


def _question(asked: dict[str, str], agreement: AgreementRow | None) -> dict[str, Any]:
    """The question that `read_question` reads; what was left open is left out of it."""
    question: dict[str, Any] = {
        "product": asked["product"],
        "computers": _number(asked["computers"]),
        "domain": asked["network"] == "domain",
        "connected": asked["network"] != "none",
        "virtual": asked["where"] == "virtual",
        "reimage": asked["reimage"] == "yes",
    }
    if asked["instead"]:
        question["downgrade_to"] = asked["instead"]
    if asked["came"]:
        channel = asked["channel"] if asked["channel"] in PREINSTALLED else "oem"
        question["preinstalled"] = {"channel": channel, "product": asked["came"]}
    if asked["platform"]:
        question["host"] = {"platform": asked["platform"], "virtual": asked["machine"] == "virtual"}
    if asked["remaining"]:
        question["mak"] = {"remaining": _number(asked["remaining"])}
    if agreement:
        question |= {"program": agreement.program, "licenses": dict(agreement.licenses)}
        question |= {"level": agreement.level} if agreement.level else {}
    return question


def _number(text: str) -> int | str:
    """The number that was typed, perhaps with blanks in it; what is none stays as it is, and is refused by its name."""
    digits = "".join(text.split())
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 18 else text


def _way(catalog: Catalog, each: Answer | Excluded) -> dict[str, Any]:
    """An answer or what is excluded, with the names that people know."""
    methods = {
        "host": _("Activation host"),
        "mak": _("Multiple activation key"),
        "directory": _("Directory"),
        "setup": _("Setup key"),
        "retail": _("Retail key"),
        "oem": _("The key that came with it"),
        "trial": _("Trial key"),
        "none": _("No key needed"),
    }
    takes = each if isinstance(each, Answer) else None
    method = _("Client access key") if each.key_kind == "cal" else methods.get(each.method, each.method)
    update = catalog.updates[takes.update].name if takes and takes.update else None
    group = catalog.product_groups[each.product_group].name
    return {"is": each, "takes": takes, "method": method, "group": group, "needs": update}
