"""`volact service init`: a new publisher."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, by_whom, passphrase_of
from volact.cli.ui import Ui
from volact.errors import Refusal, Refused
from volact.licensing.catalogfile import read_catalog_text
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.ledger.connection import Database
from volact.service.opening import ROOT_KEYS, Export, Initialized, initialize
from volact.service.ports import Act
from volact.service.usecases.founding import Founding

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("init")
def init(
    ctx: typer.Context,
    folder: Dir,
    publisher: Annotated[str, typer.Option("--id", help="The publisher's id, a DNS name like acme.example.")],
    name: Annotated[str, typer.Option("--name", help="The publisher's name for people.")],
    catalog: Annotated[Path, typer.Option("--catalog", help="What is sold: a TOML file.", exists=True, dir_okay=False)],
    export: Annotated[Path | None, typer.Option("--export", help="Where the root keys go (DIR/root-keys).")] = None,
    threshold: Annotated[
        int, typer.Option("--threshold", min=1, max=ROOT_KEYS, help="How many root keys have to sign a root.")
    ] = 1,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="Protects the root keys.", exists=True, dir_okay=False)
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", metavar="URL", help="An empty PostgreSQL database for the record.")
    ] = None,
) -> None:
    """Makes root keys, signing keys, database, and the first catalog; prints the pin that products compile in."""
    ui: Ui = ctx.obj
    clock, founding = SigningClock(), Founding(publisher, name, threshold)
    made = initialize(
        Folder(folder),
        founding,
        catalog=read_catalog_text(catalog.read_bytes(), catalog.name),
        export=Export(export, passphrase_of(passphrase_file) or _asked(ui)),
        act=Act(by_whom(), clock.now()),
        database=None if database is None else Database(database),
        clock=clock,
    )
    _warn(ui, folder, made=made)
    _tell(ui, folder, founding=founding, made=made)


def _tell(ui: Ui, folder: Path, *, founding: Founding, made: Initialized) -> None:
    data = {
        "publisher": founding.publisher,
        "pin": made.pin,
        "export": str(made.export),
        "passphrase_file": str(made.passphrase_file) if made.passphrase_file else None,
    }
    lines = [
        f"{founding.name.strip()} ({founding.publisher}) is set up in {folder}",
        f"  pin        {made.pin}",
        f"  root keys  {made.export}   {ROOT_KEYS} keys, {founding.threshold} needed to sign",
        f"  next       volact service organization add {folder} NAME",
    ]
    ui.result(data, lines)


def _asked(ui: Ui) -> str | None:
    """A passphrase typed twice at a terminal, else None."""
    if ui.json or not sys.stdin.isatty():
        return None
    first = ui.read_secret("-", "Passphrase for the root keys: ")
    if not first or first != ui.read_secret("-", "The same again: "):
        raise Refused(Refusal("usage", "the two passphrases differ, or are empty"))
    return first


def _warn(ui: Ui, folder: Path, *, made: Initialized) -> None:
    if made.passphrase_file:
        detail = f"a passphrase was drawn and written to {made.passphrase_file}, beside the keys"
        ui.warn(Refusal("passphrase_beside_keys", detail))
    if made.export.resolve().is_relative_to(folder.resolve()):
        ui.warn(Refusal("root_keys_online", f"the root keys lie in {made.export}"))
