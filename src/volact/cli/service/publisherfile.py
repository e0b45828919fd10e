"""`volact service publisher-file`: the file that products and hosts start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.files import write_whole
from volact.cli.ui import Ui
from volact.service.usecases.catalogs import publisher_file

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("publisher-file")
def write(
    ctx: typer.Context,
    folder: Dir,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written anew.", show_default=False)],
) -> None:
    """Writes root versions, catalog, revocation list and the service's address to a file; prints the pin for it."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        data, pin = publisher_file(desk.service)
    write_whole(file, data)
    versions = {"root": pin.root, "catalog": pin.catalog, "revocations": pin.revocations}
    lines = [
        f"{file}   root {pin.root}, catalog {pin.catalog}, revocation list {pin.revocations}",
        f"  pin   {pin.text}",
    ]
    ui.result({"pin": pin.text, "file": str(file), "versions": versions}, lines)
