"""What the forms of a case do: each once however often it is sent, with the case's caller, its proof and a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from volact.credential.encoding import PASSED_OVER
from volact.credential.telephone.confirmation import Role
from volact.credential.telephone.installation import FORMS, read_installation_id
from volact.errors import Refusal, Refused, say
from volact.service.ledger.cases import CaseRow
from volact.service.pages.accounts import letters
from volact.service.pages.accounts.factor import recent_factor, take_showings
from volact.service.pages.center.case import shown
from volact.service.pages.center.policy import GIVEN
from volact.service.pages.center.staff import ask, is_proved
from volact.service.pages.visit import Visit, hall_of, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases import casework, center
from volact.service.usecases.cases import close_case, hand_back, known_case, take_case
from volact.service.usecases.keys import Order, known_key, unknown_key
from volact.service.usecases.names import misused
from volact.service.usecases.telephonehosts import Wish
from volact.service.usecases.telephoning import sign_confirmation

_FIELDS = ("act", "computer", "host", "keyid", "kind", "licensing_id", "number", "outcome", "person", "product", "role")
_TEXTS = ("proof", "reason", "revoke", *(f"g{place}" for place in range(1, 9)))
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent: on which case, by whom, with what in its fields."""

    case_id: str
    act: Act
    fields: Mapping[str, str]

    @property
    def reason(self) -> str:
        """Why it is done."""
        return self.fields["reason"]


@page(Right.CENTER)
def case(visit: Visit, case_id: str) -> HttpResponse:
    """Shows a case, or does what a form of it asks for."""
    row = known_case(visit.service, case_id)
    if visit.request.method != "POST":
        return shown(visit, row)
    if not is_proved(visit):
        return ask(visit)
    fields = {name: " ".join(visit.posted(name).split())[:_LONGEST] for name in (*_FIELDS, *_TEXTS)}
    what = visit.posted("do")
    if what == "give" and not recent_factor(visit):  # it shows a key
        return ask(visit)
    try:
        if what in _ONCE:
            return _once(visit, _ONCE[what], case_id=case_id, fields=fields)
        if what in _SHOWING:
            return _SHOWING[what](visit, case_id, fields=fields)
    except Refused as err:
        return shown(visit, known_case(visit.service, case_id), refusal=err.refusal, typed=fields)
    raise Http404


def _once(
    visit: Visit, work: Callable[[Service, Sent], object], *, case_id: str, fields: Mapping[str, str]
) -> HttpResponse:
    place = _place(case_id, fields["act"])

    def done(service: Service, act: Act) -> str:
        work(service, Sent(case_id, act, fields))
        return place

    return visit.once(done)


def _place(case_id: str, act: str) -> str:
    here = reverse("center-case", kwargs={"case_id": case_id})
    return f"{here}?act={act}" if act.isalpha() else here


def _take(service: Service, sent: Sent) -> None:
    take_case(service, sent.case_id, act=sent.act)


def _hand_back(service: Service, sent: Sent) -> None:
    hand_back(service, sent.case_id, act=sent.act)


def _note(service: Service, sent: Sent) -> None:
    person, proof = sent.fields["person"], sent.fields["proof"]
    casework.note_caller(service, sent.case_id, person=person, proof=proof, act=sent.act)


def _about(service: Service, sent: Sent) -> None:
    about = {name: sent.fields[name] for name in ("licensing_id", "keyid")}
    casework.put_about(service, sent.case_id, **about, act=sent.act)


def _raise(service: Service, sent: Sent) -> None:
    number = sent.fields["number"]
    if not number.isdecimal() or len(number) > 12:
        raise misused(say("how many activations it is to have in all is a number"))
    with casework.working(service, sent.case_id, reason=sent.reason, act=sent.act) as call:
        keyid = _keyid(service, sent)
        center.raise_allowance(service, keyid, activations=int(number), call=call, act=sent.act)


def _free(service: Service, sent: Sent) -> None:
    with casework.working(service, sent.case_id, reason=sent.reason, act=sent.act) as call:
        center.free_slot(service, _keyid(service, sent), host_id=sent.fields["host"], call=call, act=sent.act)


def _block(service: Service, sent: Sent) -> None:
    with casework.working(service, sent.case_id, reason=sent.reason, act=sent.act) as call:
        keyid = _keyid(service, sent)
        center.block_key(service, keyid, revoked=sent.fields["revoke"] == "1", call=call, act=sent.act)


