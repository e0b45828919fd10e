"""`volact fleet proxy`: requests of isolated computers out as one file, and their answers back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from volact.cli.bundlewords import code_lines, named_lines, result_rows, tally_data, tally_lines, tally_of
from volact.cli.fleet.phone import Dir, phone
from volact.cli.ui import Ui
from volact.client.files import lines_of
from volact.fleet import asking, exporting, importing
from volact.protocol.seals import LINE_LIMIT, opened

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="One file for the requests of computers that reach no network.",
)
Whole = Annotated[Path, typer.Argument(metavar="BUNDLE", exists=True, dir_okay=False, show_default=False)]
Answer = Annotated[Path, typer.Argument(metavar="ANSWER", exists=True, dir_okay=False, show_default=False)]


@app.command("export")
def export(
    ctx: typer.Context,
    folder: Dir,
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Written anew.", show_default=False)],
) -> None:
    """Puts the requests of a folder into one file, which names no computer, no address and no key.

    A file that is no request is named and left out.
    """
    ui: Ui = ctx.obj
    with ui.progress("requests read") as tell:
        made = exporting.export(folder, bundle, tell=tell)
    number = len(made.rows)
    lines = [f"{bundle}   {number} request{'' if number == 1 else 's'}, in no order, without names"]
    lines += code_lines(Counter(refusal.code for _, refusal in made.left_out))
    lines += named_lines((name, refusal.code) for name, refusal in made.left_out)
    lines += [f"  next  volact fleet proxy request {bundle} --service URL --out ANSWER, from a connected place"]
    ui.stream({"bundle": str(bundle), "publisher": made.publisher}, _exported(made), lines=lines)


@app.command("request")
def request(
    ctx: typer.Context,
    bundle: Whole,
    service: Annotated[str, typer.Option("--service", metavar="URL", help="The publisher's service.")],
    out: Annotated[Path, typer.Option("--out", metavar="ANSWER", help="Written anew once every row is answered.")],
) -> None:
    """Sends a bundle to the publisher's service, page by page, and writes its answer.

    Stopped, the same command goes on from where it was. A row that is refused stops no other.
    """
    ui: Ui = ctx.obj
    with ui.progress("requests answered") as tell:
        asking.ask(bundle, out, url=service, tell=tell)
    tally = tally_of(_results(out))
    first, *others = tally_lines(tally)
    lines = [f"{out}   {first}", *others, f"  next  volact fleet proxy import DIR {out}"]
    ui.stream({"out": str(out), **tally_data(tally)}, _results(out), lines=lines)


@app.command("import")
def import_(ctx: typer.Context, folder: Dir, answer: Answer) -> None:
    """Writes NAME.response beside each NAME.request that the answer has a credential for, as often as one likes."""
    ui: Ui = ctx.obj
    with ui.progress("responses written") as tell:
        done = importing.import_answers(folder, answer, tell=tell)
    written = sum(each.code is None for each in done)
    lines = [f"{folder}   {written} responses written"]
    lines += code_lines(Counter(each.code for each in done if each.code is not None))
    lines += named_lines((each.name, each.code) for each in done if each.name is not None and each.code is not None)
    lines += ["  next  volact client activate --response NAME.response, on each computer"]
    ui.stream({"folder": str(folder), "written": written}, _imported(done), lines=lines)


app.command("phone")(phone)


def _exported(made: exporting.Exported) -> Iterator[dict[str, Any]]:
    for entry in made.rows:
        yield {"row": entry.name, "result": "exported", "code": None}
    for name, refusal in made.left_out:
        yield {"row": name, "result": "left out", "code": refusal.code}


def _results(answer: Path) -> Iterator[dict[str, Any]]:
    with answer.open("rb") as file:
        body = opened(lines_of(file, LINE_LIMIT))
        next(body)  # the documents
        yield from result_rows(body)


def _imported(done: list[importing.Imported]) -> Iterator[dict[str, Any]]:
    for each in done:
        result = "of nobody here" if each.name is None else "refused" if each.code else "written"
        yield {"row": each.name or each.digest, "result": result, "code": each.code}
