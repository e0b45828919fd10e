"""What an organization's pages can reach: its own agreements and those whose keys it was let use, and nothing else."""

from __future__ import annotations

from volact.errors import Refused
from volact.service.ledger import keys, retirements
from volact.service.ledger.rows import ActivationRow, KeyRow
from volact.service.pages.portal.sight import seen_key, sight_of
from volact.service.pages.visit import Visit
from volact.service.usecases.retiring import unknown_activation


def licensing_ids(visit: Visit) -> tuple[str, ...]:
    """The Licensing IDs of an organization, its own first."""
    return tuple(sight_of(visit.service, visit.organization_id))


def keys_of(visit: Visit) -> tuple[KeyRow, ...]:
    """All keys of those agreements."""
    return keys.keys_under(visit.service.ledger, licensing_ids(visit))


def key_of(visit: Visit, keyid: str) -> KeyRow:
    """One of those keys; raises Refused (`key_unknown`) for any other."""
    return seen_key(visit.service, keyid, organization_id=visit.organization_id)


def activation_of(visit: Visit, activation_id: str) -> ActivationRow:
    """An activation by one of those keys; raises Refused (`unknown_activation`) for any other."""
    row = retirements.activation(visit.service.ledger, activation_id)
    if row is None:
        raise Refused(unknown_activation(activation_id))
    try:
        key_of(visit, row.keyid)
    except Refused:
        raise Refused(unknown_activation(activation_id)) from None
    return row
