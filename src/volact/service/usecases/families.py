"""Parents and affiliates: whose keys an organization may use, by the act of who holds them (F10).

A recorded choice rules what is shown to whom. No activation asks for it: keys know no family.
"""

from __future__ import annotations

from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, customers
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import AgreementRow, OrganizationRow
from volact.service.ports import Act, Service
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.names import misused


def use_keys(service: Service, organization_id: str, *, licensing_id: str, act: Act) -> AgreementRow:
    """Lets an organization use the keys of a Licensing ID of its family; once more changes nothing.

    Raises Refused: `unknown_organization`, `unknown_agreement`, `usage` for the holder itself, `not_in_family`.
    """
    with writing(service.ledger):
        user, agreement = _asked(service, organization_id, licensing_id=licensing_id)
        if not in_family(service, user.organization_id, other=agreement.organization_id):
            raise Refused(_stranger(service, user, agreement=agreement))
        if customers.add_use(service.ledger, organization_id, licensing_id=licensing_id, at=act.now):
            _record(service, "keys may be used", user=user, agreement=agreement, act=act)
    return agreement


def stop_using(service: Service, organization_id: str, *, licensing_id: str, act: Act) -> AgreementRow:
    """Takes that back, whether or not the two are a family still; where it was not given, nothing changes.

    Raises Refused: `unknown_organization`, `unknown_agreement`, `usage` for the holder itself.
    """
    with writing(service.ledger):
        user, agreement = _asked(service, organization_id, licensing_id=licensing_id)
        if customers.end_use(service.ledger, organization_id, licensing_id=licensing_id):
            _record(service, "keys may not be used any more", user=user, agreement=agreement, act=act)
    return agreement


def in_family(service: Service, organization_id: str, *, other: str) -> bool:
    """Whether two organizations stand under one topmost parent, inside the caller's transaction."""
    return customers.topmost(service.ledger, organization_id) == customers.topmost(service.ledger, other)


def _asked(service: Service, organization_id: str, *, licensing_id: str) -> tuple[OrganizationRow, AgreementRow]:
    user, agreement = known_organization(service, organization_id), known_agreement(service, licensing_id)
    if agreement.organization_id == user.organization_id:
        detail = say("{name} holds {held} itself, and always uses its keys", name=user.name, held=licensing_id)
        raise misused(detail)
    return user, agreement


def _stranger(service: Service, user: OrganizationRow, *, agreement: AgreementRow) -> Refusal:
    owner = known_organization(service, agreement.organization_id)
    detail = say(
        "{user} and {owner}, which holds {licensing_id}, have no parent in common",
        user=user.name,
        owner=owner.name,
        licensing_id=agreement.licensing_id,
    )
    fields = {"organization_id": user.organization_id, "owner": owner.organization_id}
    return Refusal("not_in_family", detail, fields)


def _record(service: Service, what: str, *, user: OrganizationRow, agreement: AgreementRow, act: Act) -> None:
    detail = {"organization_id": user.organization_id}
    audit.write(service.ledger, act, what=what, subject=agreement.licensing_id, detail=detail)
