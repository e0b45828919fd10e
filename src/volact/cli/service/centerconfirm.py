"""`volact service center confirm`: the confirmation ID of a computer whose installation ID a caller reads out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.keysheet import key_told
from volact.cli.ui import Ui
from volact.service.ports import Call
from volact.service.usecases.center import on_call
from volact.service.usecases.telephoning import Confirmed, confirm_installation

_A_LINE = 5
Iid = Annotated[
    str, typer.Argument(metavar="IID", help="Digits or letters as they are read out; - reads them.", show_default=False)
]


def confirm(
    ctx: typer.Context,
    folder: Dir,
    *,
    installation_id: Iid,
    caller: Annotated[str, typer.Option("--caller", help="Who calls.")] = "",
    proof: Annotated[str, typer.Option("--proof", help="What was shown as proof of purchase.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
) -> None:
    """Activates a computer by telephone; prints the confirmation ID to be read out."""
    ui: Ui = ctx.obj
    text = typer.get_text_stream("stdin").readline() if installation_id == "-" else installation_id
    with at_desk(folder) as desk:
        act = on_call(desk.act, Call(caller, proof, reason))
        given = confirm_installation(desk.service, text, act=act, channel="center")
    ui.result(_data(given), _lines(given))


def _data(given: Confirmed) -> dict[str, Any]:
    return {
        "groups": list(given.confirmation.groups),
        "keyboard": list(given.confirmation.keyboard),
        "dev": given.installation.dev,
        "repeated": given.promised.repeated,
        **key_told(given.promised.key),
    }


def _lines(given: Confirmed) -> list[str]:
    groups = given.confirmation.groups
    rows = [groups[at : at + _A_LINE] for at in range(0, len(groups), _A_LINE)]
    key, repeated = given.promised.key, given.promised.repeated
    taken = "the same as before; nothing was taken" if repeated else f"one was taken, {key.remaining} are left"
    return [
        *(f"  {number * _A_LINE + 1:>2}   " + "   ".join(row) for number, row in enumerate(rows)),
        "",
        f"  typed    {'-'.join(given.confirmation.keyboard)}",
        f"  {key.keyid}, computer {given.installation.dev}: {taken}",
    ]
