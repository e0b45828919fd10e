"""What the activation center does for whoever calls it, each act with caller, proof and reason (F44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from volact.errors import Refusal, Refused, Words, in_turn, say
from volact.licensing.agreements import check_dates, day_of
from volact.licensing.allowance import check_activations, check_counted
from volact.service.ledger import audit, keys, settings, slots
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import KeyRow, RevokedRow, SlotRow
from volact.service.ports import Act, Call, Service
from volact.service.signing import sign_pending
from volact.service.usecases.customers import known_agreement
from volact.service.usecases.hosts import unknown_slot
from volact.service.usecases.keys import (
    Order,
    block,
    draw_keys,
    existing_key,
    known_key,
    planned,
    put_keys,
    reveal,
)
from volact.service.usecases.names import check_note
from volact.service.usecases.revocations import revoke

_SAID = {"caller": say("caller"), "proof": say("proof"), "reason": say("reason")}
_GIVEN = {"setup": "delivered by telephone"}


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key in the moment when it is read out, and what is on record of it; `issued` says that it is a new one."""

    key: str
    row: KeyRow
    issued: bool


def on_call(act: Act, call: Call) -> Act:
    """The act as the center records it; raises Refused (`proof_required`) where caller, proof or reason is missing."""
    said = {"caller": call.caller, "proof": call.proof, "reason": call.reason}
    missing = [name for name, text in said.items() if not text.strip()]
    if missing:
        detail = say("an act of the activation center is recorded with {missing} too", missing=listed(missing))
        raise Refused(Refusal("proof_required", detail, {"missing": missing}))
    noted = {name: check_note(text, say("the text given as {name}", name=_SAID[name])) for name, text in said.items()}
    return replace(act, call=Call(**noted))


def give_key(service: Service, order: Order, *, call: Call, act: Act) -> GivenKey:
    """Gives out the agreement's newest active key of that kind and product group, or a new one where it has none.

    Raises Refused: `proof_required`, and what issuing such a key would be refused for (F07, F11, F30).
    """
    act = on_call(act, call)
    with writing(service.ledger):
        plan = planned(service, order, act=act)
        row = existing_key(service, order.licensing_id, offer=plan.offer, product=order.product)
        issued = row is None
        if row is None:
            drawn = draw_keys(service, order, plan=plan, act=act)
            row = put_keys(service, order, plan=plan, drawn=drawn, act=act)[0].row
        given = GivenKey(reveal(service, row), row, issued)
        what = _GIVEN.get(row.kind, "given out by the activation center")
        audit.write(service.ledger, act, what=what, subject=row.keyid, detail={"product": order.product})
    return given


def raise_allowance(service: Service, keyid: str, *, activations: int, call: Call, act: Act) -> KeyRow:
    """Raises what a key allows, of a host key how many hosts; gives the key as it is then.

    The number that it has already changes nothing. Raises Refused: `proof_required`, `usage` for a lower number or a
    key that counts nothing, `agreement_not_started`, `agreement_ended`.
    """
    act = on_call(act, call)
    with writing(service.ledger):
        key = known_key(service, keyid)
        refused = check_counted(key.kind) or check_activations(activations) or _check_raise(key, activations)
        if not refused and activations > key.allowance:
            agreement = known_agreement(service, key.licensing_id)
            refused = check_dates(agreement.valid_from, agreement.valid_until, today=day_of(act.now))
        if refused:
            raise Refused(refused)
        if activations > key.allowance:
            keys.set_allowance(service.ledger, keyid, allowance=activations)
            detail = {"from": key.allowance, "to": activations}
            audit.write(service.ledger, act, what="allowance raised", subject=keyid, detail=detail)
        return known_key(service, keyid)


def free_slot(service: Service, keyid: str, *, host_id: str, call: Call, act: Act) -> KeyRow:
    """Gives a host's slot back to its key at once; the host's leases run out, and nothing of it is renewed.

    A slot that was freed before stays so. Raises Refused: `proof_required`, `key_unknown`, `unknown_host`,
    `signing_clock`.
    """
    act = on_call(act, call)
    with writing(service.ledger):
        known_key(service, keyid)
        slot = _known_slot(service, keyid, host_id=host_id)
        if slot.live:
            at = settings.signing_time(service.ledger, service.clock)
            slots.free(service.ledger, slot)
            revoke(service, [RevokedRow("host", slot.host_id, slot.jkt, at)])
            detail = {"host": slot.host_id}
            audit.write(service.ledger, act, what="host slot freed", subject=keyid, detail=detail)
        after = known_key(service, keyid)
    sign_pending(service)
    return after


def block_key(service: Service, keyid: str, *, revoked: bool, call: Call, act: Act) -> KeyRow:
    """Blocks a key that leaked; revoked, what it gave ends too. Raises Refused: `proof_required`, `key_unknown`."""
    return block(service, keyid, revoked=revoked, act=on_call(act, call))


def _check_raise(key: KeyRow, activations: int) -> Refusal | None:
    if activations >= key.allowance:
        return None
    detail = say(
        "the key allows {allowance} already; `volact service key set` lowers what a key allows", allowance=key.allowance
    )
    return Refusal("usage", detail, {"allowance": key.allowance})


def _known_slot(service: Service, keyid: str, *, host_id: str) -> SlotRow:
    slot = slots.slot(service.ledger, host_id, keyid=keyid)
    if slot is None:
        raise Refused(unknown_slot(keyid, host_id))
    return slot


def listed(missing: Sequence[str]) -> Words:
    """What is missing of caller, proof and reason, in a sentence."""
    said = [_SAID[name] for name in missing]
    return said[0] if len(said) == 1 else say("{names} and {last}", names=in_turn(", ", *said[:-1]), last=said[-1])
