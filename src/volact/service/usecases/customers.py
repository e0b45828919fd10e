"""Organizations and their agreements, each under a Licensing ID of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from volact.errors import Refusal, Refused, say
from volact.licensing.agreements import check_program
from volact.licensing.catalog import Catalog
from volact.licensing.issuing import Holding, check_sold
from volact.licensing.keys import unknown_product
from volact.service.ledger import audit, customers
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import AgreementRow, OrganizationRow
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.names import check_country, check_day, check_name, draw_id, misused

_MOST_LICENSES = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an agreement is made on; days are ISO text, the first and the last one both count."""

    program: str
    level: str | None = None
    licenses: Mapping[str, int] = field(default_factory=dict)
    valid_from: str | None = None
    valid_until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changes in an agreement; None leaves it, licenses are set and not added."""

    level: str | None = None
    licenses: Mapping[str, int] = field(default_factory=dict)
    valid_until: str | None = None


def add_organization(service: Service, name: str, *, parent: str | None, country: str | None, act: Act) -> str:
    """Adds an organization, perhaps as an affiliate of another one; gives its id."""
    with writing(service.ledger):
        return put_organization(service, name, parent=parent, country=country, act=act)


def put_organization(service: Service, name: str, *, parent: str | None, country: str | None, act: Act) -> str:
    """The same inside the caller's transaction."""
    ledger = service.ledger
    above = known_organization(service, parent).organization_id if parent else None
    row = OrganizationRow(
        organization_id=draw_id(service.draw, "O", taken=lambda id: customers.organization(ledger, id) is not None),
        name=check_name(name, say("an organization's name")),
        parent=above,
        country=check_country(country) if country else None,
        at=act.now,
    )
    customers.add_organization(ledger, row)
    detail = {"name": row.name, "parent": row.parent, "country": row.country}
    audit.write(ledger, act, what="organization added", subject=row.organization_id, detail=detail)
    return row.organization_id


def set_organization(
    service: Service, organization_id: str, *, parent: str | None, country: str | None, act: Act
) -> OrganizationRow:
    """Changes parent and country; None leaves one of them, an empty text takes it off.

    Raises Refused (`organization_cycle`) for a parent that is the organization itself or below it.
    """
    with writing(service.ledger):
        return put_place(service, organization_id, parent=parent, country=country, act=act)


def put_place(
    service: Service, organization_id: str, *, parent: str | None, country: str | None, act: Act
) -> OrganizationRow:
    """The same inside the caller's transaction."""
    before = known_organization(service, organization_id)
    row = before
    if parent is not None:
        row = replace(row, parent=_parent(service, before, parent=parent) if parent else None)
    if country is not None:
        row = replace(row, country=check_country(country) if country else None)
    customers.set_organization(service.ledger, row)
    detail = {"parent": row.parent, "country": row.country}
    audit.write(service.ledger, act, what="organization changed", subject=row.organization_id, detail=detail)
    return row


def add_agreement(service: Service, organization_id: str, *, terms: Terms, act: Act) -> str:
    """Adds an agreement of an organization; gives its Licensing ID.

    Raises Refused: `unknown_organization`, `unknown_program`, `entry_retired` for a program or product that is no
    longer sold, `level_required`, `unknown_level`, `unknown_product`, `usage` for a number or days that cannot be.
    """
    with writing(service.ledger):
        return put_agreement(service, organization_id, terms=terms, act=act)


def put_agreement(
    service: Service, organization_id: str, *, terms: Terms, act: Act, licensing_id: str | None = None
) -> str:
    """The same inside the caller's transaction, perhaps under a Licensing ID that is not taken."""
    ledger = service.ledger
    owner = known_organization(service, organization_id)
    _check_terms(current_catalog(service).catalog, terms)
    row = AgreementRow(
        licensing_id=licensing_id
        or draw_id(service.draw, "L", taken=lambda id: customers.agreement(ledger, id) is not None),
        organization_id=owner.organization_id,
        program=terms.program,
        level=terms.level,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        at=act.now,
        licenses=dict(terms.licenses),
    )
    customers.add_agreement(ledger, row)
    audit.write(ledger, act, what="agreement added", subject=row.licensing_id, detail=_detail(row))
    return row.licensing_id


