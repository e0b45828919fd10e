"""A case as whoever takes it over works on it: who calls, what about, and acts that are told of it (F44)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile

from volact.credential.telephone.installation import FORMS, read_installation_id
from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, cases, retirements, slots
from volact.service.ledger.cases import CaseRow
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import AgreementRow
from volact.service.ports import Act, Call, Service
from volact.service.usecases.cases import known_case, proved_key, put_row, take_case, told_of
from volact.service.usecases.center import listed, on_call
from volact.service.usecases.customers import known_agreement
from volact.service.usecases.hosts import revoke_host
from volact.service.usecases.keys import known_key, unknown_key
from volact.service.usecases.names import check_note
from volact.service.usecases.retiring import retire
from volact.service.usecases.telephonehosts import Wish
from volact.service.usecases.telephoning import ANY, Promised, put_confirmation

DESK, CHANNEL = "desk", "center"


def open_desk(service: Service, *, licensing_id: str = "", keyid: str = "", digits: str = "", act: Act) -> CaseRow:
    """Opens a case for somebody who calls the desk, about an agreement or a key of it, and takes it over.

    `digits` are those of an installation ID that was read out, in whole groups.

    Raises Refused: `unknown_agreement`, `key_unknown`, `too_many_requests`.
    """
    with writing(service.ledger):
        about = _about(service, licensing_id=licensing_id, keyid=keyid)
        row = CaseRow(
            case_id="",
            at=act.now,
            channel=DESK,
            language="",
            digits=digits,
            number="",
            caller=act.who,
            keyid=keyid or None,
            licensing_id=about.licensing_id if about else None,
            kind=DESK,
            organization_id=about.organization_id if about else None,
        )
        return take_case(service, put_row(service, row, act=act).case_id, act=act)


def note_caller(service: Service, case_id: str, *, person: str, proof: str, act: Act) -> CaseRow:
    """Puts on record who calls about a case, and what was shown as proof of purchase.

    Raises Refused: `proof_required`, `usage`, and what taking the case raises.
    """
    missing = [name for name, text in (("caller", person), ("proof", proof)) if not text.strip()]
    if missing:
        detail = say("before anything is done, the record has {missing}", missing=listed(missing))
        raise Refused(Refusal("proof_required", detail, {"missing": missing}))
    person, proof = check_note(person, say("the caller's name")), check_note(proof, say("the proof"))
    with writing(service.ledger):
        row = take_case(service, case_id, act=act)
        with told_of(service, case_id):
            cases.change(service.ledger, replace(row, person=person, proof=proof))
            noted = {"caller": person, "proof": proof}
            audit.write(service.ledger, act, what="caller noted", subject=case_id, detail=noted)
        return known_case(service, case_id)


def put_about(service: Service, case_id: str, *, licensing_id: str = "", keyid: str = "", act: Act) -> CaseRow:
    """Says which agreement, or which key of it, a case is about. Raises Refused as `open_desk`, and as taking it."""
    with writing(service.ledger):
        row = take_case(service, case_id, act=act)
        about = _about(service, licensing_id=licensing_id, keyid=keyid)
        if about is None:
            raise Refused(unknown_key(keyid))
        whose = row.organization_id if row.asked else about.organization_id
        changed = replace(row, licensing_id=about.licensing_id, keyid=keyid or None, organization_id=whose)
        cases.change(service.ledger, changed)
        return changed


def put_digits(service: Service, case_id: str, *, groups: Sequence[str], act: Act) -> CaseRow:
    """Keeps the groups of an installation ID that a caller read out, up to the first that is wrong.

    The key of an ID that holds whole is what the case is about from then on. Raises Refused as taking the case does.
    """
    said = read_installation_id(" ".join(groups))
    digits = _fitting(groups) if isinstance(said, Refusal) else said.qr
    with writing(service.ledger):
        row = take_case(service, case_id, act=act)
        row = replace(row, digits=digits, confirmation=row.confirmation if digits == row.digits else None)
        key = proved_key(service, digits)
        if key is not None:
            about = known_agreement(service, key.licensing_id)
            whose = row.organization_id if row.asked else about.organization_id
            row = replace(row, keyid=key.keyid, licensing_id=key.licensing_id, organization_id=whose)
        cases.change(service.ledger, row)
    return row


@contextmanager
def working(service: Service, case_id: str, *, reason: str, act: Act) -> Iterator[Call]:
    """What is done inside is on record with the case's caller and proof and this reason, and is told of the case.

    Raises Refused: `proof_required` where caller, proof or reason is missing, and what taking the case raises.
    """
    with writing(service.ledger):
        row = take_case(service, case_id, act=act)
        call = Call(row.person or "", row.proof or "", reason)
        on_call(act, call)
        with told_of(service, case_id):
            yield call


def put_confirmed(service: Service, case_id: str, *, reason: str, act: Act, wish: Wish = ANY) -> Promised | Refusal:
    """Confirms the installation ID of a case, in the caller's transaction; signed and kept after it.

    A refusal that is given back has left something on record. Raises Refused as `put_confirmation` and `working`.
    """
    with working(service, case_id, reason=reason, act=act) as call:
        row = known_case(service, case_id)
        return put_confirmation(service, row.digits, act=on_call(act, call), channel=CHANNEL, wish=wish)


def keep_confirmation(service: Service, case_id: str, *, digits: str) -> CaseRow:
    """Keeps what was made for the caller, so that it is read out again from any page."""
    with writing(service.ledger):
        row = replace(known_case(service, case_id), confirmation=digits)
        cases.change(service.ledger, row)
    return row


def end_computer(service: Service, computer: str, *, call: Call, act: Act) -> None:
    """Ends what a lost computer was given: its activation is returned, a host's device key is revoked.

    Raises Refused: `proof_required`, and what `keyid_of`, `retire` and `revoke_host` raise.
    """
    act = on_call(act, call)
    if slots.place(service.ledger, computer) is not None:
        revoke_host(service, computer, reason=call.reason, act=act)
    else:
        retire(service, computer, reason=call.reason, act=act)


def keyid_of(service: Service, computer: str) -> str:
    """The key of the activation or the host of that id; raises Refused (`unknown_activation`)."""
    held = slots.place(service.ledger, computer) or retirements.activation(service.ledger, computer)
    if held is None:
        raise Refused(unknown_computer(computer))
    return held.keyid


def unknown_computer(computer: str) -> Refusal:
    """The refusal of an id that neither an activation nor a host has."""
    detail = say('neither an activation nor a host has the id "{computer}"', computer=computer)
    return Refusal("unknown_activation", detail, {"activation_id": computer})


def _about(service: Service, *, licensing_id: str, keyid: str) -> AgreementRow | None:
    if keyid:
        return known_agreement(service, known_key(service, keyid).licensing_id)
    return known_agreement(service, licensing_id) if licensing_id else None


def _fitting(groups: Sequence[str]) -> str:
    """The digits of the groups before the first that is wrong."""
    right = (FORMS.digits.check_group(place, text) for place, text in enumerate(groups[: FORMS.digits.groups]))
    return "".join(
        text for text in takewhile(lambda each: not isinstance(each, Refusal), right) if isinstance(text, str)
    )
