"""`volact service catalog`: what is sold by volume."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from volact.cli.service.desk import Dir, File, at_desk
from volact.cli.ui import Ui
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import read_catalog_text
from volact.service.usecases.catalogs import current_catalog, publish

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

_KEYS = {"all": "every product", "pool": "pools with a purchase", "purchase": "what was purchased"}


@app.callback()
def catalog() -> None:
    """What is sold by volume."""


@app.command("publish")
def publish_catalog(ctx: typer.Context, folder: Dir, file: File) -> None:
    """Signs the file as the next version; an edit that breaks what was issued is refused."""
    ui: Ui = ctx.obj
    read = read_catalog_text(file.read_bytes(), file.name)
    with at_desk(folder) as desk:
        version = publish(desk.service, read, act=desk.act)
    note = "  hosts take it over by `volact host update`, clients from whom they ask"
    ui.result({"version": version}, [f"{read.title}: version {version} is published", note])


@app.command("show")
def show(
    ctx: typer.Context,
    place: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="A service's folder, or a file.", exists=True)],
) -> None:
    """Shows the published catalog of a service, or a file after checking it."""
    ui: Ui = ctx.obj
    version: int | None = None
    if place.is_dir():
        with at_desk(place) as desk:
            published = current_catalog(desk.service)
        shown, version = published.catalog, published.version
    else:
        shown = read_catalog_text(place.read_bytes(), place.name)
    data = _data(shown, version)
    ui.result(data, lambda face: _lines(face, shown, data=data))


def _data(shown: Catalog, version: int | None) -> dict[str, Any]:
    products = [
        {
            "product": product.id,
            "name": product.name,
            "product_group": product.group,
            "pool": shown.product_groups[product.group].pool,
            "count_group": shown.product_groups[product.group].count_group,
            "kinds": list(product.kinds),
            "needs": product.needs,
            "version": product.version,
            "channels": list(product.channels),
            "downgrades": list(product.downgrades),
            "media": product.media,
            "key_on_media": product.key_on_media,
            "retired": product.retired,
        }
        for product in shown.products.values()
    ]
    programs = [
        {
            "program": program.id,
            "name": program.name,
            "keys": program.keys,
            "rights": program.right_numbers,
            "shows_keys": program.shows_keys,
            "levels": list(program.allowance.by_level),
            "retired": program.retired,
        }
        for program in shown.programs.values()
    ]
    return {
        "title": shown.title,
        "version": version,
        "products": products,
        "host_platforms": list(shown.host_platforms),
        "programs": list(shown.programs),
        "program_details": programs,
    }


def _lines(ui: Ui, shown: Catalog, *, data: dict[str, Any]) -> None:
    version = data["version"]
    ui.line(f"{shown.title}   {'a file' if version is None else f'version {version}'}")
    ui.line()
    _products(ui, data["products"])
    ui.line(f"host platforms  {', '.join(data['host_platforms']) or 'none'}")
    ui.line()
    programs = [
        (
            each["program"] + (" (retired)" if each["retired"] else ""),
            _KEYS[each["keys"]],
            " ".join(each["levels"]),
            "yes" if each["shows_keys"] else "by the center",
        )
        for each in data["program_details"]
    ]
    ui.table(("program", "gives keys for", "levels", "keys shown"), programs)


def _products(ui: Ui, products: list[dict[str, Any]]) -> None:
    """The products below their groups: ids are long, and have to stay whole on a line of 80 columns."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in products:
        groups.setdefault(each["product_group"], []).append(each)
    width = max(len(each["product"]) for each in products)
    for group, members in groups.items():
        counted = members[0]["count_group"]
        ui.line(f"{group}   pool {members[0]['pool']}" + (f", counts as {counted}" if counted else ""))
        for each in members:
            kinds = " ".join(each["kinds"]) or "no key"
            retired = "   retired" if each["retired"] else ""
            ui.line(f"  {each['product']:<{width}}  {kinds:<25}  {each['needs']}{retired}")
    ui.line()
