"""The relationship: all Licensing IDs, what each gives, who else of the family may use its keys (F06, F08 to F10)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect

from volact.errors import Refused
from volact.licensing.agreements import day_of
from volact.licensing.catalog import Catalog, Program
from volact.service.ledger import customers, pages, watch
from volact.service.ledger.pages import KeyFilter
from volact.service.ledger.rows import AgreementRow, OrganizationRow
from volact.service.pages.portal.keyrows import center_of, key_lines
from volact.service.pages.portal.sight import Sight, seen_agreement, sight_of
from volact.service.pages.visit import Visit, owner_name, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_organization, unknown_agreement, unknown_organization
from volact.service.usecases.families import stop_using, use_keys

KEYS = 25
SOON_DAYS = 60
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One Licensing ID: who holds it, what was bought, how many keys it has, and how its days stand.

    `standing` is `open` before its first day, `ended` after its last, `ends` within `SOON_DAYS` of that, else `valid`.
    """

    row: AgreementRow
    program: str
    holder: str
    by_grant: bool
    licenses: list[tuple[str, int]]
    keys: int
    standing: str


@page(Right.REPORTS)
def agreements(visit: Visit) -> HttpResponse:
    """The relationship summary."""
    service, here = visit.service, visit.organization_id
    own = known_organization(service, here)
    return visit.page(
        "portal/agreements.html",
        lines=agreement_lines(service, sight_of(service, here), now=visit.now),
        own=own,
        parent=owner_name(service, own.parent) if own.parent else None,
        affiliates=[row for _, row in pages.organizations(service.ledger, after=None, limit=100, parent=here)],
    )


@page(Right.REPORTS)
def agreement(visit: Visit, licensing_id: str) -> HttpResponse:
    """One Licensing ID; a form on it lets another organization of the family use its keys, or not any more."""
    if visit.request.method == "POST":
        return _changed(visit, licensing_id)
    service, here = visit.service, visit.organization_id
    sight = sight_of(service, here)
    if licensing_id not in sight:
        raise Refused(unknown_agreement(licensing_id))
    (line,) = agreement_lines(service, {licensing_id: sight[licensing_id]}, now=visit.now)
    found = pages.keys(service.ledger, KeyFilter(licensing_id=licensing_id), after=None, limit=KEYS + 1)
    relatives = [] if line.by_grant else _relatives(service, here)
    users = customers.users_of(service.ledger, licensing_id)
    return visit.page(
        "portal/agreement.html",
        line=line,
        program=_program(current_catalog(service).catalog, line.row),
        lines=key_lines(service, (key for _, key in found[:KEYS]), sight=sight),
        more=len(found) > KEYS,
        center=center_of(service, here),
        users=[each for each in relatives if each.organization_id in users],
        others=[each for each in relatives if each.organization_id not in users],
    )


def agreement_lines(service: Service, sight: Sight, *, now: int) -> list[AgreementLine]:
    """What is told of the Licensing IDs in sight, by few statements however many there are."""
    ledger, catalog = service.ledger, current_catalog(service).catalog
    licenses, counts = customers.licenses_each(ledger, list(sight)), watch.keys_each(ledger, list(sight))
    names = customers.names(ledger, {each.agreement.organization_id for each in sight.values()})
    return [
        AgreementLine(
            each.agreement,
            program.name if (program := _program(catalog, each.agreement)) else each.agreement.program,
            names[each.agreement.organization_id],
            each.by_grant,
            [(_product(catalog, id), number) for id, number in licenses[licensing_id].items()],
            counts.get(licensing_id, 0),
            _standing(each.agreement, now=now),
        )
        for licensing_id, each in sight.items()
    ]


def _changed(visit: Visit, licensing_id: str) -> HttpResponse:
    what, user, here = visit.posted("do"), visit.posted("organization"), visit.organization_id
    visit.check(Right.MANAGE)

    def work(service: Service, act: Act) -> None:
        row = seen_agreement(service, licensing_id, organization_id=here)
        if row.organization_id != here:
            raise Refused(unknown_agreement(licensing_id))  # of somebody else's keys others decide
        if user not in {each.organization_id for each in _relatives(service, here)}:
            raise Refused(unknown_organization(user[:40]))
        if what == "grant":
            use_keys(service, user, licensing_id=licensing_id, act=act)
        elif what == "stop":
            stop_using(service, user, licensing_id=licensing_id, act=act)

    visit.write(work)
    return HttpResponseRedirect(visit.request.path)


def _relatives(service: Service, organization_id: str) -> list[OrganizationRow]:
    """The others under the same topmost parent."""
    family = customers.family(service.ledger, customers.topmost(service.ledger, organization_id))
    return [each for each in family if each.organization_id != organization_id]


def _program(catalog: Catalog, row: AgreementRow) -> Program | None:
    return catalog.programs.get(row.program)


def _product(catalog: Catalog, id: str) -> str:
    return catalog.products[id].name if id in catalog.products else id


def _standing(row: AgreementRow, *, now: int) -> str:
    today, soon = day_of(now), day_of(now + SOON_DAYS * _DAY)
    if row.valid_from is not None and today < row.valid_from:
        return "open"
    if row.valid_until is None or row.valid_until > soon:
        return "valid"
    return "ended" if row.valid_until < today else "ends"
