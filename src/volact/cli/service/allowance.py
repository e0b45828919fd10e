"""`volact service allowance`: how many activations a key gets, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import Ui
from volact.service.usecases.allowances import allowance_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("allowance")
def show(
    ctx: typer.Context,
    folder: Dir,
    licensing_id: Annotated[str, typer.Option("--licensing-id", metavar="L")],
    product: Annotated[str, typer.Option("--product", help="A product with multiple activation keys.")],
) -> None:
    """Says how many activations a new multiple activation key gets, and why."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        grounds = allowance_of(desk.service, licensing_id, product=product)
    data = {
        "licensing_id": licensing_id,
        "product": product,
        "activations": grounds.activations,
        "because": [str(reason) for reason in grounds.because],
    }
    ui.result(data, [f"{grounds.activations} activations", *(f"  {reason}" for reason in grounds.because)])
