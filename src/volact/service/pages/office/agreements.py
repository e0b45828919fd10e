"""Agreements: made under a program, with what was bought; what follows from them, their keys, who uses these."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused
from volact.licensing.agreements import day_of, levels_of
from volact.licensing.catalog import Catalog
from volact.service.ledger import audit, customers, listing
from volact.service.ledger.rows import AgreementRow
from volact.service.pages import deeds
from volact.service.pages.look import address
from volact.service.pages.office.typed import licenses, pairs
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.allowances import every_allowance
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import (
    Change,
    Terms,
    known_agreement,
    known_organization,
    put_agreement,
    put_change,
)

FREE_LINES = 3  # for products that are not on the agreement yet
SHOWN = 10  # of its keys
_FIELDS = ("program", "level", "valid_from", "valid_until")


@page(Right.OFFICE)
def add(visit: Visit, customer_id: str) -> HttpResponse:
    """A new agreement of a customer, under a Licensing ID of its own."""
    owner = known_organization(visit.service, customer_id)
    typed = {name: visit.posted(name) for name in _FIELDS}
    if visit.request.method != "POST":
        return _form(visit, owner=owner, row=None, typed=typed, lines=[])

    def work(service: Service, act: Act) -> str:
        bought = licenses(visit)
        terms = Terms(licenses=bought, **{name: value or None for name, value in typed.items()})  # type: ignore[arg-type]
        return _at(put_agreement(service, customer_id, terms=terms, act=act))

    try:
        return visit.once(work)
    except Refused as err:
        return _form(visit, owner=owner, row=None, typed=typed, lines=pairs(visit), refused=err.refusal)


@page(Right.OFFICE)
def one(visit: Visit, licensing_id: str) -> HttpResponse:
    """An agreement with what follows from it: rights, allowances and their grounds, keys, who may use them."""
    row = known_agreement(visit.service, licensing_id)
    ledger = visit.service.ledger
    return visit.page(
        "office/agreement.html",
        row=row,
        owner=known_organization(visit.service, row.organization_id),
        catalog=current_catalog(visit.service).catalog,
        today=day_of(visit.now),
        exhausted=listing.count_exhausted(ledger, licensing_id),
        allowances=every_allowance(visit.service, row),
        keys=listing.newest_keys(ledger, licensing_id, limit=SHOWN),
        used_by=listing.used_by(ledger, licensing_id, top=customers.topmost(ledger, row.organization_id)),
        history=deeds.told(audit.acts_on(ledger, licensing_id, most=SHOWN)),
    )


@page(Right.OFFICE)
def change(visit: Visit, licensing_id: str) -> HttpResponse:
    """Level, last day, and what was bought: set, not added."""
    row = known_agreement(visit.service, licensing_id)
    owner = known_organization(visit.service, row.organization_id)
    typed = {name: getattr(row, name) or "" for name in _FIELDS}
    if visit.request.method != "POST":
        lines = [(product, str(number)) for product, number in row.licenses.items()]
        return _form(visit, owner=owner, row=row, typed=typed, lines=lines)
    typed |= {name: visit.posted(name) for name in ("level", "valid_until")}
    try:
        changed = Change(
            level=typed["level"] or None, valid_until=typed["valid_until"] or None, licenses=licenses(visit)
        )
        visit.write(lambda service, act: put_change(service, licensing_id, change=changed, act=act))
    except Refused as err:
        return _form(visit, owner=owner, row=row, typed=typed, lines=pairs(visit), refused=err.refusal)
    return HttpResponseRedirect(_at(licensing_id))


def _at(licensing_id: str) -> str:
    return address("office-agreement", licensing_id=licensing_id)


def _form(
    visit: Visit,
    *,
    owner: Any,
    row: AgreementRow | None,
    typed: dict[str, str],
    lines: list[tuple[str, str]],
    refused: Refusal | None = None,
) -> HttpResponse:
    catalog = current_catalog(visit.service).catalog
    return visit.page(
        "office/agreement-form.html",
        status=422 if refused else 200,
        owner=owner,
        row=row,
        typed=typed,
        lines=[*lines, *[("", "")] * FREE_LINES],
        refused=refused,
        catalog=catalog,
        levels=_levels(catalog, row),
    )


def _levels(catalog: Catalog, row: AgreementRow | None) -> list[str]:
    """The price levels that can be chosen: those of the agreement's program, else of every program that is sold."""
    sold = [each for each in catalog.programs.values() if not each.retired]
    programs = sold if row is None else [catalog.programs[row.program]]
    return list(dict.fromkeys(level for program in programs for level in levels_of(program)))
