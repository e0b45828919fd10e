"""`volact service media`: the folder that a product's media, or its download, is made from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.service.files import new_folder, put_file
from volact.cli.ui import Ui
from volact.service.sleeve import sleeve
from volact.service.sleevepage import sleeve_page
from volact.service.usecases.catalogs import publisher_file
from volact.service.usecases.granting import MediaOrder, make_media, record_delivery

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("media")
def media(
    ctx: typer.Context,
    folder: Dir,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Absent or empty.", show_default=False)],
    licensing_id: Annotated[str, typer.Option("--licensing-id", metavar="L")],
    product: Annotated[str, typer.Option("--product")],
    oem: Annotated[bool, typer.Option("--oem", help="For computers that the product is preinstalled on.")] = False,
    download: Annotated[bool, typer.Option("--download", help="The key lies beside a download.")] = False,
) -> None:
    """Writes publisher file, grant, and the sleeve with the key; the delivery is recorded in the key's history."""
    ui: Ui = ctx.obj
    order = MediaOrder(licensing_id=licensing_id, product=product, kind="oem" if oem else "setup")
    name = "key" if download else "sleeve"
    with at_desk(folder) as desk, new_folder(out) as staged:
        made = make_media(desk.service, order, act=desk.act)
        put_file(staged / "publisher.volact", publisher_file(desk.service)[0])
        put_file(staged / f"{made.product.id}.grant", made.grant.encode())
        put_file(staged / f"{name}.txt", sleeve(made, download=download).encode(), mode=0o600)
        put_file(staged / f"{name}.pdf", sleeve_page(made, download=download, at=desk.act.now), mode=0o600)
        how = "as a download" if download else "on media"
        record_delivery(desk.service, made, how=how, act=desk.act)
    files = ["publisher.volact", f"{made.product.id}.grant", f"{name}.txt", f"{name}.pdf"]
    data = {
        "folder": str(out),
        "product": made.product.id,
        "kind": order.kind,
        "keyid": made.row.keyid,
        "keyids": list(made.keyids),
        "left_out": made.left_out,
        "grant": made.jti,
        "files": files,
    }
    lines = [f"{out}   {made.product.name}: {', '.join(files)}"]
    lines += [f"  {name}.txt and {name}.pdf hold the key {made.row.keyid}; whoever reads it can use it"]
    if made.left_out:
        lines += [f"  {made.left_out} older keys are not listed: a grant holds {len(made.keyids)}"]
    ui.result(data, lines)
