"""`volact service backup`: ledger and accounts into one file, while the service runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.files import counted
from volact.cli.ui import Ui
from volact.service.backing import back_up
from volact.service.config import Folder
from volact.service.pages.accounts.keeping import accounts_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("backup")
def backup(
    ctx: typer.Context,
    folder: Dir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.", show_default=False)],
) -> None:
    """Writes ledger and accounts as they stand to one new file; vault and seal.key are kept elsewhere."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        made = back_up(desk.service, file, accounts=lambda: accounts_of(Folder(folder), desk.service), act=desk.act)
    people = made.accounts.people if made.accounts else 0
    versions = {"root": made.root, "catalog": made.catalog, "revocations": made.revocations}
    data = {
        "file": str(file),
        "publisher": made.publisher,
        "at": words.time(made.at),
        "size": made.size,
        "sha256": made.sha256,
        "entries": made.entries,
        "log": {"size": made.log_size, "root": made.log_root},
        "versions": versions,
        "holds": made.rows,
        "accounts": people,
    }
    held = ", ".join(counted(made.rows))
    lines = [
        f"{file}   {made.publisher}, {made.size} bytes",
        f"  holds   {held}, a log of {made.log_size} entries",
        f"  with    the accounts of {people} people, sealed: passwords and second factors, no session",
        f"  state   root {made.root}, catalog {made.catalog}, revocation list {made.revocations}",
        "  without vault and seal.key: keep a copy of both in another place",
    ]
    ui.result(data, lines)
