"""`volact service answer`: answers a request file or a bundle, beside a running service or without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO

import typer

from volact.cli.bundlewords import result_rows, tally_data, tally_lines, tally_of
from volact.cli.service.desk import Dir, File
from volact.cli.service.files import write_whole, writing_whole
from volact.cli.ui import Ui
from volact.client.files import lines_of
from volact.protocol.bundles import is_bundle
from volact.protocol.results import answer_lines
from volact.protocol.seals import LINE_LIMIT
from volact.service.app import App, composed
from volact.service.config import Folder
from volact.service.devices import files
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
    """Answers the request file of a computer or host, or a bundle of many.

    The same file again gets the same answer and takes nothing. A row of a bundle that is refused stops no other.
    """
    ui: Ui = ctx.obj
    with file.open("rb") as asked, composed(Folder(folder), log=no_log()) as service:
        begin = asked.read(BODY_LIMIT + 1)
        if is_bundle(begin):
            _answer_bundle(ui, service, asked=asked, out=out)
            return
        data = files.answer_file(service, begin)
    write_whole(out, data)
    ui.result({"out": str(out)}, [f"{out}   the answer, to be carried back to where the request came from"])


def _answer_bundle(ui: Ui, service: App, *, asked: BinaryIO, out: Path) -> None:
    count = sum(1 for _ in files.bundle_rows(service, _lines(asked)))  # whole, before anything in it is asked
    with TemporaryFile(dir=out.resolve().parent) as spool:
        with ui.progress("requests answered") as tell:
            answered = files.bundle_results(service, files.bundle_rows(service, _lines(asked)))
            for number, line in enumerate(answered, 1):
                spool.write(line + b"\n")
                tell(number, count)
        with writing_whole(out) as written:
            written.writelines(answer_lines(files.documents(service), _rows(spool)))
        tally = tally_of(result_rows(_rows(spool)))
        lines = [f"{out}   {first}" for first in tally_lines(tally)[:1]] + tally_lines(tally)[1:]
        lines += ["  next  volact fleet proxy import DIR ANSWER, where the bundle came from"]
        ui.stream({"out": str(out), **tally_data(tally)}, result_rows(_rows(spool)), lines=lines)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    return lines_of(file, LINE_LIMIT)


def _rows(spool: BinaryIO) -> Iterator[bytes]:
    return (line[:-1] for line in _lines(spool))
