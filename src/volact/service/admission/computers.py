"""Activations of computers: what a key that counts them gives to one device key (spec C-8).

One activation is (key, device key). It takes one from the key once; every further request of the same device key puts
one more payload on the same row and takes nothing. A trial ends so many days after its activation was first given.
"""

from __future__ import annotations

import msgspec

from volact.credential.claims import ACTIVATION_TYP, Activation, DeviceKey, encode
from volact.credential.request import ActivateRequest
from volact.errors import Refusal, Words, say
from volact.licensing.agreements import day_of
from volact.licensing.allowance import Verdict, admit, exhausted
from volact.licensing.catalog import ACTIVATING
from volact.licensing.keys import check_install
from volact.licensing.kinds import kind_word
from volact.service.admission.book import Ask, Book, Decision, Granted, Terms
from volact.service.ledger.rows import ActivationRow, AnswerRow, KeyRow

DAY = 86_400
ACTIVATED = "activated"  # what the audit says of an activation


def activate(book: Book, terms: Terms, *, ask: Ask, request: ActivateRequest) -> Decision:
    """Decides on an activation that is asked for with a request number that was not used before."""
    key = book.keys[request.keyid]
    refusal = _check_key(terms, key, product=request.product)
    if refusal:
        return book.refuse(key.keyid, refusal)
    live = book.activations.get((key.keyid, ask.jkt))
    if live and book.asked[live.activation_id] >= terms.catalog.policy.requests_per_day:
        return book.refuse(key.keyid, _too_many(terms.catalog.policy.requests_per_day))
    if live is None:
        taken = admit(key.allowance, book.used(key.keyid), asks=[ask.jkt], live=()).verdicts[0]
        if taken is Verdict.EXHAUSTED:
            center = terms.catalog.center_for(book.customers[key.keyid].country)
            return book.refuse(key.keyid, exhausted(key.allowance, center))
        live = _new(terms, ask, request=request)
        book.activate(live)
        asked = {"device": ask.jkt, "request": ask.digest, "rid": request.rid}
        detail = {"activation_id": live.activation_id, **asked}
        book.audit(ACTIVATED, key.keyid, at=live.at, detail=msgspec.json.encode(detail).decode())
    end = trial_end(terms, key, live=live)
    if end is not None and end <= terms.now:
        return book.refuse(key.keyid, ended(end))
    return _answer(book, terms, ask=ask, request=request, live=live)


def _check_key(terms: Terms, key: KeyRow, *, product: str) -> Refusal | None:
    if key.kind not in ACTIVATING:
        return Refusal("key_wrong_kind", _activates_none(key.kind), {"kind": key.kind, "product": product})
    channel = "retail" if key.kind == "retail" else "volume"  # a trial key suits any
    number = terms.catalog.product_groups[key.product_group].number
    refusal = check_install(terms.catalog, key.kind, number=number, product=product, channel=channel)
    if refusal:
        return refusal
    return blocked(key)


def _activates_none(kind: str) -> Words:
    word = kind_word(kind)
    if kind == "host":
        return say('a key of kind "{kind}" sets up activation hosts; no computer is activated by it here', kind=word)
    return say(
        'a key of kind "{kind}" is installed with its grant, without a network; no computer is activated by it here',
        kind=word,
    )


def blocked(key: KeyRow) -> Refusal | None:
    """Refuses a key that the publisher has blocked."""
    if key.state == "active":
        return None
    return Refusal("key_blocked", "the publisher has blocked this key; it gives nothing new", {"keyid": key.keyid})


def trial_end(terms: Terms, key: KeyRow, *, live: ActivationRow) -> int | None:
    """When an activation ends (seconds), counted from its first time: however often it is asked for, no later."""
    if key.kind != "trial":
        return None
    return live.at + terms.catalog.products[live.product].trial_days * DAY


def ended(end: int) -> Refusal:
    """The refusal of a trial whose days are over."""
    return Refusal("trial_ended", say("the trial ended on {day}", day=day_of(end)), {"ended": end})


def _too_many(most: int) -> Refusal:
    detail = say("this activation has been asked for {most} times within a day, each time as a new request", most=most)
    return Refusal("too_many_requests", detail, {"retry_after": DAY})


def _new(terms: Terms, ask: Ask, *, request: ActivateRequest) -> ActivationRow:
    return ActivationRow(
        activation_id=ask.fresh_id,
        keyid=request.keyid,
        jkt=ask.jkt,
        dev=request.dev,
        channel="online",
        product=request.product,
        live=1,
        at=terms.now,
    )


def _answer(book: Book, terms: Terms, *, ask: Ask, request: ActivateRequest, live: ActivationRow) -> Granted:
    key = book.keys[request.keyid]
    claims = Activation(
        iss=terms.publisher,
        jti=live.activation_id,
        iat=terms.now,
        keyid=key.keyid,
        kind=key.kind,
        group=key.product_group,
        product=request.product,
        dev=request.dev,
        mv=request.mv,
        cnf=DeviceKey(ask.jkt),
        rid=request.rid,
        organization=book.customers[key.keyid].organization,
        exp=trial_end(terms, key, live=live),
    )
    return book.answer(
        AnswerRow(
            jkt=ask.jkt,
            rid=request.rid,
            digest=ask.digest,
            typ=ACTIVATION_TYP,
            kid=terms.kid,
            payload=encode(claims),
            about=live.activation_id,
            at=terms.now,
        )
    )
