"""`volact service organization`: customers and their affiliates."""

from __future__ import annotations

from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import Ui
from volact.service.usecases.customers import add_organization, set_organization
from volact.service.usecases.families import stop_using, use_keys

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Parent = Annotated[str | None, typer.Option("--parent", metavar="ORG", help="The organization that this belongs to.")]
Country = Annotated[str | None, typer.Option("--country", metavar="CC", help="Two letters, like NO.")]


@app.callback()
def organization() -> None:
    """Customers and their affiliates."""


@app.command("add")
def add(
    ctx: typer.Context,
    folder: Dir,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    parent: Parent = None,
    country: Country = None,
) -> None:
    """Adds an organization."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        organization_id = add_organization(desk.service, name, parent=parent, country=country, act=desk.act)
    next_step = f"  next  volact service agreement add {folder} --organization {organization_id} --program PROGRAM"
    ui.result({"organization_id": organization_id}, [f"{name.strip()} is {organization_id}", next_step])


@app.command("set")
def change(
    ctx: typer.Context,
    folder: Dir,
    organization_id: Annotated[str, typer.Argument(metavar="ORG", show_default=False)],
    parent: Parent = None,
    country: Country = None,
) -> None:
    """Changes parent and country; an empty text takes one off."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        row = set_organization(desk.service, organization_id, parent=parent, country=country, act=desk.act)
    data = {"organization_id": row.organization_id, "name": row.name, "parent": row.parent, "country": row.country}
    place = f"parent {row.parent or 'none'}, country {row.country or 'not said'}"
    ui.result(data, [f"{row.name} ({row.organization_id}): {place}"])


@app.command("use-keys")
def keys(
    ctx: typer.Context,
    folder: Dir,
    organization_id: Annotated[str, typer.Argument(metavar="ORG", show_default=False)],
    licensing_id: Annotated[str, typer.Option("--of", metavar="LICENSING_ID", help="Of another one of its family.")],
    stop: Annotated[bool, typer.Option("--stop", help="Takes it back.")] = False,
) -> None:
    """Lets an organization use the keys of a Licensing ID that its parent or an affiliate holds."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        done = (stop_using if stop else use_keys)(
            desk.service, organization_id, licensing_id=licensing_id, act=desk.act
        )
    data = {
        "organization_id": organization_id,
        "licensing_id": licensing_id,
        "owner": done.organization_id,
        "uses": not stop,
    }
    said = "may not use the keys of" if stop else "may use the keys of"
    ui.result(data, [f"{organization_id} {said} {licensing_id}, which {done.organization_id} holds"])
