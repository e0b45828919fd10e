"""`volact service export`: what is on record as a sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.files import write_whole
from volact.cli.service.importing import What
from volact.cli.ui import Ui
from volact.service.exchange.exporting import export_sheet

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("export")
def export_file(
    ctx: typer.Context,
    folder: Dir,
    subject: What,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, show_default=False)],
) -> None:
    """Writes what is on record as a CSV file that `import` takes again; never a key."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        data, rows = export_sheet(desk.service, str(subject.value))
    write_whole(file, data)
    ui.result({"file": str(file), "rows": rows}, [f"{rows} {subject.value} are in {file}"])
