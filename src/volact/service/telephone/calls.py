"""The dialog on record: what it asks for is done, and where a call stands is kept, so that any process answers next.

An answer that was lost is asked for again with the same turn, and is given again. A caller who hangs up loses nothing:
what was confirmed is confirmed again, free of charge, and what was typed is forgotten after `LIFETIME`.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct, json

from volact.credential.telephone.installation import FORMS
from volact.errors import Refused, VolactError
from volact.service.ledger import calls
from volact.service.ledger.calls import CallRow
from volact.service.ledger.connection import reading, writing
from volact.service.ports import Act, Service
from volact.service.telephone import dialog
from volact.service.telephone.dialog import State, Turn
from volact.service.telephone.texts import Clip
from volact.service.usecases.cases import Handed, put_case
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.telephonelimits import Line
from volact.service.usecases.telephoning import confirm_installation

LIFETIME = 3_600  # seconds after the last answer
CHANNEL, WHO = "menu", "telephone menu"
MISTYPED = FORMS.digits.code
_NUMBER_SHOWN = 3  # digits of a caller's number that a case has


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is on the telephone: a mark of the call, one of the caller's number, and how that number ends."""

    call_id: str
    mark: str = ""
    number: str = ""

    @classmethod
    def of(cls, service: Service, call: str, *, number: str) -> Caller:
        """The caller of a provider's call; the number itself goes no further."""
        mark = service.vault.envelope.mark
        digits = "".join(sign for sign in number if sign in "0123456789")
        shown = digits[-_NUMBER_SHOWN:] if len(digits) >= 2 * _NUMBER_SHOWN else ""
        return cls(mark(call, "call"), mark(digits, "caller"), shown)

    @property
    def line(self) -> Line:
        """The line that limits know."""
        return Line(CHANNEL, self.mark)


class Answer(Struct, frozen=True):
    """What a call is answered: what is said, how many keys are waited for, and the turn that follows.

    `connects` says that the caller is put through to a person; `outcome` is what came of the turn, for figures.
    """

    turn: int
    says: tuple[Clip, ...]
    wants: int
    connects: bool = False
    outcome: str = "turn"


def answer(service: Service, caller: Caller, *, turn: int | None, keys: str, connects: bool = False) -> Answer:
    """Answers the keys that were pressed after a turn, None where the call begins.

    `connects` says that whoever answers can put a caller through. A turn that was answered is answered alike again.
    """
    now = service.clock.now()
    with reading(service.ledger):
        row = calls.call(service.ledger, caller.call_id, since=now - LIFETIME)
    if row is None:
        return _begin(service, caller, now=now)
    if turn != row.turn:
        return json.decode(row.said, type=Answer)
    state = json.decode(row.state, type=State)
    act = Act(WHO, now)
    done, outcome = dialog.step(state, keys), "turn"
    if done.does == "confirm":
        done, outcome = _confirm(service, caller, state=done.state, act=act)
    with writing(service.ledger):
        current = calls.call(service.ledger, caller.call_id, since=0)
        if current is not None and current.turn != row.turn:  # the same keys came twice, and were faster the other way
            return json.decode(current.said, type=Answer)
        if done.does == "hand over":
            done, outcome = _hand_over(service, caller, state=done.state, connects=connects, act=act)
        said = Answer(row.turn + 1, done.says, done.wants, connects and outcome == "handed_over", outcome)
        _put(service, caller, turn=done, said=said, now=now)
    return said


def hang_up(service: Service, caller: Caller) -> None:
    """Forgets a call that has ended."""
    with writing(service.ledger):
        calls.remove(service.ledger, caller.call_id)


def _begin(service: Service, caller: Caller, *, now: int) -> Answer:
    first = dialog.begin()
    said = Answer(0, first.says, first.wants, outcome="begun")
    with writing(service.ledger):
        calls.forget(service.ledger, until=now - LIFETIME)
        _put(service, caller, turn=first, said=said, now=now)
    return said


def _put(service: Service, caller: Caller, *, turn: Turn, said: Answer, now: int) -> None:
    state, text = json.encode(turn.state).decode(), json.encode(said).decode()
    calls.put(service.ledger, CallRow(caller.call_id, said.turn, state, text, now))


def _confirm(service: Service, caller: Caller, *, state: State, act: Act) -> tuple[Turn, str]:
    text = "".join(state.groups)
    try:
        given = confirm_installation(service, text, act=act, channel=CHANNEL, caller=caller.mark)
    except VolactError as err:
        if err.code == "signing_clock" or err.refusal.known.status >= 500:  # of ours, and not of what was typed
            return dialog.unable(state), err.code
        center = err.refusal.fields.get("center")
        number = str(center["number"]) if isinstance(center, dict) else _center(service)
        said = "key_unknown" if err.code == MISTYPED else err.code  # each group fits: of a version that is not known
        return dialog.refused(state, said, center=number), err.code
    repeated = given.promised.repeated
    outcome = "repeated" if repeated else "confirmed"
    return dialog.confirmed(state, given.confirmation.groups, repeated=repeated), outcome


def _hand_over(service: Service, caller: Caller, *, state: State, connects: bool, act: Act) -> tuple[Turn, str]:
    center = state.center or _center(service)
    handed = Handed(caller.line, state.language, "".join(state.groups), caller.number)
    try:
        case = put_case(service, handed, act=act)
    except Refused as err:
        return dialog.nobody(state, center=center), err.code
    return dialog.handed(state, case.case_id, center=center, connected=connects), "handed_over"


def _center(service: Service) -> str:
    """The number of the center that is called where no customer is known; empty where the catalog names none."""
    center = current_catalog(service).catalog.center_for(None)
    return center.number if center else ""
