"""Cases: what a caller of the telephone menu could not do alone, and a person takes over (spec S-14).

A case has the digits that were typed, so that nobody types them twice. Closed ones are kept for `KEPT_DAYS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from volact.credential.telephone.installation import read_installation_id
from volact.errors import Refusal, Refused
from volact.service.admission.computers import DAY
from volact.service.ledger import audit, cases, keys
from volact.service.ledger.cases import CaseRow
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import KeyRow
from volact.service.ports import Act, Service
from volact.service.usecases.names import check_note
from volact.service.usecases.telephonelimits import Line

PENDING, EVERY = ("open", "taken"), ("open", "taken", "closed")
MOST_PENDING = 1_000  # cases that are not closed: more than people can take
MOST_OF_ONE = 20  # of them of one caller
KEPT_DAYS = 90
_MOST_DIGITS = 56
_DIGITS = 8  # of a case's number, which is read out


@dataclass(frozen=True, slots=True)
class Handed:
    """What a caller has said until a person takes over; `number` ends as the caller's does, or is empty."""

    line: Line
    language: str
    digits: str
    number: str = ""


def open_case(service: Service, handed: Handed, *, act: Act) -> CaseRow:
    """Opens a case. Raises Refused (`too_many_requests`) where more wait than people can take."""
    with writing(service.ledger):
        return put_case(service, handed, act=act)


def put_case(service: Service, handed: Handed, *, act: Act) -> CaseRow:
    """The same inside of the caller's transaction."""
    caller = handed.line.caller
    if cases.pending(service.ledger) >= MOST_PENDING or cases.pending(service.ledger, caller=caller) >= MOST_OF_ONE:
        raise Refused(_too_many())
    cases.forget(service.ledger, closed_before=act.now - KEPT_DAYS * DAY)
    key = _proved(service, handed.digits)
    row = CaseRow(
        case_id=_draw(service),
        at=act.now,
        channel=handed.line.channel,
        language=handed.language,
        digits=handed.digits[:_MOST_DIGITS],
        number=handed.number,
        caller=caller,
        keyid=key.keyid if key else None,
        licensing_id=key.licensing_id if key else None,
    )
    cases.add(service.ledger, row)
    detail = {"channel": row.channel, "keyid": row.keyid}
    audit.write(service.ledger, act, what="case opened", subject=row.case_id, detail=detail)
    return row


def take_case(service: Service, case_id: str, *, act: Act) -> CaseRow:
    """Says that whoever acts has the case; taking it again changes nothing.

    Raises Refused: `unknown_case`, `case_closed`, `case_taken`.
    """
    with writing(service.ledger):
        row = _pending(service, case_id)
        if row.state == "taken" and row.taken_by != act.who:
            raise Refused(Refusal("case_taken", f"{row.taken_by} has the case {case_id}", {"taken_by": row.taken_by}))
        if row.state == "open":
            cases.take(service.ledger, case_id, by=act.who)
            audit.write(service.ledger, act, what="case taken", subject=case_id)
        return known_case(service, case_id)


def close_case(service: Service, case_id: str, *, reason: str, act: Act) -> CaseRow:
    """Closes a case, whoever has it, with what became of it. Raises Refused: `unknown_case`, `case_closed`, `usage`."""
    why = check_note(reason, "a reason")
    with writing(service.ledger):
        _pending(service, case_id)
        cases.close(service.ledger, case_id, at=act.now, reason=why)
        audit.write(service.ledger, act, what="case closed", subject=case_id, detail={"why": why})
        return known_case(service, case_id)


def known_case(service: Service, case_id: str) -> CaseRow:
    """The case of that number; raises Refused (`unknown_case`)."""
    with reading(service.ledger):
        row = cases.case(service.ledger, case_id)
    if row is None:
        raise Refused(Refusal("unknown_case", f'no case has the number "{case_id}"', {"case_id": case_id}))
    return row


def cases_of(
    service: Service, *, states: tuple[str, ...] = PENDING, after: int | None = None, limit: int = MOST_PENDING
) -> tuple[tuple[int, CaseRow], ...]:
    """Cases in some states, the oldest first, each with its place in that order; those after a place alone."""
    with reading(service.ledger):
        return cases.cases(service.ledger, states=states, after=after, limit=limit)


def _pending(service: Service, case_id: str) -> CaseRow:
    row = known_case(service, case_id)
    if row.state == "closed":
        raise Refused(Refusal("case_closed", f"the case {case_id} is closed: {row.reason}", {"case_id": case_id}))
    return row


def _too_many() -> Refusal:
    detail = f"{MOST_PENDING} cases at most wait for a person, {MOST_OF_ONE} of one caller"
    return Refusal("too_many_requests", detail, {"retry_after": DAY})


def _proved(service: Service, digits: str) -> KeyRow | None:
    """The key of an installation ID that is whole and holds."""
    said = read_installation_id(digits)
    key = None if isinstance(said, Refusal) else keys.key(service.ledger, said.keyid)
    if isinstance(said, Refusal) or key is None:
        return None
    return key if said.holds(service.vault.envelope.open(key.sealed_proof_key, key.keyid)) else None


def _draw(service: Service) -> str:
    """A number like `C-4711-0815`: digits, since a voice reads it out."""
    while True:
        number = f"{int.from_bytes(service.draw(8), 'big') % 10**_DIGITS:0{_DIGITS}}"
        found = f"C-{number[:4]}-{number[4:]}"
        if cases.case(service.ledger, found) is None:
            return found
