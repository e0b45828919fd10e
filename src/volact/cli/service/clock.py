"""`volact service clock`: the clock that signatures are dated by."""

from __future__ import annotations

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import Ui
from volact.service.usecases.settling import confirm_clock

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def clock() -> None:
    """The clock that signatures are dated by."""


@app.command("confirm")
def confirm(ctx: typer.Context, folder: Dir) -> None:
    """Vouches for this computer's clock after `signing_clock`: signing goes on from its time."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        before = confirm_clock(desk.service, desk.act)
    data = {"now": words.time(desk.act.now), "newest_signed": words.time(before)}
    ui.result(data, [f"signing goes on from {data['now']}; the newest time signed before is {data['newest_signed']}"])
