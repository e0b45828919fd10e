"""Showing product keys to whoever may see them: each time on record, key by key."""

from __future__ import annotations

from volact.errors import Refusal, Refused, say
from volact.licensing.issuing import check_shown
from volact.service.ledger import audit, showings
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import KeyRow
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement
from volact.service.usecases.keys import known_key, reveal

MOST_AN_HOUR = 60  # keys that the pages show to one member in one organization
_HOUR = 3_600


def reveal_key(service: Service, keyid: str, *, act: Act) -> str:
    """The key as it is typed, once it is on record that it was shown.

    Raises Refused: `key_unknown`, `key_not_shown` for a key that no face shows (F11, F40).
    """
    with writing(service.ledger):
        row = known_key(service, keyid)
        check_face(service, row)
        audit.write(service.ledger, act, what="revealed", subject=keyid)
    return reveal(service, row)


def check_face(service: Service, row: KeyRow) -> None:
    """Raises Refused (`key_not_shown`) for a key that no face shows; inside the caller's transaction."""
    program = known_agreement(service, row.licensing_id).program
    refused = check_shown(current_catalog(service).catalog, row.product, kind=row.kind, program=program)
    if refused:
        raise Refused(refused)


def count_shown(service: Service, member_id: str, *, organization_id: str, number: int, act: Act) -> None:
    """Counts keys that are about to be shown to a member, in the transaction that records it.

    Raises Refused (`too_many_requests`) where that would be more than `MOST_AN_HOUR` within an hour.
    """
    shown = showings.since(service.ledger, member_id, organization_id=organization_id, at=act.now - _HOUR)
    if shown + number > MOST_AN_HOUR:
        detail = say(
            "{most} keys an hour are shown to one person; {shown} were, and {wanted} more were asked for",
            most=MOST_AN_HOUR,
            shown=shown,
            wanted=number,
        )
        fields = {"retry_after": _HOUR, "shown": shown, "limit": MOST_AN_HOUR}
        raise Refused(Refusal("too_many_requests", detail, fields))
    showings.put(service.ledger, member_id, organization_id=organization_id, number=number, at=act.now, kept=_HOUR)
