"""`volact service backup`: the ledger into one file, while the service runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.files import counted
from volact.cli.ui import Ui
from volact.service.backing import back_up

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("backup")
def backup(
    ctx: typer.Context,
    folder: Dir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.", show_default=False)],
) -> None:
    """Writes the ledger as it stands to one new file; vault and seal.key are not in it, and are kept elsewhere."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        made = back_up(desk.service, file, act=desk.act)
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
    }
    held = ", ".join(counted(made.rows))
    lines = [
        f"{file}   {made.publisher}, {made.size} bytes",
        f"  holds   {held}, a log of {made.log_size} entries",
        f"  state   root {made.root}, catalog {made.catalog}, revocation list {made.revocations}",
        "  without vault and seal.key: keep a copy of both in another place",
    ]
    ui.result(data, lines)
