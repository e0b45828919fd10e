"""Activations and renewals of hosts: slots under a host key, and the certificates that follow one another (spec C-10).

A slot is a host id given once per (host key, `dev`). A new device key on the same `dev` is a re-activation and ends the
old one; a renewal names its predecessor, keeps device key and slot, and takes nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace

from volact.credential.claims import HOST_TYP, HostCertificate, HostKey, encode
from volact.credential.request import HostRequest
from volact.credential.telephone.installation import named_dev
from volact.errors import Refusal, say
from volact.licensing.hosting import (
    NewSlot,
    Reactivation,
    SameDevice,
    Slot,
    admit_host,
    check_renewal,
    host_revoked,
    may_host,
)
from volact.licensing.kinds import kind_word
from volact.service.admission.book import Ask, Book, Decision, Granted, Terms
from volact.service.admission.computers import DAY, blocked
from volact.service.ledger.rows import DEV_MARK, AnswerRow, CertificateRow, KeyRow, SlotRow


def host(book: Book, terms: Terms, *, ask: Ask, request: HostRequest) -> Decision:
    """Decides on a host's first activation, its re-activation, or its renewal, under a number not used before."""
    if request.predecessor is not None:
        return _renew(book, terms, ask=ask, request=request)
    assert request.keyid is not None  # the reader of requests promises keyid and proof, or a predecessor
    key = book.keys[request.keyid]
    refusal = _check_key(terms, key, request=request)
    if refusal:
        return book.refuse(key.keyid, refusal)
    slot = _admit(book, terms, ask=ask, request=request, key=key)
    if isinstance(slot, Refusal):
        return book.refuse(key.keyid, slot)
    return _certify(book, terms, ask=ask, request=request, slot=slot)


def _check_key(terms: Terms, key: KeyRow, *, request: HostRequest) -> Refusal | None:
    if key.kind != "host":
        word = kind_word(key.kind)
        detail = say('a key of kind "{kind}" sets up no activation host; a host key does', kind=word)
        return Refusal("key_wrong_kind", detail, {"kind": key.kind})
    return blocked(key) or may_host(
        terms.catalog,
        terms.catalog_version,
        platform=request.platform,
        virtual=request.virtual,
        group=key.product_group,
    )


def _admit(book: Book, terms: Terms, *, ask: Ask, request: HostRequest, key: KeyRow) -> SlotRow | Refusal:
    rows = book.slots_of(key.keyid)
    told = _by_telephone(rows, ask)
    if told is not None:
        return _check_ended(book, _slot(told)) or _take_over(book, terms, ask=ask, row=told)
    admitted = admit_host(
        [_slot(row) for row in rows],
        dev=request.dev,
        jkt=ask.jkt,
        limit=key.allowance,
        reactivations=terms.catalog.policy.host_reactivations,
        center=terms.catalog.center_for(book.customers[key.keyid].country),
    )
    match admitted:
        case NewSlot():
            row = SlotRow(ask.fresh_host, key.keyid, request.dev, ask.jkt, 0, terms.now)
            book.open_slot(row)
            book.audit("host activated", key.keyid, at=terms.now, detail=_detail(ask, host=row.host_id))
            return row
        case SameDevice(slot):
            return _check_ended(book, slot) or book.slots[slot.host]
        case Reactivation(slot):
            return _reactivate(book, terms, ask=ask, slot=slot)
        case Refusal():
            return admitted


def _by_telephone(rows: list[SlotRow], ask: Ask) -> SlotRow | None:
    """The slot that this device key was given by telephone, unless its hardware has one already."""
    if any(row.dev == ask.request.dev for row in rows):
        return None
    marked = f"{DEV_MARK}{named_dev(ask.jkt)}"
    return next((row for row in rows if row.jkt == marked), None)


def _take_over(book: Book, terms: Terms, *, ask: Ask, row: SlotRow) -> SlotRow:
    """The hardware and the device key of a host by telephone are known from now on; nothing is taken."""
    known = replace(row, dev=ask.request.dev, jkt=ask.jkt)
    book.settle_slot(known)
    book.audit("host activated", row.keyid, at=terms.now, detail=_detail(ask, host=row.host_id, before="telephone"))
    return known


