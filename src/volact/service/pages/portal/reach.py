"""What an organization's pages of use can reach: what was given under its own agreements, and those it was let use.

What is another's is answered like what does not exist: the same code, the same words.
"""

from __future__ import annotations

from volact.errors import Refused
from volact.service.ledger import retirements
from volact.service.ledger.rows import ActivationRow
from volact.service.pages.portal.sight import sight_of
from volact.service.pages.visit import Visit
from volact.service.ports import Service
from volact.service.usecases.keys import known_key
from volact.service.usecases.retiring import unknown_activation


def licensing_ids(visit: Visit) -> tuple[str, ...]:
    """The Licensing IDs of an organization, its own first."""
    return tuple(sight_of(visit.service, visit.organization_id))


def reached_activation(service: Service, activation_id: str, *, seen: tuple[str, ...]) -> ActivationRow:
    """An activation by a key under one of those Licensing IDs; raises Refused (`unknown_activation`) for any other."""
    row = retirements.activation(service.ledger, activation_id)
    if row is None or known_key(service, row.keyid).licensing_id not in seen:
        raise Refused(unknown_activation(activation_id))
    return row
