"""`volact service center`: what a person at the activation center does, on record with caller, proof and reason."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.centercases import cases
from volact.cli.service.centerconfirm import confirm
from volact.cli.service.desk import Dir, KeyId, at_desk, id_of
from volact.cli.service.keysheet import ended, key_told
from volact.cli.ui import Ui
from volact.service.ports import Call
from volact.service.usecases.center import block_key, free_slot, give_key, raise_allowance
from volact.service.usecases.keys import Order

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

# None of these is required by the parser: a missing one is refused by its own code, as an empty one is.
Caller = Annotated[str, typer.Option("--caller", help="Who called.", show_default=False)]
Proof = Annotated[str, typer.Option("--proof", help="What was shown: agreement details, purchase.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why.", show_default=False)]
LicensingId = Annotated[str, typer.Option("--licensing-id", metavar="L")]
Product = Annotated[str, typer.Option("--product")]


@app.callback()
def center() -> None:
    """Acts of the activation center, each recorded with caller, proof and reason."""


@app.command("setup-key")
def setup_key(
    ctx: typer.Context,
    folder: Dir,
    licensing_id: LicensingId,
    product: Product,
    caller: Caller = "",
    proof: Proof = "",
    reason: Reason = "",
) -> None:
    """Gives out the setup key of a product."""
    order = Order(licensing_id=licensing_id, product=product, kind="setup")
    _give(ctx.obj, folder, order=order, call=Call(caller, proof, reason))


@app.command("mak")
def mak(
    ctx: typer.Context,
    folder: Dir,
    licensing_id: LicensingId,
    product: Product,
    caller: Caller = "",
    proof: Proof = "",
    reason: Reason = "",
) -> None:
    """Gives out the multiple activation key of a product."""
    order = Order(licensing_id=licensing_id, product=product, kind="mak")
    _give(ctx.obj, folder, order=order, call=Call(caller, proof, reason))


@app.command("host-key")
def host_key(
    ctx: typer.Context,
    folder: Dir,
    licensing_id: LicensingId,
    product: Product,
    caller: Caller = "",
    proof: Proof = "",
    reason: Reason = "",
) -> None:
    """Gives out the host key that serves a product."""
    order = Order(licensing_id=licensing_id, product=product, kind="host")
    _give(ctx.obj, folder, order=order, call=Call(caller, proof, reason))


app.command("confirm")(confirm)
app.command("cases")(cases)


@app.command("raise")
def raise_(
    ctx: typer.Context,
    folder: Dir,
    keyid: KeyId,
    activations: Annotated[int, typer.Option("--activations", min=0, help="In all, not added.")],
    caller: Caller = "",
    proof: Proof = "",
    reason: Reason = "",
) -> None:
    """Raises how many activations, or hosts, a key allows."""
    ui: Ui = ctx.obj
    call = Call(caller, proof, reason)
    with at_desk(folder) as desk:
        row = raise_allowance(desk.service, id_of(keyid), activations=activations, call=call, act=desk.act)
    ui.result(key_told(row), [f"{row.keyid} allows {row.allowance}, {row.remaining} of them left"])


@app.command("free-slot")
def free(
    ctx: typer.Context,
    folder: Dir,
    keyid: KeyId,
    host_id: Annotated[str, typer.Argument(metavar="HOST_ID", show_default=False)],
    caller: Caller = "",
    proof: Proof = "",
    reason: Reason = "",
) -> None:
    """Frees the slot of a host for another one."""
    ui: Ui = ctx.obj
    call = Call(caller, proof, reason)
    with at_desk(folder) as desk:
        row = free_slot(desk.service, id_of(keyid), host_id=id_of(host_id), call=call, act=desk.act)
    lines = [
        f"the slot of {id_of(host_id)} is free: {row.used} of {row.allowance} hosts of {row.keyid} are set up",
        "  the host renews nothing any more; the leases that it gave run to their end",
    ]
    ui.result(key_told(row) | {"host_id": id_of(host_id)}, lines)


@app.command("block")
def block(
    ctx: typer.Context,
    folder: Dir,
    keyid: KeyId,
    revoke: Annotated[bool, typer.Option("--revoke", help="What it gave ends too, after its grace.")] = False,
    caller: Caller = "",
    proof: Proof = "",
    reason: Reason = "",
) -> None:
    """Blocks a key that leaked."""
    ui: Ui = ctx.obj
    call = Call(caller, proof, reason)
    with at_desk(folder) as desk:
        row = block_key(desk.service, id_of(keyid), revoked=revoke, call=call, act=desk.act)
    ui.result(key_told(row), [ended(row)])


def _give(ui: Ui, folder: Path, *, order: Order, call: Call) -> None:
    with at_desk(folder) as desk:
        given = give_key(desk.service, order, call=call, act=desk.act)
    row = given.row
    age = "issued now" if given.issued else "the agreement's own"
    about = f"  {row.kind} key for {row.product_group}, {row.licensing_id}, {age}; recorded for {call.caller.strip()}"
    ui.result(
        key_told(row) | {"key": given.key, "issued": given.issued},
        [f"{given.key}   {row.keyid}", about],
    )