def set_agreement(service: Service, licensing_id: str, *, change: Change, act: Act) -> AgreementRow:
    """Changes price level, last day and numbers of licenses; gives the agreement as it is then.

    Raises Refused as `add_agreement` does; what the agreement had before is not asked for again.
    """
    with writing(service.ledger):
        return put_change(service, licensing_id, change=change, act=act)


def put_change(service: Service, licensing_id: str, *, change: Change, act: Act) -> AgreementRow:
    """The same inside the caller's transaction."""
    before = known_agreement(service, licensing_id)
    row = replace(
        before,
        level=before.level if change.level is None else change.level,
        valid_until=before.valid_until if change.valid_until is None else change.valid_until,
    )
    terms = Terms(
        program=row.program,
        level=row.level,
        licenses=change.licenses,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
    _check_terms(current_catalog(service).catalog, terms, before=before)
    customers.set_agreement(service.ledger, row)
    customers.put_licenses(service.ledger, licensing_id, numbers=change.licenses)
    after = known_agreement(service, licensing_id)
    audit.write(service.ledger, act, what="agreement changed", subject=licensing_id, detail=_detail(after))
    return after


def known_organization(service: Service, organization_id: str) -> OrganizationRow:
    """The organization of that id; raises Refused (`unknown_organization`)."""
    row = customers.organization(service.ledger, organization_id)
    if row is None:
        raise Refused(unknown_organization(organization_id))
    return row


def unknown_organization(organization_id: str) -> Refusal:
    """The refusal of an id that no organization has."""
    detail = say('no organization has the id "{organization_id}"', organization_id=organization_id)
    return Refusal("unknown_organization", detail, {"organization_id": organization_id})


def known_agreement(service: Service, licensing_id: str) -> AgreementRow:
    """The agreement of that Licensing ID; raises Refused (`unknown_agreement`)."""
    row = customers.agreement(service.ledger, licensing_id)
    if row is None:
        raise Refused(unknown_agreement(licensing_id))
    return row


def unknown_agreement(licensing_id: str) -> Refusal:
    """The refusal of a Licensing ID that no agreement has."""
    detail = say('no agreement has the Licensing ID "{licensing_id}"', licensing_id=licensing_id)
    return Refusal("unknown_agreement", detail, {"licensing_id": licensing_id})


def holding_of(agreement: AgreementRow) -> Holding:
    """What the agreement's keys follow from."""
    return Holding(
        program=agreement.program,
        licenses=agreement.licenses,
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
    )


def check_licenses(catalog: Catalog, product: str, *, number: int, had: int) -> None:
    """Refuses a number of licenses that cannot be, or that grows for a product that is no longer sold."""
    known = catalog.products.get(product)
    if known is None:
        raise Refused(unknown_product(product))
    if not 0 <= number <= _MOST_LICENSES:
        most = _MOST_LICENSES
        raise misused(say("{product}: a number of licenses is from 0 to {most}", product=product, most=most))
    retired = check_sold(known) if number > had else None
    if retired:
        raise Refused(retired)


def _parent(service: Service, row: OrganizationRow, *, parent: str) -> str:
    above = known_organization(service, parent)
    if row.organization_id in customers.ancestors(service.ledger, above.organization_id):
        detail = say("{parent} is {name} itself, or one of its affiliates", parent=above.name, name=row.name)
        raise Refused(Refusal("organization_cycle", detail, {"parent": parent}))
    return above.organization_id


def _check_terms(catalog: Catalog, terms: Terms, *, before: AgreementRow | None = None) -> None:
    """Refuses terms that cannot be; what an agreement had `before` is not asked for again."""
    refused = check_program(catalog, terms.program, level=terms.level, new=before is None)
    if refused:
        raise Refused(refused)
    had = before.licenses if before else {}
    for product, number in terms.licenses.items():
        check_licenses(catalog, product, number=number, had=had.get(product, 0))
    days = [check_day(day) for day in (terms.valid_from, terms.valid_until) if day is not None]
    if days != sorted(days):
        raise misused(say("the last day {last} lies before the first day {first}", last=days[1], first=days[0]))


def _detail(row: AgreementRow) -> dict[str, object]:
    return {
        "program": row.program,
        "level": row.level,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "licenses": row.licenses,
    }