def _end(service: Service, sent: Sent) -> None:
    with casework.working(service, sent.case_id, reason=sent.reason, act=sent.act) as call:
        computer = sent.fields["computer"]
        keyid = casework.keyid_of(service, computer)
        if known_key(service, keyid).licensing_id != known_case(service, sent.case_id).licensing_id:
            raise Refused(casework.unknown_computer(computer))
        casework.end_computer(service, computer, call=call, act=sent.act)


def _keyid(service: Service, sent: Sent) -> str:
    """The key that was chosen, which is of the agreement that the case is about."""
    keyid = sent.fields["keyid"]
    if known_key(service, keyid).licensing_id != known_case(service, sent.case_id).licensing_id:
        raise Refused(unknown_key(keyid))
    return keyid


def _digits(visit: Visit, case_id: str, *, fields: Mapping[str, str]) -> HttpResponse:
    """Keeps the groups up to the first wrong one, and names those that are."""
    groups = _groups([fields[f"g{place}"] for place in range(1, 9)])
    row = visit.write(lambda service, act: casework.put_digits(service, case_id, groups=groups, act=act))
    said = read_installation_id(" ".join(groups))
    if isinstance(said, Refusal):
        typed = {f"g{place}": group for place, group in enumerate([*groups, *[""] * 8][:8], 1)}
        return shown(visit, row, refusal=said, typed={**fields, **typed})
    return HttpResponseRedirect(_place(case_id, "confirm"))


def _groups(fields: list[str]) -> list[str]:
    """What was typed field by field, or pasted whole into one of them."""
    filled = [text for text in fields if text]
    if len(filled) != 1 or len(filled[0]) <= FORMS.digits.size + 1:
        return fields
    symbols, form = "".join(sign for sign in filled[0] if sign not in PASSED_OVER), FORMS.form(filled[0])
    return [symbols[place : place + form.size] for place in range(0, len(symbols), form.size)]


def _confirm(visit: Visit, case_id: str, *, fields: Mapping[str, str]) -> HttpResponse:
    """Recorded first, a refusal too; then signed, and kept to be read aloud."""
    wish = Wish(Role.DIRECTORY if fields["role"] == "directory" else None, fields["host"] or None)
    promised = visit.write(
        lambda service, act: casework.put_confirmed(service, case_id, reason=fields["reason"], act=act, wish=wish)
    )
    if isinstance(promised, Refusal):
        raise Refused(promised)
    digits = sign_confirmation(visit.service, promised).confirmation.qr
    visit.write(lambda service, act: casework.keep_confirmation(service, case_id, digits=digits))
    return HttpResponseRedirect(_place(case_id, "confirm"))


def _give(visit: Visit, case_id: str, *, fields: Mapping[str, str]) -> HttpResponse:
    """Shows the key on this one page: each time that it is sent, it is on record once more."""

    if fields["kind"] not in GIVEN:
        raise misused(say("given out are keys of the kinds {kinds}", kinds=", ".join(GIVEN)))

    def work(service: Service, act: Act) -> center.GivenKey:
        with casework.working(service, case_id, reason=fields["reason"], act=act) as call:
            take_showings(visit, service, number=1, act=act)
            licensing_id = known_case(service, case_id).licensing_id or ""
            order = Order(licensing_id=licensing_id, product=fields["product"], kind=fields["kind"])
            return center.give_key(service, order, call=call, act=act)

    given = visit.write(work)
    return shown(visit, known_case(visit.service, case_id), given=given, key=given.key)


def _close(visit: Visit, case_id: str, *, fields: Mapping[str, str]) -> HttpResponse:
    """Closes a case that is the member's; whoever asked is told by e-mail too."""
    closed: list[CaseRow] = []
    place = _place(case_id, fields["act"])

    def work(service: Service, act: Act) -> str:
        take_case(service, case_id, act=act)
        closed.append(close_case(service, case_id, reason=fields["reason"], outcome=fields["outcome"], act=act))
        return place

    response = visit.once(work)
    for row in closed:
        letter = letters.decided(visit.request, row) if row.asked else None
        if letter is not None:
            hall_of(visit.request).post(letter.send)
    return response


_ONCE: dict[str, Callable[[Service, Sent], object]] = {
    "about": _about,
    "block": _block,
    "caller": _note,
    "end": _end,
    "hand back": _hand_back,
    "raise": _raise,
    "slot": _free,
    "take": _take,
}
_SHOWING: dict[str, Callable[..., HttpResponse]] = {
    "close": _close,
    "confirm": _confirm,
    "digits": _digits,
    "give": _give,
}
