"""Showing product keys to whoever may see them: each time on record, key by key."""

from __future__ import annotations

from volact.errors import Refused
from volact.licensing.issuing import check_shown
from volact.service.ledger import audit
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import KeyRow
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement
from volact.service.usecases.keys import known_key, reveal


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
