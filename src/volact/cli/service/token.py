"""`volact service token`: who may call the management API."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk, id_of
from volact.cli.ui import Ui
from volact.service.ledger.rows import TokenRow
from volact.service.usecases.tokens import CUSTOMER_SCOPES, SCOPES, add_token, every_token, revoke_token

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def token() -> None:
    """Tokens of the management API."""


@app.command("add")
def add(
    ctx: typer.Context,
    folder: Dir,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what uses it.", show_default=False)],
    scope: Annotated[
        list[str] | None, typer.Option(metavar="SCOPE", help="May be repeated; without it all that are offered.")
    ] = None,
    organization: Annotated[
        str | None, typer.Option(metavar="ORG", help="For a customer: it sees that organization's alone.")
    ] = None,
    days: Annotated[int | None, typer.Option(metavar="N", help="Ends after N days; without it never.")] = None,
) -> None:
    """Makes a token and shows it, this once."""
    ui: Ui = ctx.obj
    wanted = scope or (SCOPES if organization is None else CUSTOMER_SCOPES)
    with at_desk(folder) as desk:
        made = add_token(desk.service, name, scopes=wanted, organization_id=organization, days=days, act=desk.act)
    lines = [made.text, "", "  keep it now: it is not shown again", f"  scopes  {', '.join(made.row.scopes)}"]
    ui.result({"token": made.text, **_data(made.row)}, lines)


@app.command("list")
def every(ctx: typer.Context, folder: Dir) -> None:
    """Lists the tokens that were made, ended ones too."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        rows = every_token(desk.service)
    data = {"tokens": [_data(row) for row in rows]}
    if not rows:
        ui.result(data, [f"no token was made yet: volact service token add {folder} NAME"])
        return
    ui.result(data, lambda face: _table(face, rows))


@app.command("revoke")
def revoke(
    ctx: typer.Context,
    folder: Dir,
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="Its id, not the token.", show_default=False)],
) -> None:
    """Ends a token at once."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        row = revoke_token(desk.service, id_of(token_id), act=desk.act)
    ui.result(_data(row), [f"{row.token_id} ({row.name}) is revoked"])


def _data(row: TokenRow) -> dict[str, Any]:
    return {
        "token_id": row.token_id,
        "name": row.name,
        "scopes": list(row.scopes),
        "organization_id": row.organization_id,
        "at": words.time(row.at),
        "expires": words.time(row.expires),
        "revoked_at": words.time(row.revoked_at),
    }


def _table(face: Ui, rows: tuple[TokenRow, ...]) -> None:
    shown = [
        (
            row.token_id,
            row.name,
            row.organization_id or "all",
            "revoked" if row.revoked_at else words.time(row.expires) or "no end",
            ", ".join(row.scopes),
        )
        for row in rows
    ]
    face.table(("token", "name", "sees", "until", "scopes"), shown)
