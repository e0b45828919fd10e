"""The menu itself: a state and the keys that were pressed in; what is said, and what is to be done, out.

Nothing here knows a telephone, a record or a clock. `step` takes any text as keys and never raises. Where a turn says
that something is to be done, whoever does it goes on with `confirmed`, `refused`, `handed`, `nobody` or `unable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from volact.credential.telephone.installation import FORMS
from volact.errors import Refusal
from volact.service.telephone.texts import LANGUAGES, REFUSALS, Clip, digits, number

FORM = FORMS.digits
PERSON, BACK = "0", "*"
MOST_SILENT = 4  # questions in a row that nobody answers
MOST_WRONG = 9  # what is counted of tries that did not fit
STUCK = 2  # tries of one group after which a person is offered again

Stage = Literal["language", "typing", "refused", "reading", "over"]


class State(Struct, frozen=True):
    """Where a call stands: the groups that were typed and fit, or the confirmation and which group of it is read."""

    stage: Stage = "language"
    language: str = "en"
    groups: tuple[str, ...] = ()
    confirmation: tuple[str, ...] = ()
    place: int = 0
    wrong: int = 0
    silent: int = 0
    code: str = ""
    center: str = ""


class Turn(Struct, frozen=True):
    """What is said, and then how many keys are waited for; none is the end of the call.

    `does` is what has to be done before anything is said.
    """

    state: State
    says: tuple[Clip, ...] = ()
    wants: int = 0
    does: Literal["confirm", "hand over"] | None = None


def begin() -> Turn:
    """The first turn of a call."""
    return _choose(State())


def step(state: State, keys: str) -> Turn:
    """What follows when these keys were pressed; none is silence."""
    pressed = "".join(key for key in keys if key in "0123456789*")
    if not pressed:
        return _silent(state)
    state = replace(state, silent=0)
    if pressed == PERSON and state.stage != "over":
        return Turn(state, does="hand over")
    match state.stage:
        case "language":
            return _chosen(state, pressed)
        case "typing":
            return _typed(state, pressed)
        case "refused":
            return _after_refusal(state, pressed)
        case "reading":
            return _after_group(state, pressed)
    return _over(state)


def confirmed(state: State, confirmation: Sequence[str], *, repeated: bool) -> Turn:
    """Goes on with the confirmation of what was typed."""
    reading = replace(state, stage="reading", confirmation=tuple(confirmation), place=0)
    names = ("confirmed", "repeated") if repeated else ("confirmed",)
    return _read(reading, *_says(state, *names))


def refused(state: State, code: str, *, center: str) -> Turn:
    """Says why what was typed is not confirmed, with the number of the center to call."""
    known = code if code in REFUSALS else "other"
    return _refusal(replace(state, stage="refused", code=known, center=center))


def handed(state: State, case: str, *, center: str, connected: bool) -> Turn:
    """Says the case's number, twice, and to whom it is to be told; the end, unless the caller is connected then."""
    said = (*_says(state, "case"), *_digits(state, case), *_says(state, "again"), *_digits(state, case))
    way = _says(state, "connected") if connected else (*_center(state, center), *_says(state, "goodbye"))
    return Turn(replace(state, stage="over"), (*said, *way))


def nobody(state: State, *, center: str) -> Turn:
    """Says that nobody can take over now; the end."""
    said = (*_says(state, "nobody"), *_center(state, center), *_says(state, "goodbye"))
    return Turn(replace(state, stage="over"), said)


def unable(state: State) -> Turn:
    """Says that the service cannot answer now; the end."""
    return Turn(replace(state, stage="over"), _says(state, "not_now", "goodbye"))


def unable_at_all() -> Turn:
    """The same to a caller of whom nothing is known."""
    return Turn(State("over"), tuple(Clip(each, "not_now") for each in LANGUAGES))


def _choose(state: State) -> Turn:
    return Turn(state, tuple(Clip(each, "choose") for each in LANGUAGES), 1)


def _chosen(state: State, pressed: str) -> Turn:
    if pressed not in ("1", "2", "3"):
        return _choose(state)
    chosen = State("typing", LANGUAGES[int(pressed) - 1])
    return _ask(chosen, *_says(chosen, "begin"))


def _typed(state: State, pressed: str) -> Turn:
    if pressed == BACK:
        if not state.groups:
            return _choose(State())
        return _ask(replace(state, groups=state.groups[:-1], wrong=0))
    if BACK in pressed:  # begun, and begun again
        return _ask(state)
    place = len(state.groups)
    if isinstance(FORM.check_group(place, pressed), Refusal):
        wrong = replace(state, wrong=min(state.wrong + 1, MOST_WRONG))
        named = Clip(state.language, "group"), number(state.language, place + 1)
        return _ask(wrong, *named, *_says(state, "does_not_fit"))
    further = replace(state, groups=(*state.groups, pressed), wrong=0)
    return Turn(further, does="confirm") if len(further.groups) == FORM.groups else _ask(further)


def _ask(state: State, *before: Clip) -> Turn:
    """Asks for the next group."""
    asked = Clip(state.language, "type_group"), number(state.language, len(state.groups) + 1)
    more = _says(state, "stuck") if state.wrong >= STUCK else ()
    return Turn(state, (*before, *asked, *more), FORM.size)


def _after_refusal(state: State, pressed: str) -> Turn:
    if pressed == "1":
        return _ask(State("typing", state.language))
    if pressed == BACK:
        return _ask(State("typing", state.language, state.groups[:-1]))
    return _refusal(state)


def _refusal(state: State) -> Turn:
    said = (*_says(state, state.code), *_center(state, state.center), *_says(state, "after_refusal"))
    return Turn(state, said, 1)


def _after_group(state: State, pressed: str) -> Turn:
    if pressed == "1":
        if state.place + 1 == len(state.confirmation):
            return Turn(replace(state, stage="over"), _says(state, "end"))
        return _read(replace(state, place=state.place + 1))
    if pressed == BACK:
        return _read(replace(state, place=max(state.place - 1, 0)))
    return _read(state)


def _read(state: State, *before: Clip) -> Turn:
    """Reads one group of the confirmation."""
    named = Clip(state.language, "group"), number(state.language, state.place + 1)
    last = _says(state, "last") if state.place + 1 == len(state.confirmation) else ()
    return Turn(state, (*before, *named, *_digits(state, state.confirmation[state.place]), *last), 1)


def _silent(state: State) -> Turn:
    """Says it once more, and gives up in the end."""
    if state.stage == "over" or state.silent + 1 >= MOST_SILENT:
        return _over(state)
    again = replace(state, silent=state.silent + 1)
    match state.stage:
        case "language":
            return _choose(again)
        case "typing":
            return _ask(again)
        case "refused":
            return _refusal(again)
    return _read(again)


def _over(state: State) -> Turn:
    return Turn(replace(state, stage="over"), _says(state, "silence", "goodbye"))


def _center(state: State, center: str) -> tuple[Clip, ...]:
    return (*_says(state, "center"), *_digits(state, center)) if center else ()


def _says(state: State, *names: str) -> tuple[Clip, ...]:
    return tuple(Clip(state.language, name) for name in names)


def _digits(state: State, text: str) -> tuple[Clip, ...]:
    return digits(state.language, text)
