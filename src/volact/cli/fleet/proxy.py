"""`volact fleet proxy`: one bundle of requests for many computers that see no network, and its answers (F24)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from volact.cli.ui import Ui
from volact.fleet import bundles
from volact.fleet.asking import Service
from volact.fleet.bundles import Row

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
_SHOWN = 20
Folder = Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, show_default=False)]
File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, show_default=False)]


@app.callback()
def proxy() -> None:
    """Computers without a network, asked for from a connected place."""


@app.command("export")
def export(
    ctx: typer.Context,
    folder: Folder,
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Written anew.", show_default=False)],
) -> None:
    """Collects the NAME.request files of DIR into one bundle, without names."""
    ui: Ui = ctx.obj
    rows = bundles.export(folder, bundle)
    number = sum(row.result == "exported" for row in rows)
    said = f"{bundle}   {number} request{'' if number == 1 else 's'}, in no order, without names"
    next_step = f"  next  volact fleet proxy request {bundle} --service URL --out ANSWER, from a connected place"
    ui.result({"bundle": str(bundle), **_data(rows)}, [said, *_refused(rows), next_step])


@app.command("request")
def request(
    ctx: typer.Context,
    bundle: File,
    service: Annotated[str, typer.Option("--service", metavar="URL", help="The publisher's service.")],
    out: Annotated[Path, typer.Option("--out", metavar="ANSWER", help="Written when all is answered.")],
) -> None:
    """Has a service answer a bundle; stopped, the same command goes on, and nothing counts twice."""
    ui: Ui = ctx.obj
    with ui.progress("requests answered") as tell:
        rows = bundles.ask(bundle, Service.at(service), answers=out, tell=tell)
    number = sum(row.result == "activated" for row in rows)
    said = f"{out}   {number} of {len(rows)} activated"
    ui.result({"out": str(out), **_data(rows)}, [said, *_refused(rows), "  next  volact fleet proxy import DIR ANSWER"])


@app.command("import")
def hand_out(ctx: typer.Context, folder: Folder, answers: File) -> None:
    """Writes NAME.response beside each NAME.request in DIR that was answered; as often as one likes."""
    ui: Ui = ctx.obj
    rows = bundles.hand_out(folder, answers)
    count = Counter(row.result for row in rows)
    lines = [f"{folder}   {count['written']} responses written", *_refused(rows)]
    if count["of nobody here"]:
        lines.append(f"  {count['of nobody here']} answer requests that are not in {folder}")
    ui.result({"folder": str(folder), **_data(rows)}, lines)


def _data(rows: list[Row]) -> dict[str, Any]:
    return {"rows": [{"row": row.row, "result": row.result, "code": row.code} for row in rows]}


def _refused(rows: list[Row]) -> list[str]:
    """The rows that came to nothing, by their codes; the first ones by name."""
    bad = [row for row in rows if row.code is not None]
    lines = [f"  {number} {code}" for code, number in Counter(row.code for row in bad).most_common()]
    return lines + [f"    {row.row}   {row.result}   {row.code}" for row in bad[:_SHOWN]]
