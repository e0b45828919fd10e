"""What a record says after it was restored: versions that nobody has seen yet, and which entries it lost (spec S-9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from volact.credential.root import check_next, parse_root
from volact.errors import Untrusted
from volact.service.ledger import audit, documents, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import DocumentRow
from volact.service.ports import Act, Service
from volact.service.signing import current_root, sign_pending
from volact.service.usecases.catalogs import record_again
from volact.service.usecases.restores import RESTORED
from volact.service.usecases.revocations import record_list
from volact.service.usecases.verifying import believed

SKIPPED = 1_000  # versions, beside one for each entry that is known to be lost


@dataclass(frozen=True, slots=True)
class Backup:
    """What is restored: when it was made (seconds), how many entries it has, how many of them in its log."""

    at: int
    entries: int
    log_size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the record that was lost: its entries, newest time signed (seconds), newest versions.

    `entries` is None where nothing is known of them.
    """

    entries: int | None = None
    signed: int = 0
    catalog: int = 0
    revocations: int = 0


@dataclass(frozen=True, slots=True)
class Resumed:
    """The versions that the record goes on with, and how many entries it lost; None where nobody knows."""

    catalog: int
    revocations: int
    missing: int | None


def adopt_roots(service: Service, texts: Sequence[str]) -> None:
    """Puts root versions on record that were signed after the backup; `texts` are versions 1 to N.

    Raises Malformed, and Untrusted where they do not follow from those on record.
    """
    with writing(service.ledger):
        known = documents.root_texts(service.ledger)
        for before, text in zip(known, texts, strict=False):
            if parse_root(before.encode()).hash != parse_root(text.encode()).hash:
                raise Untrusted("a root version of the backup is another one there", code="root_untrusted")
        root = current_root(service)
        for text in texts[len(known) :]:
            signed = parse_root(text.encode())
            check_next(root, signed)
            root = signed.root
            payload = signed.tokens[0].payload
            documents.record(service.ledger, DocumentRow("root", root.version, payload, None, text, root.iat))


def seen(service: Service, texts: Sequence[str], *, known: Known) -> Known:
    """What checkpoints that others kept add to what is known; raises Untrusted for one of another publisher's."""
    with reading(service.ledger):
        root = current_root(service)
    size, signed = known.entries, known.signed
    for text in texts:
        said = believed(root, text)
        if said is None:
            raise Untrusted("the checkpoint that was kept is not signed by a key that the restored root lists")
        size, signed = max(size or 0, said.size), max(signed, said.iat)
    return Known(size, signed, known.catalog, known.revocations)


def resume(service: Service, backup: Backup, *, known: Known, act: Act) -> Resumed:
    """Records that this is a restored record, and catalog and list as they stand under versions that are new to all.

    Raises Refused (`signing_clock`) for a clock that is earlier than what was signed, also in what is known.
    """
    missing = None if known.entries is None else max(known.entries - backup.entries, 0)
    further = SKIPPED + (missing or 0)  # each version that was lost came with an entry
    with writing(service.ledger):
        root = current_root(service)
        settings.note_signed(service.ledger, known.signed)
        at = settings.signing_time(service.ledger, service.clock)
        catalog = _newest(service, "catalog", known=known.catalog) + further
        revocations = _newest(service, "revocations", known=known.revocations) + further
        resumed = Resumed(
            catalog=record_again(service, root, at=at, least=catalog),
            revocations=record_list(service, root, at=at, least=revocations),
            missing=missing,
        )
        detail = {
            "backup_at": backup.at,
            "backup_sha256": backup.sha256,
            "log_size": backup.log_size,
            "missing": missing,
            "catalog": resumed.catalog,
            "revocations": resumed.revocations,
        }
        audit.write(service.ledger, act, what=RESTORED, subject=root.iss, detail=detail)
    sign_pending(service)
    return resumed


def _newest(service: Service, kind: str, *, known: int) -> int:
    return max(documents.newest_version(service.ledger, kind), known)
