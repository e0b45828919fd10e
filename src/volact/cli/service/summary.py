"""`volact service summary`: an organization's Licensing IDs."""

from __future__ import annotations

from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import Ui
from volact.service.usecases.showing import summary

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("summary")
def show(
    ctx: typer.Context,
    folder: Dir,
    organization_id: Annotated[str, typer.Argument(metavar="ORG", show_default=False)],
) -> None:
    """Lists the Licensing IDs that an organization holds."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        agreements = summary(desk.service, organization_id)
    listed = [
        {"licensing_id": each.licensing_id, "program": each.program, "owner": each.organization_id, "by_grant": False}
        for each in agreements
    ]
    data = {"organization_id": organization_id, "licensing_ids": listed}
    if not agreements:
        ui.result(data, [f"{organization_id} has no agreement yet: volact service agreement add {folder} ..."])
        return
    rows = [(each.licensing_id, each.program, each.valid_until or "open") for each in agreements]
    ui.result(data, lambda face: face.table(("licensing id", "program", "until"), rows))
