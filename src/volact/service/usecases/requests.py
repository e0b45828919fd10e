"""What a customer asks the activation center for, from the portal: a case in the same queue as callers' (F44).

The customer sees how it stands, and may take it back while nobody has decided it.
"""

from __future__ import annotations

from dataclasses import dataclass

from volact.errors import Refusal, Refused, say
from volact.licensing.allowance import check_activations
from volact.licensing.keys import unknown_product
from volact.licensing.kinds import kind_word
from volact.service.ledger import cases, retirements, slots
from volact.service.ledger.cases import CaseRow
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import KeyRow
from volact.service.ports import Act, Service
from volact.service.usecases.cases import known_case, put_end, put_row, unknown_case
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import unknown_agreement
from volact.service.usecases.hosts import unknown_host
from volact.service.usecases.keys import known_key, unknown_key
from volact.service.usecases.names import check_note, misused
from volact.service.usecases.retiring import unknown_activation
from volact.service.usecases.showing import summary

CHANNEL = "portal"
KINDS = {"raise": "mak", "host": "host", "setup": None, "lost": None, "other": None}  # and of which kind the key is


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for, and why: `number` more activations of a key, a place for one more host, a product's setup key.

    `computer` is the activation or the host that was lost, or that gives its place up.
    """

    kind: str
    reason: str
    keyid: str = ""
    licensing_id: str = ""
    product: str = ""
    number: int | None = None
    computer: str = ""


def ask(service: Service, organization_id: str, *, wanted: Wanted, language: str, act: Act) -> CaseRow:
    """Opens a request of an organization; whatever it names is the organization's, or it does not exist.

    Raises Refused: `usage`, `key_unknown`, `key_wrong_kind`, `unknown_agreement`, `unknown_product`, `unknown_host`,
    `unknown_activation`, `too_many_requests`.
    """
    why = check_note(wanted.reason, say("a reason"))
    with writing(service.ledger):
        seen = {each.agreement.licensing_id for each in summary(service, organization_id)}
        key = _key(service, wanted, seen=seen)
        held = _held(service, wanted, key=key, seen=seen)
        key = key or held
        row = CaseRow(
            case_id="",
            at=act.now,
            channel=CHANNEL,
            language=language,
            digits="",
            number="",
            caller=organization_id,
            keyid=key.keyid if key else None,
            licensing_id=key.licensing_id if key else _agreement(wanted, seen),
            kind=wanted.kind,
            organization_id=organization_id,
            product=_product(service, wanted),
            wanted=_number(wanted),
            computer=wanted.computer or None,
            asked=why,
            asked_by=act.who,
        )
        return put_row(service, row, act=act)


def withdraw(service: Service, case_id: str, *, organization_id: str, act: Act) -> CaseRow:
    """Takes a request back that was not decided. Raises Refused: `unknown_case`, `case_closed`."""
    with writing(service.ledger):
        known_request(service, case_id, organization_id=organization_id)
        return put_end(service, case_id, outcome="withdrawn", reason="", act=act)


def known_request(service: Service, case_id: str, *, organization_id: str) -> CaseRow:
    """A request of the organization; raises Refused (`unknown_case`), also for a case that is another's."""
    row = known_case(service, case_id)
    if row.organization_id != organization_id or row.asked is None:
        raise Refused(unknown_case(case_id))
    return row


def requests_of(
    service: Service, organization_id: str, *, before: int | None = None, limit: int
) -> tuple[tuple[int, CaseRow], ...]:
    """What an organization has asked for, the newest first, each with its place; those before a place alone."""
    with reading(service.ledger):
        return cases.asked_by(service.ledger, organization_id, before=before, limit=limit)


def _key(service: Service, wanted: Wanted, *, seen: set[str]) -> KeyRow | None:
    if wanted.kind not in KINDS:
        raise misused(say("a request is one of: {kinds}", kinds=", ".join(KINDS)))
    kind = KINDS[wanted.kind]
    if not wanted.keyid:
        if kind:
            raise misused(say("the request names the key that it is about"))
        return None
    key = known_key(service, wanted.keyid)
    if key.licensing_id not in seen:
        raise Refused(unknown_key(wanted.keyid))
    if kind and key.kind != kind:
        detail = say(
            "that is a {kind} key; the request is about a key of kind {wanted}",
            kind=kind_word(key.kind),
            wanted=kind_word(kind),
        )
        raise Refused(Refusal("key_wrong_kind", detail, {"kind": key.kind}))
    return key


def _agreement(wanted: Wanted, seen: set[str]) -> str | None:
    if not wanted.licensing_id:
        if wanted.kind == "setup":
            raise misused(say("the request names the Licensing ID that the product is used under"))
        return None
    if wanted.licensing_id not in seen:
        raise Refused(unknown_agreement(wanted.licensing_id))
    return wanted.licensing_id


def _product(service: Service, wanted: Wanted) -> str | None:
    if not wanted.product and wanted.kind != "setup":
        return None
    if wanted.product not in current_catalog(service).catalog.products:
        raise Refused(unknown_product(wanted.product))
    return wanted.product


def _number(wanted: Wanted) -> int | None:
    if wanted.kind != "raise":
        return None
    refused = check_activations(wanted.number or 0)
    if refused or not wanted.number:
        raise Refused(refused) if refused else misused(say("at least 1 further activation is asked for"))
    return wanted.number


def _held(service: Service, wanted: Wanted, *, key: KeyRow | None, seen: set[str]) -> KeyRow | None:
    """The key of the activation or the host that is named, which the organization has; of a host, the key's own."""
    if not wanted.computer:
        return None
    place = slots.place(service.ledger, wanted.computer)
    held = place or (retirements.activation(service.ledger, wanted.computer) if wanted.kind == "lost" else None)
    found = known_key(service, held.keyid) if held else None
    if found is None or found.licensing_id not in seen or (key is not None and found.keyid != key.keyid):
        raise Refused((unknown_host if wanted.kind == "host" else unknown_activation)(wanted.computer))
    return found
