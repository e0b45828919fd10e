"""The signed revocation list: what ended early, one more version for each change."""

from __future__ import annotations

from collections.abc import Sequence

from volact.credential.lists import Revocations, RevokedActivation, RevokedHost, RevokedKey
from volact.credential.root import Root
from volact.service.ledger import documents, revoked, settings
from volact.service.ledger.rows import RevokedRow
from volact.service.ports import Service
from volact.service.signing import current_root, record_document


def revoke(service: Service, rows: Sequence[RevokedRow]) -> int:
    """Adds lines and records the next version of the list, inside the caller's transaction; gives that version.

    Lines that are there already change nothing. After the commit `signing.sign_pending` signs the list.
    """
    added = [row for row in rows if revoked.add(service.ledger, row)]
    if not added:
        return documents.newest_version(service.ledger, "revocations")
    return record_list(service, current_root(service), at=settings.signing_time(service.ledger, service.clock))


def record_list(service: Service, root: Root, *, at: int) -> int:
    """Records the next version of the list as it stands, inside the caller's transaction; gives that version."""
    lines = revoked.lines(service.ledger)
    version = documents.newest_version(service.ledger, "revocations") + 1
    document = Revocations(
        iss=root.iss,
        version=version,
        iat=at,
        hosts=tuple(RevokedHost(line.id, line.jkt, line.at) for line in lines if line.kind == "host"),
        keys=tuple(RevokedKey(line.id, line.at) for line in lines if line.kind == "key"),
        activations=tuple(RevokedActivation(line.id, line.at) for line in lines if line.kind == "activation"),
    )
    record_document(service, document, root=root)
    return version