def _reactivate(book: Book, terms: Terms, *, ask: Ask, slot: Slot) -> SlotRow | Refusal:
    if (slot.host, slot.jkt) in book.ended:
        ended = say("this copy's device key was ended when another copy of the host was activated again")
        return Refusal("clone_detected", ended, {"host": slot.host})
    row = replace(book.slots[slot.host], jkt=slot.jkt, reactivations=slot.reactivations)
    book.move_slot(row, terms.now)
    detail = _detail(ask, host=row.host_id, reactivations=row.reactivations)
    book.audit("host activated again", row.keyid, at=terms.now, detail=detail)
    return row


def _renew(book: Book, terms: Terms, *, ask: Ask, request: HostRequest) -> Decision:
    before = book.certificates.get(request.predecessor or "")
    if before is None or before.jkt != ask.jkt:
        return unknown_predecessor()
    slot = book.slots[before.host_id]
    key = book.keys[slot.keyid]
    refusal = (
        blocked(key)
        or check_slot(book, slot.host_id)
        or check_renewal(_slot(slot), jkt=ask.jkt, renewed=bool(before.replaced))
        or _check_ended(book, _slot(slot))
        or _check_dev(slot, request.dev)
    )
    if refusal:
        return book.refuse(key.keyid, refusal)
    return _certify(book, terms, ask=ask, request=request, slot=slot)


def check_slot(book: Book, host_id: str) -> Refusal | None:
    """Refuses a host whose slot the activation center has freed."""
    slot = book.slots.get(host_id)
    if slot is not None and slot.live:
        return None
    detail = say(
        "the activation center freed this host's slot; `volact host activate` takes another one, if one is left"
    )
    return Refusal("host_slot_freed", detail, {"host": host_id})


def _check_ended(book: Book, slot: Slot) -> Refusal | None:
    """Refuses the present device key of a slot where the publisher has revoked it."""
    return host_revoked(slot) if (slot.host, slot.jkt) in book.ended else None


def unknown_predecessor() -> Refusal:
    """The refusal of a renewal whose predecessor is unknown or another's: alike, so that nobody learns which exist."""
    return Refusal("key_unknown", "no certificate of that id was given to this host's device key")


def _check_dev(slot: SlotRow, dev: str) -> Refusal | None:
    if slot.dev == dev:
        return None
    detail = say(
        "the host runs on other hardware than it was activated on; `volact host activate` there activates it anew"
    )
    return Refusal("hardware_changed", detail, {"host": slot.host_id})


def _certify(book: Book, terms: Terms, *, ask: Ask, request: HostRequest, slot: SlotRow) -> Granted:
    key, policy = book.keys[slot.keyid], terms.catalog.policy
    claims = HostCertificate(
        iss=terms.publisher,
        jti=ask.fresh_id,
        iat=terms.now,
        exp=terms.now + policy.certificate_days * DAY,
        host=slot.host_id,
        cnf=HostKey(dict(ask.jwk)),
        dev=slot.dev,
        keyid=key.keyid,
        group=key.product_group,
        groups=terms.catalog.groups_of_host_key(key.product_group),
        organization=book.customers[key.keyid].organization,
        max_lease=policy.max_lease_days * DAY,
        predecessor=request.predecessor,
        rev_min=terms.revocations_version + bool(book.changes.revoked),
        rid=request.rid,
    )
    book.certify(_certificate_row(claims, ask.jkt))
    return book.answer(
        AnswerRow(
            jkt=ask.jkt,
            rid=request.rid,
            digest=ask.digest,
            typ=HOST_TYP,
            kid=terms.kid,
            payload=encode(claims),
            about=slot.host_id,
            at=terms.now,
        )
    )


def _certificate_row(claims: HostCertificate, jkt: str) -> CertificateRow:
    return CertificateRow(
        jti=claims.jti,
        host_id=claims.host,
        predecessor=claims.predecessor,
        replaced=0,
        jkt=jkt,
        iat=claims.iat,
        exp=claims.exp,
    )


def _slot(row: SlotRow) -> Slot:
    return Slot(row.host_id, row.dev, row.jkt, row.reactivations)


def _detail(ask: Ask, **said: object) -> str:
    """What the audit says of a host, with the device key that asked, the digest of its request and its number."""
    return json.dumps({**said, "device": ask.jkt, "request": ask.digest, "rid": ask.request.rid}, sort_keys=True)
