"""`volact service answer`: answers a request file or a bundle, beside a running service or without one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, File
from volact.cli.service.files import write_whole, writing_whole
from volact.cli.ui import Ui
from volact.service.app import composed
from volact.service.config import Folder
from volact.service.devices.files import answer_bundle, answer_file, is_bundle
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
    """Answers a computer's or host's request file, or a bundle; the same again gets the same and takes nothing."""
    ui: Ui = ctx.obj
    with file.open("rb") as request, composed(Folder(folder), log=no_log()) as service:
        if is_bundle(request):
            with writing_whole(out) as written:
                count = answer_bundle(service, request, out=written)
            _bundled(ui, out, count=count)
            return
        data = answer_file(service, request.read(BODY_LIMIT + 1))
    write_whole(out, data)
    ui.result({"out": str(out)}, [f"{out}   the answer, to be carried back to where the request came from"])


def _bundled(ui: Ui, out: Path, *, count: Counter[str]) -> None:
    refused = {code: number for code, number in count.items() if code != "activated"}
    data = {"out": str(out), "rows": count.total(), "activated": count["activated"], "refused": refused}
    lines = [f"{out}   {count['activated']} of {count.total()} activated"]
    lines += [f"  {number} {code}" for code, number in refused.items()]
    ui.result(data, [*lines, "  next  volact fleet proxy import DIR ANSWER, where the bundle came from"])
