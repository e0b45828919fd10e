"""`volact service sign-on`: members sign in by their organization's own sign-on."""

from __future__ import annotations

from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import Ui
from volact.service.ledger import settings
from volact.service.usecases.signon import SignOn, clear_sign_on, set_sign_on, sign_on

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
_AGAIN = "a service that runs takes this up when it starts again"


@app.callback()
def sign_on_verbs() -> None:
    """Members sign in by their organization's own sign-on (OpenID Connect)."""


@app.command("set")
def set_(
    ctx: typer.Context,
    folder: Dir,
    issuer: Annotated[str, typer.Option("--issuer", metavar="URL", help="The provider, as it calls itself.")],
    client_id: Annotated[str, typer.Option("--client-id", help="What this service is called there.")],
    secret: Annotated[str, typer.Option("--secret", help="The secret of that client; - reads it.")] = "-",
    name: Annotated[str, typer.Option("--name", help="What the button says: sign in by NAME.")] = "single sign-on",
) -> None:
    """Sets the provider; its secret is kept sealed, and each member connects an account of theirs."""
    ui: Ui = ctx.obj
    wanted = SignOn(issuer, client_id, ui.read_secret(secret, "Secret of the client: "), name)
    with at_desk(folder) as desk:
        set_sign_on(desk.service, wanted, act=desk.act)
        url = settings.text(desk.service.ledger, settings.URL)
    back = f"{url or 'URL OF THIS SERVICE'}/account/oidc/sign-on/login/callback/"
    said = {"issuer": issuer, "client_id": client_id, "name": name, "redirect_uri": back}
    ui.result(said, [f"members may sign in by {issuer}; {_AGAIN}", f"  redirect URI to register there: {back}"])


@app.command("show")
def show(ctx: typer.Context, folder: Dir) -> None:
    """Says which provider is set; never its secret."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        found = sign_on(desk.service)
    said = {"issuer": found.issuer, "client_id": found.client_id, "name": found.name} if found else {}
    ui.result(said, [f"{found.name}: {found.issuer}, as {found.client_id}" if found else "no sign-on is set"])


@app.command("clear")
def clear(ctx: typer.Context, folder: Dir) -> None:
    """Takes the provider away; members sign in by password or passkey."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        clear_sign_on(desk.service, act=desk.act)
    ui.result({"cleared": True}, [f"no sign-on is set; {_AGAIN}"])
