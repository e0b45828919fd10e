"""`volact service key`: product keys."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, KeyId, at_desk, id_of
from volact.cli.service.keysheet import allowed, ended, key_data, key_lines, key_told
from volact.cli.ui import Ui
from volact.licensing.catalog import KINDS
from volact.service.usecases.keys import MOST_KEYS, IssuedKey, Order, block, change_allowance, issue
from volact.service.usecases.showing import key_sheet

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Kind = StrEnum("Kind", [(kind.upper(), kind) for kind in KINDS])  # type: ignore[misc]


@app.callback()
def key() -> None:
    """Product keys."""


@app.command("issue")
def issue_keys(
    ctx: typer.Context,
    folder: Dir,
    licensing_id: Annotated[str, typer.Option("--licensing-id", metavar="L")],
    product: Annotated[str, typer.Option("--product", help="A product; the key carries its product group.")],
    kind: Annotated[Kind, typer.Option("--kind")],
    activations: Annotated[int | None, typer.Option("--activations", min=0, help="Else what the program says.")] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, max=MOST_KEYS, help="That many keys at once.")] = None,
) -> None:
    """Issues a key and shows it this once; the record keeps it sealed."""
    ui: Ui = ctx.obj
    order = Order(
        licensing_id=licensing_id, product=product, kind=str(kind.value), activations=activations, count=count or 1
    )
    with at_desk(folder) as desk:
        issued = issue(desk.service, order, act=desk.act)
    listed = [{"key": each.key, "keyid": each.row.keyid} for each in issued]
    data = key_told(issued[0].row) | listed[0]
    if count is not None:  # what holds for all of them, and each by itself
        data = {name: value for name, value in data.items() if name not in listed[0]} | {"keys": listed}
    ui.result(data, _lines(issued))


@app.command("show")
def show(ctx: typer.Context, folder: Dir, keyid: KeyId) -> None:
    """Shows what a key allows, what was taken from it, and what was done to it."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        sheet = key_sheet(desk.service, id_of(keyid))
    ui.result(key_data(sheet), lambda face: key_lines(face, sheet, now=desk.act.now))


@app.command("set")
def change(
    ctx: typer.Context,
    folder: Dir,
    keyid: KeyId,
    activations: Annotated[int, typer.Option("--activations", min=0, help="Activations, or hosts of a host key.")],
    reason: Annotated[str, typer.Option("--reason", help="Kept on record.")],
) -> None:
    """Sets how many activations, or hosts, a key allows; never below what is used."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        row = change_allowance(desk.service, id_of(keyid), activations=activations, reason=reason, act=desk.act)
    ui.result(key_told(row), [f"{row.keyid} allows {row.allowance}, {row.remaining} of them left"])


@app.command("block")
def block_key(
    ctx: typer.Context,
    folder: Dir,
    keyid: KeyId,
    revoke: Annotated[bool, typer.Option("--revoke", help="What it gave ends too, after its grace.")] = False,
) -> None:
    """Blocks a key: nothing new is given for it."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        row = block(desk.service, id_of(keyid), revoked=revoke, act=desk.act)
    ui.result(key_told(row), [ended(row)])


def _lines(issued: tuple[IssuedKey, ...]) -> list[str]:
    row = issued[0].row
    about = f"  {row.kind} key for {row.product_group}, {allowed(row)}, {row.licensing_id}, {words.date(row.at)}"
    return [f"{each.key}   {each.row.keyid}" for each in issued] + [about, "  shown this once; the record is sealed"]
