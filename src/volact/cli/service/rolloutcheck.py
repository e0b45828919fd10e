"""`volact service rollout-check`: whether a key suffices for a number of computers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from volact.cli.service.desk import Dir, KeyId, at_desk, id_of
from volact.cli.ui import Ui
from volact.service.usecases.allowances import Checked, rollout_check

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("rollout-check")
def check(
    ctx: typer.Context,
    folder: Dir,
    keyid: KeyId,
    computers: Annotated[int, typer.Option("--computers", metavar="N", min=1, help="To be activated or reimaged.")],
) -> None:
    """Says whether what remains of a key is enough, and how many activations to ask for."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        checked = rollout_check(desk.service, id_of(keyid), computers=computers)
    data: dict[str, Any] = {
        "keyid": checked.key.keyid,
        "computers": computers,
        "remaining": checked.rollout.remaining,
        "enough": checked.rollout.enough,
        "ask_for": checked.rollout.ask_for,
        "center": checked.center.as_fields if checked.center else None,
    }
    ui.result(data, _lines(checked, computers))


def _lines(checked: Checked, computers: int) -> list[str]:
    left = f"{computers} to activate, {checked.rollout.remaining} left"
    if checked.rollout.enough:
        return [f"{left}: enough"]
    lines = [f"{left}: ask for {checked.rollout.ask_for}"]
    if checked.center:
        lines.append(f"  {checked.center.number}   {checked.center.hours}   ({checked.center.country})")
    return lines
