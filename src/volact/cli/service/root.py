"""`volact service root`: the chain of trust."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk, passphrase_of
from volact.cli.ui import Ui
from volact.service.opening import PASSPHRASE_FILE, read_root_keys
from volact.service.usecases.roots import rotate

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def root() -> None:
    """The chain of trust."""


@app.command("rotate")
def rotate_root(
    ctx: typer.Context,
    folder: Dir,
    keys: Annotated[Path, typer.Option("--keys", help="The folder that the root keys were exported to.")],
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="Opens the root keys.", exists=True, dir_okay=False)
    ] = None,
    compromised: Annotated[
        list[str] | None, typer.Option("--compromised", metavar="KID", help="Marks a key for ever; may be repeated.")
    ] = None,
) -> None:
    """Publishes the next root version with fresh issuing keys; those of before are retired and never removed."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        signers = read_root_keys(keys, passphrase_of(passphrase_file) or _asked(ui, keys))
        done = rotate(desk.service, signers, compromised=compromised or (), act=desk.act)
    data = {
        "version": done.version,
        "fresh": list(done.fresh),
        "retired": list(done.retired),
        "compromised": list(done.compromised),
    }
    lines = [f"root version {done.version} is published; programs take it over at their next contact"]
    for word, kids in (("fresh", done.fresh), ("retired", done.retired), ("compromised", done.compromised)):
        lines += [f"  {word:<12} {kid}" for kid in kids]
    ui.result(data, lines)


def _asked(ui: Ui, keys: Path) -> str | None:
    if ui.json or not sys.stdin.isatty() or (keys / PASSPHRASE_FILE).exists():
        return None
    return ui.read_secret("-", "Passphrase of the root keys: ")
