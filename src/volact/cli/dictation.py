"""Telephone codes at the command line: read out group by group, and typed group by group with each one checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from volact.cli.qrcodes import drawn, qr_code
from volact.cli.ui import Ui
from volact.client import files
from volact.client.telephone import ToReadOut
from volact.credential.telephone.confirmation import FORMS
from volact.credential.telephone.groups import Form
from volact.credential.telephone.installation import InstallationId
from volact.errors import Refusal, Refused

BACK = "back"


@dataclass(frozen=True, slots=True)
class Dictated:
    """An installation ID as it is shown: whose it is, under which name that is data, whom to call, and what comes."""

    names: Mapping[str, object]
    whose: str
    installation: InstallationId
    center: Mapping[str, object] | None
    then: str


def of_computer(told: ToReadOut) -> Dictated:
    """That of a computer's products."""
    names = {"products": list(told.products)}
    return Dictated(names, ", ".join(told.products), told.installation, told.center, "volact client confirm")


def show(ui: Ui, told: Dictated, *, qr: bool = False, svg: Path | None = None) -> None:
    """Shows an installation ID in digits and for the keyboard, with the center to call, and as a QR code if asked."""
    rows = _drawn(told.installation, qr=qr, svg=svg)
    ui.result(data(told) | ({"svg": str(svg)} if svg else {}), lambda ui: _lines(ui, told, rows=rows))


def data(told: Dictated) -> dict[str, object]:
    """The same as data."""
    made = told.installation
    center = dict(told.center) if told.center else None
    return {**told.names, "groups": list(made.groups), "keyboard": "-".join(made.keyboard), "center": center}


def talk(ui: Ui, told: Dictated) -> None:
    """Says the digits and whom to call, before something is asked for."""
    ui.talk(f"The installation ID of {told.whose}: {'   '.join(told.installation.groups)}")
    ui.talk(_where(told.center))


def _drawn(made: InstallationId, *, qr: bool, svg: Path | None) -> list[str]:
    rows = list(drawn(qr_code(made.qr))) if qr else []
    if svg:
        code = qr_code(made.qr)
        with files.written(svg.absolute().parent):
            code.save(str(svg), kind="svg", scale=8)
    return rows


def _lines(ui: Ui, told: Dictated, *, rows: list[str]) -> None:
    ui.line(f"The installation ID of {told.whose}, in groups:")
    for groups in in_rows(told.installation):
        ui.line()
        ui.line(groups)
    ui.line()
    ui.line(f"Or to be typed: {'-'.join(told.installation.keyboard)}")
    for row in rows:
        ui.line(row, style="black on white")
    ui.line()
    ui.line(_where(told.center))
    ui.line(f"Then run `{told.then}` and type what you are told.")


def in_rows(made: InstallationId) -> list[str]:
    """An installation ID as it is read out: four groups to a row, each with its number."""
    numbered = [f"{number}  {group}" for number, group in enumerate(made.groups, 1)]
    return ["   ".join(numbered[start : start + 4]) for start in (0, 4)]


def take(ui: Ui) -> str:
    """Asks for a confirmation ID group by group, checks each one, and asks again for one that does not fit.

    Several groups may be typed in a line, in digits or for the keyboard; `back` takes the last group back. Refuses
    with `confirmation_mistyped` where the input ends before the code does.
    """
    ui.talk(f"Type the confirmation ID group by group; `{BACK}` goes back by one.")
    groups: list[str] = []
    while listen(ui, groups, words=()) == BACK:  # there is no group to take back
        pass
    if len(groups) < FORMS.digits.groups:
        missing = range(len(groups), FORMS.digits.groups)
        raise Refused(FORMS.digits.mistyped(missing, f"the input ended before group {len(groups) + 1}"))
    return " ".join(groups)


def listen(
    ui: Ui, groups: list[str], *, words: Collection[str], keep: Callable[[Sequence[str]], None] = lambda _: None
) -> str | None:
    """Adds the groups of a confirmation ID that are typed to those that are there, until it is whole.

    `keep` is told after each line. Gives None once it is whole or the input ends, else the word that was typed: one of
    `words`, or `back` where there is no group to take back.
    """
    form = _form(groups[0]) if groups else FORMS.digits
    while len(groups) < form.groups:
        typed = ui.ask(f"group {len(groups) + 1} of {form.groups}: ")
        if typed is None:
            return None
        word = typed.lower()
        if word in words or (word == BACK and not groups):
            return word
        if word == BACK:
            groups.pop()
        else:
            form = form if groups else _form(typed)
            _add(ui, groups, typed=typed, form=form)
        keep(groups)
    return None


def _add(ui: Ui, groups: list[str], *, typed: str, form: Form) -> None:
    for piece in _pieces(form, typed):
        checked = form.check_group(len(groups), piece)
        if isinstance(checked, Refusal) or len(groups) == form.groups:
            ui.talk(f"! group {len(groups) + 1} does not fit: type it again")
            return
        groups.append(checked)
        ui.talk(f"✓ {len(groups):<2} {checked}")


def _form(typed: str) -> Form:
    """The form of what is typed first: a group of five symbols is the keyboard's."""
    first = _pieces(FORMS.keyboard, typed)
    return FORMS.keyboard if len(first) == 1 and len(first[0]) == FORMS.keyboard.size else FORMS.form(typed)


def _pieces(form: Form, typed: str) -> list[str]:
    """The groups of a line: as they are spaced, or cut to size where they are run together."""
    words = typed.replace("-", " ").split()
    return [word[at : at + form.size] for word in words for at in range(0, len(word), form.size)]


def _where(center: Mapping[str, object] | None) -> str:
    if center is None:
        return "The publisher's catalog names no activation center."
    return f"Call the activation center: {center['number']} ({center['country']}), {center['hours']}."
