"""`volact service activation`: activations of computers that are retired."""

from __future__ import annotations

from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk, id_of
from volact.cli.ui import Ui
from volact.service.usecases.retiring import retire

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def activation() -> None:
    """Activations of computers that are retired."""


@app.command("retire")
def retire_one(
    ctx: typer.Context,
    folder: Dir,
    activation_id: Annotated[str, typer.Argument(metavar="ACTIVATION_ID", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help="Kept on record.")],
) -> None:
    """Ends an activation; after the cool-down its key has it again."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        retired = retire(desk.service, id_of(activation_id), reason=reason, act=desk.act)
    row = retired.retirement
    data = {
        "activation_id": row.activation_id,
        "keyid": row.keyid,
        "credited_at": words.time(row.credit_at),
        "remaining": retired.key.remaining,
    }
    lines = [
        f"{row.activation_id} is retired: its license ends after its grace",
        f"  {row.keyid} has the activation again on {words.date(row.credit_at)}; now {retired.key.remaining} are left",
    ]
    ui.result(data, lines)
