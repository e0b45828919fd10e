"""`volact service audit`: whether the record is what its log says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir
from volact.cli.ui import Ui
from volact.credential.encoding import b64
from volact.errors import Refusal, Refused
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.usecases.verifying import verify

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
LARGEST = 1024 * 1024  # bytes of a file with a checkpoint
From = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A checkpoint kept elsewhere, or what `client status --why --json` shows; may be repeated.",
    ),
]


@app.callback()
def audit() -> None:
    """What was done, and whether the record still says so."""


@app.command("verify")
def verify_log(ctx: typer.Context, folder: Dir, kept: From = None) -> None:
    """Computes the whole log anew from the audit, and compares it with every checkpoint that was signed."""
    ui: Ui = ctx.obj
    texts = [_checkpoint_in(path) for path in kept or ()]
    with opened(Folder(folder)) as service:
        found = verify(service, kept=texts)
    data = {
        "size": found.size,
        "root": b64(found.root),
        "checkpoints": found.checkpoints,
        "entries": found.entries,
        "waiting": found.waiting,
        "erased": found.erased,
        "fits": True,
    }
    elsewhere = f" and {len(texts)} kept elsewhere" if texts else ""
    fit = f"fit the log of {found.size} entries, none of which was changed, removed or added"
    lines = [f"● checkpoints: {found.checkpoints} on record{elsewhere} {fit}"]
    lines += [f"  younger than the newest checkpoint, and proved by none: {found.waiting}"] if found.waiting else []
    lines += [f"  erased, so that their hashes alone are left: {found.erased}"] if found.erased else []
    ui.result(data, lines)


def _checkpoint_in(path: Path) -> str:
    """The text of a checkpoint in a file: by itself, or in what a client's status shows."""
    with path.open("rb") as opened_file:
        text = opened_file.read(LARGEST).decode(errors="replace").strip()
    if not text.startswith("{"):
        return text
    try:
        found = json.loads(text)["log"]["checkpoint"]
    except (ValueError, KeyError, TypeError) as err:
        raise Refused(Refusal("usage", f"{path} holds no checkpoint")) from err
    if not isinstance(found, str):
        raise Refused(Refusal("usage", f"{path} holds no checkpoint"))
    return found
