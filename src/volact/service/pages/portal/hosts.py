"""Activation hosts: which places are used, what is left of each, and when a certificate ends (F08 to F10)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from volact.licensing import hosting
from volact.service.ledger import given
from volact.service.ledger.given import GivenHost
from volact.service.pages.portal.reach import keys_of
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog

DAY = 86_400
SOON_DAYS = 60  # a certificate is renewed by itself from two thirds of its life on: what is left then was not


@page(Right.REPORTS)
def hosts(visit: Visit) -> HttpResponse:
    """Host keys with their hosts, those first that need somebody."""
    catalog = current_catalog(visit.service).catalog
    rows: list[dict[str, Any]] = []
    for key in (each for each in keys_of(visit) if each.kind == "host"):
        group = catalog.product_groups[key.product_group]
        found = [_host(visit, each, again=catalog.policy.host_reactivations) for each in _live(visit, key.keyid)]
        rows.append({"key": key, "name": group.name, "hosts": found, "threshold": group.threshold})
    ending = [host for row in rows for host in row["hosts"] if host["kind"] != "ok"]
    return visit.page("portal/hosts.html", rows=rows, ending=ending)


def _live(visit: Visit, keyid: str) -> list[GivenHost]:
    return [each for each in given.hosts_of(visit.service.ledger, keyid) if each.slot.live]


def _host(visit: Visit, each: GivenHost, *, again: int) -> dict[str, Any]:
    ends = each.certificate_expires or 0
    left = (ends - visit.now) // DAY
    kind = "bad" if ends <= visit.now else "warn" if left < SOON_DAYS else "ok"
    again_left = hosting.reactivations_left(each.slot.reactivations, again)
    return {"slot": each.slot, "ends": ends, "left": left, "kind": kind, "again": again_left}
