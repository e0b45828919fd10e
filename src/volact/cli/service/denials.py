"""`volact service denials`: who was refused, how often, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from volact.cli.service.desk import Dir
from volact.cli.ui import Ui, date, time
from volact.service.config import Folder
from volact.service.ledger.denials import Denied
from volact.service.opening import opened
from volact.service.usecases.denying import KEPT_DAYS, denials_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_SHOWN = 40
_DAY = 86_400


@app.command("denials")
def show(
    ctx: typer.Context,
    folder: Dir,
    keyid: Annotated[str | None, typer.Option("--keyid", metavar="K", help="Of this key alone.")] = None,
    code: Annotated[str | None, typer.Option("--code", metavar="C", help="By this code alone.")] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", help="Of so many days, today among them.")] = KEPT_DAYS,
) -> None:
    """Lists what the device API refused, by day, code, key that was proved, and address; kept for 90 days."""
    ui: Ui = ctx.obj
    with opened(Folder(folder)) as service:
        found = denials_of(service, days=days, keyid=keyid.strip().upper() if keyid else None, code=code)
    rows = [
        {
            "day": _day(denied),
            "code": denied.code,
            "keyid": denied.keyid or None,
            "address": denied.address,
            "times": times,
        }
        for denied, times in found
    ]
    ui.result({"denials": rows}, lambda face: _lines(face, found))


def _lines(ui: Ui, found: tuple[tuple[Denied, int], ...]) -> None:
    if not found:
        ui.line("nothing was refused")
        return
    rows = [
        (date(denied.day * _DAY), denied.code, denied.keyid or "-", denied.address, str(times))
        for denied, times in found[:_SHOWN]
    ]
    ui.table(("day", "refused", "key", "address", "times"), rows, right=("times",))
    if len(found) > _SHOWN:
        ui.line(f"  the newest {_SHOWN} of {len(found)}; --json gives them all")


def _day(denied: Denied) -> str:
    return (time(denied.day * _DAY) or "")[:10]
