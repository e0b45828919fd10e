"""The signed revocation list: what ended early, one more version for each change."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from volact.credential import jws
from volact.credential.lists import Revocations, RevokedActivation, RevokedConfirmation, RevokedHost, RevokedKey
from volact.credential.root import Root
from volact.errors import StorageFull, say
from volact.service.ledger import documents, revoked, settings, telephony
from volact.service.ledger.rows import RevokedRow
from volact.service.ports import Service
from volact.service.signing import current_root, record_document

_LARGEST = jws.DOCUMENT_LIMIT * 3 // 4 - 1024  # what is left of 4 MiB for base64url, header and signature


def revoke(service: Service, rows: Sequence[RevokedRow]) -> int:
    """Adds lines and records the next version of the list, inside the caller's transaction; gives that version.

    Lines that are there already change nothing. After the commit `signing.sign_pending` signs the list.
    """
    added = [row for row in rows if revoked.add(service.ledger, row)]
    if not added:
        return documents.newest_version(service.ledger, "revocations")
    return record_list(service, current_root(service), at=settings.signing_time(service.ledger, service.clock))


def record_list(service: Service, root: Root, *, at: int, least: int = 0) -> int:
    """Records the next version of the list as it stands, at least `least`, inside the caller's transaction.

    Raises StorageFull for a list that its readers would refuse.
    """
    lines, pairs = revoked.lines(service.ledger), telephony.revoked_pairs(service.ledger)
    by_phone = telephony.revoked_hosts(service.ledger)
    hosts = [line for line in lines if line.kind == "host"]
    ended = [line for line in lines if line.kind == "activation"]
    version = max(documents.newest_version(service.ledger, "revocations") + 1, least)
    document = Revocations(
        iss=root.iss,
        version=version,
        iat=at,
        hosts=tuple(RevokedHost(line.id, line.jkt, line.at) for line in hosts if ":" not in line.jkt),  # a mark
        keys=tuple(RevokedKey(line.id, line.at) for line in lines if line.kind == "key"),
        activations=tuple(RevokedActivation(line.id, line.at) for line in ended if line.id not in pairs),
        telephone=(
            *(RevokedConfirmation(*pairs[line.id], line.at) for line in ended if line.id in pairs),
            *(
                RevokedConfirmation(*by_phone[named], line.at)
                for line in hosts
                if (named := (line.id, line.jkt)) in by_phone
            ),
        ),
    )
    if len(msgspec.json.encode(document)) > _LARGEST:
        raise StorageFull(say("the revocation list is as long as its readers take: 4 MiB"))
    record_document(service, document, root=root)
    documents.drop_replaced(service.ledger, "revocations")  # all of its lines are in this one
    return version
