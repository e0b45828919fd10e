"""Signing what is on record: which key of the root signs now, and the documents whose signed text is still to come."""

from __future__ import annotations

import msgspec

from volact.credential import jws, lists
from volact.credential.checkpoint import CHECKPOINT_TYP
from volact.credential.keys import Signer
from volact.credential.lists import CatalogDocument, Revocations
from volact.credential.root import Role, Root, parse_root
from volact.errors import Damaged, VolactError, say
from volact.service.ledger import documents, log
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import DocumentRow
from volact.service.ports import Service

_TYPS = {"catalog": lists.CATALOG_TYP, "revocations": lists.REVOCATIONS_TYP}


def current_root(service: Service) -> Root:
    """The newest root version; raises Damaged where there is none."""
    row = documents.newest(service.ledger, "root")
    if row is None or row.text is None:
        raise Damaged(say("the service's record holds no root"))
    return parse_root(row.text.encode()).root


def kid_in_force(root: Root, role: Role, *, at: int) -> str:
    """The thumbprint of the role's active key that is in force at a time, the newest first.

    Raises `not_ready` where none is: whatever it signed would not be believed.
    """
    for key in root.active(role):
        if key.nbf <= at <= key.exp:
            return key.public.kid
    detail = say("no {role} key is in force: `volact service root rotate` makes a new one", role=role)
    raise VolactError(detail, code="not_ready")


def signer_of(service: Service, kid: str) -> Signer:
    """The vault's key of that thumbprint; raises Damaged where the vault has lost it."""
    signer = service.vault.signer(kid)
    if signer is None:
        raise Damaged(say("the vault holds no signing key {kid}", kid=kid))
    return signer


def record_document(service: Service, document: CatalogDocument | Revocations, *, root: Root) -> None:
    """Puts on record, in the caller's transaction, what will be signed; `sign_pending` signs it after the commit.

    `document.iat` is a time of `settings.signing_time` of the same transaction.
    """
    role: Role = "catalog" if isinstance(document, CatalogDocument) else "revocations"
    kid = kid_in_force(root, role, at=document.iat)
    signer_of(service, kid)  # a lost key is found before anything is on record
    payload = msgspec.json.encode(document)
    row = DocumentRow(kind=role, version=document.version, payload=payload, kid=kid, text=None, at=document.iat)
    documents.record(service.ledger, row)


def sign_pending(service: Service) -> None:
    """Signs what is on record without its text, documents and checkpoints; after a crash as it would have been.

    Inside of a transaction nothing is on record yet: whoever began it signs after its end.
    """
    if service.ledger.in_transaction:
        return
    with reading(service.ledger):
        pending, checkpoints = documents.unsigned(service.ledger), log.unsigned(service.ledger)
    for row in pending:
        signer = signer_of(service, row.kid or "")
        text = jws.sign_compact(row.payload, typ=_TYPS[row.kind], signer=signer)
        with writing(service.ledger):
            documents.put_text(service.ledger, row, text=text)
    for checkpoint in checkpoints:
        key = service.vault.signer(checkpoint.kid)
        if key is None:  # of a vault that was restored without it: the next checkpoint says the same, and more
            continue
        text = jws.sign_compact(checkpoint.payload, typ=CHECKPOINT_TYP, signer=key)
        with writing(service.ledger):
            log.put_text(service.ledger, checkpoint, text=text)
