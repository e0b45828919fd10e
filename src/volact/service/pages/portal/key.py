"""One product key: what is used of it and until when it lasts, what was done to it, and the key itself."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from volact.errors import Refusal, Refused
from volact.service.ledger import audit, given
from volact.service.ledger.rows import AuditRow
from volact.service.pages import words
from volact.service.pages.accounts.factor import take_showings, with_factor
from volact.service.pages.codes import qr_code
from volact.service.pages.look import moment, number
from volact.service.pages.portal.keyrows import center_of, key_lines
from volact.service.pages.portal.sight import request_address, seen_key, sight_of
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.allowances import Checked, rollout_check
from volact.service.usecases.revealing import reveal_key

DEEDS = 20


@page(Right.REPORTS)
def key(visit: Visit, keyid: str) -> HttpResponse:
    """What is on record of a key, and whether it is enough for so many computers."""
    values = _values(visit, keyid)
    checked, told, typed = None, None, visit.asked("computers")
    if typed:
        try:
            checked = _checked(visit.service, keyid, typed=typed)
        except Refused as err:
            told = err.refusal
    values |= {"checked": checked, "told": told, "typed": typed[:20]}
    return visit.page("portal/key.html", status=422 if told else 200, **values)


@page(Right.KEYS)
@with_factor
def reveal(visit: Visit, keyid: str) -> HttpResponse:
    """Shows the key, which is on record before it is shown; without a form it leads to the key's page."""
    if visit.request.method != "POST":
        here = {"organization_id": visit.organization_id, "keyid": keyid}
        return HttpResponseRedirect(reverse("portal-key", kwargs=here))

    def work(service: Service, act: Act) -> str:
        seen_key(service, keyid, sight=sight_of(service, visit.organization_id))
        take_showings(visit, service, number=1, act=act)
        return reveal_key(service, keyid, act=act)

    shown = visit.write(work)
    values = _values(visit, keyid) | {"key": shown, "code": qr_code(shown, title=words.key_code())}
    return visit.page("portal/key.html", **values)


def _values(visit: Visit, keyid: str) -> dict[str, Any]:
    service, ledger = visit.service, visit.service.ledger
    sight = sight_of(service, visit.organization_id)
    row = seen_key(service, keyid, sight=sight)
    (line,) = key_lines(service, [row], sight=sight)
    hosts = given.hosts_of(ledger, keyid) if row.kind == "host" else ()
    return {
        "line": line,
        "key": None,
        "checked": None,
        "told": None,
        "typed": "",
        "hosts": [host for host in hosts if host.slot.live],
        "deeds": [] if line.by_grant else [_deed(each) for each in audit.acts_on(ledger, keyid, most=DEEDS)],
        "center": center_of(service, visit.organization_id),
        "ask": request_address(visit, kind="raise", keyid=keyid),
    }


def _deed(row: AuditRow) -> dict[str, str | None]:
    """A line of the timeline; who called the center, and what proved it, is the center's to know."""
    detail = json.loads(row.detail)
    what = words.deed(row.act)
    if "from" in detail and "to" in detail:
        what = f"{what}: {number(detail['from'])} → {number(detail['to'])}"
    why = detail.get("why")
    who = words.called(row.who)
    return {"at": moment(row.at), "what": what, "why": f"{who} · {why}" if why else who}


def _checked(service: Service, keyid: str, *, typed: str) -> Checked:
    digits = "".join(typed.split())
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        raise Refused(Refusal("usage", "a number of computers is a whole number, such as 120"))
    return rollout_check(service, keyid, computers=int(digits))
