"""`volact service administrator`: the first person in the publisher's back office."""

from __future__ import annotations

from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.run import BIND
from volact.cli.ui import Ui
from volact.service.ledger import settings
from volact.service.roles import Role
from volact.service.usecases.members import invite

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def administrator() -> None:
    """The first person in the publisher's back office."""


@app.command("add")
def add(
    ctx: typer.Context,
    folder: Dir,
    email: Annotated[str, typer.Argument(metavar="E-MAIL", help="Whose link it is.", show_default=False)],
) -> None:
    """Makes a link by which that person becomes administrator, once, within 72 hours."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        made = invite(desk.service, email, role=Role.PUBLISHER, organization_id="", act=desk.act)
        url = settings.text(desk.service.ledger, settings.URL) or f"http://{BIND}"
    link, until = f"{url}/invitation/{made.secret}", words.time(made.row.expires)
    said = {"link": link, "email": made.row.email, "expires": until}
    ui.result(said, [link, "", f"  for {made.row.email}, once, until {until}; all others are invited on the pages"])
