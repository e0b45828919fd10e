"""`volact service agreement`: what customers agreed on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.keysheet import figures
from volact.cli.ui import Ui
from volact.service.ledger.rows import KeyRow
from volact.service.usecases.customers import Change, Terms, add_agreement, set_agreement
from volact.service.usecases.showing import AgreementSheet, agreement_sheet

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Level = Annotated[str | None, typer.Option("--level", help="The price level, where the program has levels.")]
Licenses = Annotated[
    list[str] | None,
    typer.Option("--licenses", metavar="PRODUCT=N", help="How many were bought; may be repeated."),
]
Until = Annotated[str | None, typer.Option("--valid-until", metavar="DAY", help="The last day, which still counts.")]
LicensingId = Annotated[str, typer.Argument(metavar="LICENSING_ID", show_default=False)]


@app.callback()
def agreement() -> None:
    """What customers agreed on."""


@app.command("add")
def add(
    ctx: typer.Context,
    folder: Dir,
    organization_id: Annotated[str, typer.Option("--organization", metavar="ORG")],
    program: Annotated[str, typer.Option("--program", help="A program of the catalog.")],
    level: Level = None,
    licenses: Licenses = None,
    valid_from: Annotated[str | None, typer.Option("--valid-from", metavar="DAY", help="The first day.")] = None,
    valid_until: Until = None,
) -> None:
    """Adds an agreement; prints its Licensing ID, which keys are issued under."""
    ui: Ui = ctx.obj
    terms = Terms(
        program=program,
        level=level,
        licenses=_numbers(licenses),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    with at_desk(folder) as desk:
        licensing_id = add_agreement(desk.service, organization_id, terms=terms, act=desk.act)
    next_step = f"  next  volact service key issue {folder} --licensing-id {licensing_id} --product PRODUCT --kind KIND"
    ui.result({"licensing_id": licensing_id}, [f"the agreement has the Licensing ID {licensing_id}", next_step])


@app.command("set")
def change(
    ctx: typer.Context,
    folder: Dir,
    licensing_id: LicensingId,
    level: Level = None,
    licenses: Licenses = None,
    valid_until: Until = None,
) -> None:
    """Changes price level, last day, and numbers of licenses (set, not added)."""
    ui: Ui = ctx.obj
    asked = Change(level=level, licenses=_numbers(licenses), valid_until=valid_until)
    with at_desk(folder) as desk:
        set_agreement(desk.service, licensing_id, change=asked, act=desk.act)
        sheet = agreement_sheet(desk.service, licensing_id)
    ui.result(_data(sheet), lambda face: _lines(face, sheet))


@app.command("show")
def show(ctx: typer.Context, folder: Dir, licensing_id: LicensingId) -> None:
    """Shows an agreement and its keys."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        sheet = agreement_sheet(desk.service, licensing_id)
    ui.result(_data(sheet), lambda face: _lines(face, sheet))


def _numbers(texts: list[str] | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts or ():
        product, mark, number = text.partition("=")
        if not mark or not number.isascii() or not number.isdigit() or len(number) > 10:
            raise typer.BadParameter(f"{text}: give PRODUCT=N, for example --licenses tracer-9=40")
        if product in found:
            raise typer.BadParameter(f"{product} is named twice")
        found[product] = int(number)
    return found


def _data(sheet: AgreementSheet) -> dict[str, Any]:
    row = sheet.agreement
    keys = [
        {
            "keyid": key.keyid,
            "kind": key.kind,
            "product_group": key.product_group,
            "first_group": key.first_group,
            "state": key.state,
            **figures(key),
        }
        for key in sheet.keys
    ]
    return {
        "licensing_id": row.licensing_id,
        "organization_id": row.organization_id,
        "program": row.program,
        "level": row.level,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "licenses": row.licenses,
        "rights": sheet.program.right_numbers,
        "keys_shown": sheet.program.shows_keys,
        "used_by": list(sheet.used_by),
        "keys": keys,
    }


def _lines(ui: Ui, sheet: AgreementSheet) -> None:
    row = sheet.agreement
    level = f", level {row.level}" if row.level else ""
    span = f"{row.valid_from or 'no first day'} to {row.valid_until or 'no last day'}"
    ui.line(f"{row.licensing_id}   {row.program}{level}   {span}   of {row.organization_id}")
    for product, number in row.licenses.items():
        ui.line(f"  {number:>7} license{'' if number == 1 else 's'} of {product}")
    ui.line(f"  rights: {', '.join(_right(name, number) for name, number in sheet.program.right_numbers.items())}")
    if not sheet.program.shows_keys:
        ui.line("  the activation center alone gives its keys out: volact service center")
    if sheet.used_by:
        ui.line(f"  its keys may be used by {', '.join(sheet.used_by)} too")
    if not sheet.keys:
        ui.line("  no key yet: volact service key issue")
        return
    ui.line()
    rows = [
        (f"{key.first_group}-...", key.keyid, key.kind, key.product_group, key.state, str(key.used), _left(key))
        for key in sheet.keys
    ]
    ui.table(("key", "keyid", "kind", "product group", "state", "used", "remaining"), rows, right=("used", "remaining"))


def _right(name: str, number: int | None) -> str:
    return name if number is None else f"{name} ({number} {'copy' if number == 1 else 'copies'})"


def _left(key: KeyRow) -> str:
    remaining = figures(key)["remaining"]
    return "" if remaining is None else str(remaining)
