"""What the publisher does to one activation host."""

from __future__ import annotations

from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, revoked, settings, slots
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import RevokedRow, SlotRow
from volact.service.ports import Act, Service
from volact.service.signing import sign_pending
from volact.service.usecases.names import check_note
from volact.service.usecases.revocations import revoke


def revoke_host(service: Service, host_id: str, *, reason: str, act: Act) -> SlotRow:
    """Revokes a host's present device key: leases from now on are refused by clients that have the next list.

    It keeps its place under its key; activated again there, it takes one re-activation. What was revoked before
    stays so, and nothing is recorded. Raises Refused: `unknown_host`, `signing_clock`.
    """
    why = check_note(reason, say("a reason"))
    with writing(service.ledger):
        slot = known_host(service, host_id)
        if not revoked.has(service.ledger, "host", id=slot.host_id, jkt=slot.jkt):
            at = settings.signing_time(service.ledger, service.clock)
            revoke(service, [RevokedRow("host", slot.host_id, slot.jkt, at)])
            detail = {"host": slot.host_id, "why": why}
            audit.write(service.ledger, act, what="host revoked", subject=slot.keyid, detail=detail)
    sign_pending(service)
    return slot


def known_host(service: Service, host_id: str) -> SlotRow:
    """The place of that host, freed or not; raises Refused (`unknown_host`)."""
    slot = slots.place(service.ledger, host_id)
    if slot is None:
        raise Refused(unknown_host(host_id))
    return slot


def unknown_host(host_id: str) -> Refusal:
    """The refusal of an id that no host has."""
    return Refusal("unknown_host", say('no host has the id "{host_id}"', host_id=host_id), {"host_id": host_id})


def unknown_slot(keyid: str, host_id: str) -> Refusal:
    """The refusal of an id that no host of a key has."""
    detail = say('no host of the key {keyid} has the id "{host_id}"', keyid=keyid, host_id=host_id)
    return Refusal("unknown_host", detail, {"keyid": keyid, "host_id": host_id})
