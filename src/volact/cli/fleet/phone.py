"""`volact fleet proxy phone`: one call for many computers, row by row, from where the last one broke off."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from volact.cli.bundlewords import code_lines, named_lines
from volact.cli.dictation import BACK, in_rows, listen
from volact.cli.ui import Ui
from volact.credential.telephone.confirmation import FORMS
from volact.errors import Refusal
from volact.fleet.calling import Computer, computers_of

SKIP, REPEAT, STOP = "skip", "repeat", "stop"
Dir = Annotated[Path, typer.Argument(metavar="DIR", help="A folder of NAME.request files.", show_default=False)]


@dataclass(slots=True)
class Walk:
    """Where a call is: the computers that can be called for, in order, and what became of those that were not done."""

    ui: Ui
    computers: list[Computer]
    refusals: dict[str, Refusal]
    done: set[str] = field(default_factory=set)
    at: int = 0

    def go(self) -> None:
        """Takes one computer after the other, until the last one, `stop`, or the end of the input."""
        while self.at < len(self.computers):
            computer = self.computers[self.at]
            if computer.name in self.done:
                self.at += 1
                continue
            word = self._call(computer)
            if word == STOP:
                return
            if word == BACK:
                self._back()
            elif word != REPEAT:
                self.at += 1

    def _call(self, computer: Computer) -> str:
        """One computer; gives the word that ended it, empty where it is confirmed."""
        assert computer.sheet is not None
        ui = self.ui
        ui.talk("")
        ui.talk(f"{self.at + 1} of {len(self.computers)}   {computer.name}")
        for row in in_rows(computer.sheet.installation_id):
            ui.talk(f"    {row}")
        groups = computer.heard()
        if groups:
            ui.talk(f"{len(groups)} groups were heard before; the next is group {len(groups) + 1}")
        while len(groups) < FORMS.digits.groups:
            word = listen(ui, groups, words=(SKIP, REPEAT, STOP), keep=computer.keep)
            if word == REPEAT:
                computer.keep([])
            if word is not None or len(groups) < FORMS.digits.groups:
                return word or STOP
        refusal = computer.confirm(" ".join(groups), now=int(time.time()))
        if refusal is not None:
            computer.keep([])
            self.refusals[computer.name] = refusal
            ui.talk(f"! {refusal.detail}: have the installation ID compared, and type what is read to you again")
            return REPEAT
        self.done.add(computer.name)
        self.refusals.pop(computer.name, None)
        ui.talk(f"✓ {computer.name} is confirmed")
        return ""

    def _back(self) -> None:
        """Goes back to the computer before, and takes its confirmation back."""
        if self.at == 0:
            self.ui.talk("there is no computer before this one")
            return
        self.at -= 1
        before = self.computers[self.at]
        before.take_back()
        self.done.discard(before.name)


def phone(ctx: typer.Context, folder: Dir) -> None:
    """Calls the activation center for the computers of a folder, one after the other.

    Shows what to read out for each, checks each group of its confirmation as it is typed and the whole by the
    publisher's key, and writes NAME.response. Stopped or hung up on, the same command goes on from there.
    """
    ui: Ui = ctx.obj
    every, now = list(computers_of(folder)), int(time.time())
    refusals = {each.name: each.refusal for each in every if each.refusal is not None}
    done = {each.name for each in every if each.is_answered(now)}
    walk = Walk(ui, [each for each in every if each.sheet is not None], refusals, done)
    if len(walk.done) < len(walk.computers):
        _greet(walk)
    try:
        walk.go()
    except KeyboardInterrupt:
        _tell(walk, every)
        raise  # and is told that the same command goes on
    left = len(every) - len(walk.done)
    if left:
        _tell(walk, every, refusal=Refusal("computers_left", f"{left} of {len(every)} computers are not confirmed"))
        raise typer.Exit(1)
    _tell(walk, every)


def _greet(walk: Walk) -> None:
    first = next(each for each in walk.computers if each.name not in walk.done)
    center = first.sheet.center if first.sheet else None
    talk = walk.ui.talk
    if center:
        talk(f"Call the activation center: {center.number} ({center.country}), {center.hours}.")
    talk("Read the groups out, and type what you are told.")
    talk(f"`{BACK}` takes the last group back, and before the first one the computer before.")
    talk(f"`{REPEAT}` begins this computer again, `{SKIP}` leaves it, `{STOP}` ends.")


def _tell(walk: Walk, every: list[Computer], *, refusal: Refusal | None = None) -> None:
    rows = [_row(walk, each) for each in every]
    tally = Counter(row["result"] for row in rows)
    data = {name: tally[name] for name in ("done", "failed", "left")} | {"rows": rows}
    ui = walk.ui
    if ui.json and refusal:
        ui.refuse(refusal, data)
        return
    failed = {name: each.code for name, each in walk.refusals.items() if name not in walk.done}
    lines = [f"{tally['done']} confirmed, {tally['failed']} failed, {tally['left']} left"]
    lines += [*code_lines(Counter(failed.values())), *named_lines(failed.items())]
    lines += ["  next  volact client activate --response NAME.response, on each computer"] if tally["done"] else []
    ui.result(data, lines)
    if refusal:
        ui.refuse(refusal)


def _row(walk: Walk, computer: Computer) -> dict[str, Any]:
    refusal = walk.refusals.get(computer.name)
    if computer.name in walk.done:
        return {"row": computer.name, "result": "done", "code": None}
    return {"row": computer.name, "result": "failed" if refusal else "left", "code": refusal.code if refusal else None}
