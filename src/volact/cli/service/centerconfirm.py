"""`volact service center confirm`: the confirmation ID for an installation ID that a caller reads out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk, id_of
from volact.cli.service.keysheet import key_told
from volact.cli.ui import Ui
from volact.credential.telephone.confirmation import Role
from volact.service.ports import Call
from volact.service.usecases.center import on_call
from volact.service.usecases.telephonehosts import Wish
from volact.service.usecases.telephoning import Confirmed, confirm_installation

_A_LINE = 5
Iid = Annotated[
    str, typer.Argument(metavar="IID", help="Digits or letters as they are read out; - reads them.", show_default=False)
]


class For(StrEnum):
    """What an installation ID may be of."""

    COMPUTER = "computer"
    HOST = "host"
    DIRECTORY = "directory"


def confirm(
    ctx: typer.Context,
    folder: Dir,
    *,
    installation_id: Iid,
    caller: Annotated[str, typer.Option("--caller", help="Who calls.")] = "",
    proof: Annotated[str, typer.Option("--proof", help="What was shown as proof of purchase.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    role: Annotated[
        For | None, typer.Option("--role", help="What is activated; a host key's is a host unless directory is said.")
    ] = None,
    slot: Annotated[
        str | None,
        typer.Option("--slot", metavar="HOST_ID", help="The host that ends, and whose place this one takes."),
    ] = None,
) -> None:
    """Activates a computer, host or directory by telephone; prints the confirmation ID to be read out."""
    ui: Ui = ctx.obj
    text = typer.get_text_stream("stdin").readline() if installation_id == "-" else installation_id
    with at_desk(folder) as desk:
        act = on_call(desk.act, Call(caller, proof, reason))
        wish = Wish(Role[role.name] if role else None, id_of(slot) if slot else None)
        given = confirm_installation(desk.service, text, act=act, channel="center", wish=wish)
    ui.result(_data(given), _lines(given))


def _data(given: Confirmed) -> dict[str, Any]:
    return {
        "groups": list(given.confirmation.groups),
        "keyboard": list(given.confirmation.keyboard),
        "dev": given.installation.dev,
        "role": given.promised.subject.role.name.lower(),
        "repeated": given.promised.repeated,
        "expires": words.time(given.promised.expires),
        "host_id": given.promised.host_id,
        **key_told(given.promised.key),
    }


def _lines(given: Confirmed) -> list[str]:
    groups = given.confirmation.groups
    rows = [groups[at : at + _A_LINE] for at in range(0, len(groups), _A_LINE)]
    promised, key = given.promised, given.promised.key
    if promised.repeated:
        taken = "the same as before; nothing was taken"
    else:
        taken = f"one was taken, {key.remaining} are left" if promised.taken else "renewed; nothing was taken"
    ends = [f"  holds until {words.date(promised.expires)}; call again before"] if promised.expires else []
    return [
        *(f"  {number * _A_LINE + 1:>2}   " + "   ".join(row) for number, row in enumerate(rows)),
        "",
        f"  typed    {'-'.join(given.confirmation.keyboard)}",
        f"  {key.keyid}, {promised.subject.role.name.lower()} {promised.host_id or given.installation.dev}: {taken}",
        *ends,
    ]
