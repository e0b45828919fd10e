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
    """Lists the Licensing IDs that an organization holds, and those of its family whose keys it may use."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        related = summary(desk.service, organization_id)
    listed = [
        {
            "licensing_id": each.agreement.licensing_id,
            "program": each.agreement.program,
            "owner": each.agreement.organization_id,
            "by_grant": each.by_grant,
        }
        for each in related
    ]
    data = {"organization_id": organization_id, "licensing_ids": listed}
    if not related:
        ui.result(data, [f"{organization_id} has no agreement yet: volact service agreement add {folder} ..."])
        return
    rows = [
        (
            each.agreement.licensing_id,
            each.agreement.program,
            each.agreement.valid_until or "open",
            f"keys of {each.agreement.organization_id}" if each.by_grant else "its own",
        )
        for each in related
    ]
    ui.result(data, lambda face: face.table(("licensing id", "program", "until", "whose"), rows))
