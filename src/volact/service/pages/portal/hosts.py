"""Activation hosts: which places are used, what is left of each, and when a certificate ends (F18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse

from volact.licensing import hosting
from volact.licensing.catalog import Catalog
from volact.service.ledger import given, keys
from volact.service.ledger.given import CertifiedHost
from volact.service.ledger.rows import KeyRow
from volact.service.pages.portal.keyrows import center_of
from volact.service.pages.portal.reach import licensing_ids
from volact.service.pages.portal.sight import request_address
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog

DAY = 86_400
KEYS = 20  # on one page
MOST_HOSTS = 1_000
SOON_DAYS = 60  # a certificate is renewed by itself from two thirds of its life on: what is left then was not


@dataclass(frozen=True, slots=True)
class HostLine:
    """A host: `kind` is `ok`, `warn` where its certificate ends soon, `bad` where it ended; `again` is how often it may
    still be activated anew."""

    row: CertifiedHost
    kind: str
    again: int


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host key with its hosts; `threshold` is how many computers have to ask before it serves its product group."""

    row: KeyRow
    name: str
    threshold: int | None
    hosts: list[HostLine]

    @property
    def is_full(self) -> bool:
        """Whether no further host has a place."""
        return self.row.remaining <= 0

    @property
    def is_well(self) -> bool:
        """Whether no host of it needs somebody."""
        return all(host.kind == "ok" for host in self.hosts)


@page(Right.REPORTS)
def hosts(visit: Visit) -> HttpResponse:
    """Host keys with their hosts, those first that need somebody."""
    ledger, catalog = visit.service.ledger, current_catalog(visit.service).catalog
    after = visit.asked("after")[:64]
    found = keys.host_keys(ledger, licensing_ids(visit), after=after, limit=KEYS + 1)
    lines = sorted(_host_keys(visit, found[:KEYS], catalog=catalog), key=lambda key: key.is_well)
    return visit.page(
        "portal/hosts.html",
        keys=lines,
        ending=[host for key in lines for host in key.hosts if host.kind != "ok"],
        first=visit.request.path if after else None,
        after=f"?after={found[KEYS - 1].keyid}" if len(found) > KEYS else None,
        center=center_of(visit.service, visit.organization_id),
        ask={key.row.keyid: request_address(visit, kind="host", keyid=key.row.keyid) for key in lines},
    )


def _host_keys(visit: Visit, rows: tuple[KeyRow, ...], *, catalog: Catalog) -> Iterator[HostKey]:
    found = given.hosts_under(visit.service.ledger, [row.keyid for row in rows], limit=MOST_HOSTS)
    for row in rows:
        group = catalog.product_groups[row.product_group]
        own = [_line(visit, each, catalog=catalog) for each in found if each.slot.keyid == row.keyid]
        yield HostKey(row, group.name, group.threshold, own)


def _line(visit: Visit, each: CertifiedHost, *, catalog: Catalog) -> HostLine:
    left = (each.expires or 0) - visit.now
    kind = "bad" if left <= 0 else "warn" if left < SOON_DAYS * DAY else "ok"
    again = hosting.reactivations_left(each.slot.reactivations, catalog.policy.host_reactivations)
    return HostLine(each, kind, again)
