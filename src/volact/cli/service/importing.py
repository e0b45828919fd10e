"""`volact service import`: a sheet of products, agreements, purchases or keys onto record."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Annotated, Any

import typer

from volact.cli.service.desk import Dir, File, at_desk
from volact.cli.ui import Ui
from volact.service.exchange.importing import SUBJECTS, Imported, import_sheet
from volact.service.exchange.results import Outcome
from volact.service.exchange.sheet import LARGEST

app = typer.Typer(add_completion=False, rich_markup_mode=None)
Subject = StrEnum("Subject", [(subject.upper(), subject) for subject in SUBJECTS])  # type: ignore[misc]
What = Annotated[Subject, typer.Argument(metavar="SUBJECT", show_default=False)]
_SHOWN = 20


@app.command("import")
def import_file(
    ctx: typer.Context,
    folder: Dir,
    subject: What,
    file: File,
    apply: Annotated[bool, typer.Option("--apply", help="Without it nothing is changed, and all is shown.")] = False,
) -> None:
    """Takes a CSV file, all of its rows or none; without --apply it shows what would come of each."""
    ui: Ui = ctx.obj
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    with at_desk(folder) as desk:
        imported = import_sheet(desk.service, str(subject.value), data=data, apply=apply, act=desk.act)
    if imported.left_out:
        ui.talk(f"left out, since activation knows of no payment: {', '.join(imported.left_out)}")
    if imported.refusal is None:
        ui.result(_data(imported), lambda face: _lines(face, imported))
        return
    _list(ui, [each for each in imported.outcomes if each.refusal is not None])
    ui.refuse(imported.refusal, data=_data(imported))
    raise typer.Exit(1)


def _data(imported: Imported) -> dict[str, Any]:
    return {
        "rows": [_row(each, applied=imported.applied) for each in imported.outcomes],
        "applied": imported.applied,
        "left_out": list(imported.left_out),
    }


def _row(outcome: Outcome, *, applied: bool) -> dict[str, Any]:
    """One row; what was drawn for it exists only once it is applied."""
    refusal = outcome.refusal
    return {
        "row": outcome.row.number,
        "line": outcome.row.line,
        "result": outcome.result,
        "code": refusal.code if refusal else None,
        "detail": refusal.detail if refusal else None,
        **outcome.about,
        **{name: value if applied else None for name, value in outcome.drawn.items()},
    }


def _lines(ui: Ui, imported: Imported) -> None:
    if imported.applied:
        for each in imported.outcomes:
            if "key" in each.drawn:
                ui.line(f"{each.drawn['key']}   {each.drawn['keyid']}   line {each.row.line}")
    counts = Counter(each.result for each in imported.outcomes)
    told = ", ".join(f"{number} {result}" for result, number in sorted(counts.items())) or "no rows"
    if imported.applied:
        ui.line(f"applied: {told}")
        return
    _list(ui, [each for each in imported.outcomes if each.result != "unchanged"])
    ui.line(f"would be: {told}")
    ui.line("  nothing was changed; the same with --apply does it")


def _list(ui: Ui, outcomes: list[Outcome]) -> None:
    """Rows for people; a long list is cut, and says so."""
    if ui.json or not outcomes:
        return
    rows = [
        (
            str(each.row.line),
            each.result,
            f"{each.refusal.code}: {each.refusal.detail}" if each.refusal else _about(each),
        )
        for each in outcomes[:_SHOWN]
    ]
    ui.table(("line", "result", "what"), rows, right=("line",))
    if len(outcomes) > _SHOWN:
        ui.line(f"  the first {_SHOWN} of {len(outcomes)}; --json gives them all")


def _about(outcome: Outcome) -> str:
    return " ".join(str(value) for value in outcome.about.values()) or "new"
