"""What an organization sees of agreements and keys: its own, and those of its family that it was let use (F06, F10).

What is another's is answered like what does not exist: the same code, the same words.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from volact.errors import Refused
from volact.licensing.catalog import Catalog
from volact.licensing.issuing import check_shown
from volact.service.ledger.rows import AgreementRow, KeyRow
from volact.service.pages.visit import Visit
from volact.service.ports import Service
from volact.service.usecases.customers import known_agreement, unknown_agreement
from volact.service.usecases.keys import known_key, unknown_key
from volact.service.usecases.showing import Relationship, summary

Sight = dict[str, Relationship]  # by Licensing ID


def sight_of(service: Service, organization_id: str) -> Sight:
    """The Licensing IDs that an organization sees, its own first."""
    return {each.agreement.licensing_id: each for each in summary(service, organization_id)}


def seen_agreement(service: Service, licensing_id: str, *, organization_id: str) -> AgreementRow:
    """An agreement that the organization sees, with its licenses; raises Refused (`unknown_agreement`)."""
    if licensing_id not in sight_of(service, organization_id):
        raise Refused(unknown_agreement(licensing_id))
    return known_agreement(service, licensing_id)


def seen_key(service: Service, keyid: str, *, sight: Sight) -> KeyRow:
    """A key of an agreement in sight; raises Refused (`key_unknown`)."""
    row = known_key(service, keyid)
    if row.licensing_id not in sight:
        raise Refused(unknown_key(keyid))
    return row


def held_back(catalog: Catalog, row: KeyRow, *, program: str) -> str | None:
    """Who has a key that no face shows: `center` (F11) or `media` (F40); None of one that is shown."""
    refused = check_shown(catalog, row.product, kind=row.kind, program=program)
    if refused is None:
        return None
    known = catalog.products.get(row.product)
    return "media" if known is not None and known.key_on_media and row.kind == "setup" else "center"


def request_address(visit: Visit, **asked: object) -> str:
    """Where the center is asked for something, with what is known of it filled in."""
    try:
        place = reverse("portal-request", kwargs={"organization_id": visit.organization_id})
    except NoReverseMatch:
        place = f"{reverse('portal-home', kwargs={'organization_id': visit.organization_id})}requests/new/"
    return f"{place}?{urlencode(asked)}" if asked else place
