"""Cases: what a person at the activation center takes over, from callers and from customers' requests (spec S-15.3).

A caller's case has the digits that were typed, so that nobody types them twice; closed, it is kept for `KEPT_DAYS`.
What is done on a case is told of it, whatever the act is on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from volact.credential.telephone.installation import read_installation_id
from volact.errors import Refusal, Refused, say
from volact.service.admission.computers import DAY
from volact.service.ledger import audit, cases, keys
from volact.service.ledger.cases import CaseRow
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import KeyRow
from volact.service.ports import Act, Service
from volact.service.usecases.names import check_note, misused
from volact.service.usecases.telephonelimits import Line

PENDING, EVERY = ("open", "taken"), ("open", "taken", "closed")
OUTCOMES = ("done", "refused")
MOST_PENDING = 1_000  # cases of a channel that are not closed: more than people can take
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
    key = proved_key(service, handed.digits)
    row = CaseRow(
        case_id="",
        at=act.now,
        channel=handed.line.channel,
        language=handed.language,
        digits=handed.digits[:_MOST_DIGITS],
        number=handed.number,
        caller=handed.line.caller,
        keyid=key.keyid if key else None,
        licensing_id=key.licensing_id if key else None,
    )
    return put_row(service, row, act=act)


def put_row(service: Service, row: CaseRow, *, act: Act) -> CaseRow:
    """Puts a new case on record under a number that is drawn, inside of the caller's transaction.

    Raises Refused (`too_many_requests`) where more of its channel, or of its caller, wait than people can take.
    """
    channel, caller = row.channel, row.caller
    if cases.pending(service.ledger, channel=channel) >= MOST_PENDING:
        raise Refused(_too_many())
    if cases.pending(service.ledger, channel=channel, caller=caller) >= MOST_OF_ONE:
        raise Refused(_too_many())
    cases.forget(service.ledger, closed_before=act.now - KEPT_DAYS * DAY)
    row = replace(row, case_id=_draw(service))
    with told_of(service, row.case_id):
        cases.add(service.ledger, row)
        detail = {"channel": row.channel, "kind": row.kind, "keyid": row.keyid}
        audit.write(service.ledger, act, what="case opened", subject=row.case_id, detail=detail)
    return row


@contextmanager
def told_of(service: Service, case_id: str) -> Iterator[None]:
    """What the audit is given inside is told of the case too; inside of the caller's transaction."""
    newest = cases.newest_entry(service.ledger)
    yield
    cases.link(service.ledger, case_id, after=newest)


def take_case(service: Service, case_id: str, *, act: Act) -> CaseRow:
    """Says that whoever acts has the case; taking it again changes nothing.

    Raises Refused: `unknown_case`, `case_closed`, `case_taken`.
    """
    with writing(service.ledger):
        row = _pending(service, case_id)
        if row.state == "taken" and row.taken_by != act.who:
            detail = say("{who} has the case {case_id}", who=row.taken_by, case_id=case_id)
            raise Refused(Refusal("case_taken", detail, {"taken_by": row.taken_by}))
        if row.state == "open":
            with told_of(service, case_id):
                cases.change(service.ledger, replace(row, state="taken", taken_by=act.who))
                audit.write(service.ledger, act, what="case taken", subject=case_id)
        return known_case(service, case_id)


def hand_back(service: Service, case_id: str, *, act: Act) -> CaseRow:
    """Puts a case back for anybody to take, whoever has it; an open one stays as it is.

    Raises Refused: `unknown_case`, `case_closed`.
    """
    with writing(service.ledger):
        row = _pending(service, case_id)
        if row.state == "taken":
            with told_of(service, case_id):
                cases.change(service.ledger, replace(row, state="open", taken_by=None))
                audit.write(service.ledger, act, what="case handed back", subject=case_id)
        return known_case(service, case_id)


def close_case(service: Service, case_id: str, *, reason: str, act: Act, outcome: str = "done") -> CaseRow:
    """Closes a case, whoever has it, with what became of it: `done` or `refused`.

    Raises Refused: `unknown_case`, `case_closed`, `usage`.
    """
    if outcome not in OUTCOMES:
        raise misused(say("a case is closed as one of: {outcomes}", outcomes=", ".join(OUTCOMES)))
    return put_end(service, case_id, outcome=outcome, reason=check_note(reason, say("a reason")), act=act)


def put_end(service: Service, case_id: str, *, outcome: str, reason: str, act: Act) -> CaseRow:
    """Ends a case that is not closed."""
    with writing(service.ledger):
        row = _pending(service, case_id)
        closed = replace(
            row, state="closed", closed_at=act.now, closed_by=act.who, outcome=outcome, reason=reason or None
        )
        with told_of(service, case_id):
            cases.change(service.ledger, closed)
            detail = {"outcome": outcome} | ({"why": reason} if reason else {})
            audit.write(service.ledger, act, what="case closed", subject=case_id, detail=detail)
        return known_case(service, case_id)


def known_case(service: Service, case_id: str) -> CaseRow:
    """The case of that number; raises Refused (`unknown_case`)."""
    with reading(service.ledger):
        row = cases.case(service.ledger, case_id)
    if row is None:
        raise Refused(unknown_case(case_id))
    return row


def unknown_case(case_id: str) -> Refusal:
    """The refusal of a number that no case has."""
    return Refusal("unknown_case", say('no case has the number "{case_id}"', case_id=case_id), {"case_id": case_id})


def cases_of(
    service: Service, *, states: tuple[str, ...] = PENDING, after: int | None = None, limit: int = MOST_PENDING
) -> tuple[tuple[int, CaseRow], ...]:
    """Cases in some states, the oldest first, each with its place in that order; those after a place alone."""
    with reading(service.ledger):
        return cases.cases(service.ledger, states=states, after=after, limit=limit)


def _pending(service: Service, case_id: str) -> CaseRow:
    row = known_case(service, case_id)
    if row.state == "closed":
        detail = say("the case {case_id} is closed: {reason}", case_id=case_id, reason=row.reason)
        raise Refused(Refusal("case_closed", detail, {"case_id": case_id}))
    return row


def _too_many() -> Refusal:
    detail = say(
        "{most} cases of one kind at most wait for a person, {most_of_one} of one caller",
        most=MOST_PENDING,
        most_of_one=MOST_OF_ONE,
    )
    return Refusal("too_many_requests", detail, {"retry_after": DAY})


def proved_key(service: Service, digits: str) -> KeyRow | None:
    """The key of an installation ID that is whole and holds, or None."""
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
