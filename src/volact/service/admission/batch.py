"""One batch, in the order of arrival, as if each request came alone (spec C-8).

The order for each: its number (a recorded answer is given again, whatever its age), its time, then the record.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from volact.credential.claims import ACTIVATION_TYP, Activation, HostCertificate, decode, encode
from volact.credential.request import ActivateRequest
from volact.errors import Refusal, say
from volact.service.admission.book import Ask, Book, Decision, Granted, Terms
from volact.service.admission.computers import activate, ended
from volact.service.admission.hosts import check_slot, host
from volact.service.admission.window import check_time
from volact.service.ledger.rows import AnswerRow


def decide(book: Book, terms: Terms, *, asks: Sequence[Ask]) -> tuple[Decision, ...]:
    """Decides on each request, and notes in the book's changes what it takes."""
    return tuple(_decide(book, terms, ask=ask) for ask in asks)


def replayed() -> Refusal:
    """The refusal of a request whose number answered another content before."""
    detail = say("this device key has used the request's number (rid) before, for a request with another content")
    return Refusal("replayed", detail)


def unknown_key() -> Refusal:
    """The refusal of an unknown key id and of a wrong proof alike, so that nobody learns which ids there are."""
    return Refusal("key_unknown", "no key of that id is known, or the proof of the key does not hold")


def _decide(book: Book, terms: Terms, *, ask: Ask) -> Decision:
    recorded = book.answers.get(ask.number)
    if recorded:
        if recorded.digest != ask.digest:
            return _refuse(book, ask, refusal=replayed())
        return _repeat(book, terms, row=recorded)
    if ask.request.keyid is not None and ask.request.keyid not in book.keys:
        return unknown_key()  # proved a moment ago: the record was restored meanwhile from a backup without the key
    late = check_time(ask.request, terms.now)
    if late:
        return _refuse(book, ask, refusal=late)
    if isinstance(ask.request, ActivateRequest):
        return activate(book, terms, ask=ask, request=ask.request)
    return host(book, terms, ask=ask, request=ask.request)


def _refuse(book: Book, ask: Ask, *, refusal: Refusal) -> Refusal:
    """On record only under a key that was proved: a renewal proves none."""
    return book.refuse(ask.request.keyid, refusal) if ask.request.keyid in book.keys else refusal


def _repeat(book: Book, terms: Terms, *, row: AnswerRow) -> Decision:
    if row.kid in terms.usable:
        return Granted(row.payload, row.typ, row.kid, repeated=True)
    payload = _afresh(book, row, terms=terms)
    if isinstance(payload, Refusal):
        return payload
    return book.answer_afresh(msgspec.structs.replace(row, payload=payload, kid=terms.kid))


def _afresh(book: Book, row: AnswerRow, *, terms: Terms) -> bytes | Refusal:
    """The same answer given now: its signing key is gone or compromised, so the old one is believed no more."""
    if row.typ == ACTIVATION_TYP:
        activation = decode(Activation, row.payload)
        if activation.exp is not None and activation.exp <= terms.now:
            return ended(activation.exp)
        return encode(msgspec.structs.replace(activation, iat=terms.now))
    said = decode(HostCertificate, row.payload)
    freed = check_slot(book, said.host)
    if freed:
        return freed
    return encode(msgspec.structs.replace(said, iat=terms.now, exp=terms.now + said.exp - said.iat))
