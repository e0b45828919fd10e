"""`volact service answer`: answers one request file, beside a running service or without one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, File
from volact.cli.service.files import write_whole
from volact.cli.ui import Ui
from volact.service.app import composed
from volact.service.config import Folder
from volact.service.devices.files import answer_file
from volact.service.devices.telemetry import no_log
from volact.serving.asgi import BODY_LIMIT

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("answer")
def answer(
    ctx: typer.Context,
    folder: Dir,
    file: File,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Written anew; a refusal writes nothing.")],
) -> None:
    """Answers the request file of a computer or host; the same file again gets the same answer and takes nothing."""
    ui: Ui = ctx.obj
    with file.open("rb") as request, composed(Folder(folder), log=no_log()) as service:
        data = answer_file(service, request.read(BODY_LIMIT + 1))
    write_whole(out, data)
    ui.result({"out": str(out)}, [f"{out}   the answer, to be carried back to where the request came from"])
