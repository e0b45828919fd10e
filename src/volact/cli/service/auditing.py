"""`volact service audit`: whether the record is what its log says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.checkpoints import checkpoint_in
from volact.cli.service.desk import Dir
from volact.cli.ui import Ui
from volact.credential.encoding import b64
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.usecases.restores import Restore
from volact.service.usecases.verifying import verify

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
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
    texts = [checkpoint_in(path) for path in kept or ()]
    with opened(Folder(folder)) as service:
        found = verify(service, kept=texts)
    data = {
        "size": found.size,
        "root": b64(found.root),
        "checkpoints": found.checkpoints,
        "entries": found.entries,
        "waiting": found.waiting,
        "erased": found.erased,
        "restores": [
            {
                "entry": each.entry,
                "at": words.time(each.at),
                "backup_at": words.time(each.backup_at),
                "log_size": each.log_size,
                "missing": each.missing,
            }
            for each in found.restores
        ],
        "fits": True,
    }
    elsewhere = f" and {len(texts)} kept elsewhere" if texts else ""
    fit = f"fit the log of {found.size} entries, none of which was changed, removed or added"
    lines = [f"● checkpoints: {found.checkpoints} on record{elsewhere} {fit}"]
    lines += [f"  younger than the newest checkpoint, and proved by none: {found.waiting}"] if found.waiting else []
    lines += [f"  erased, so that their hashes alone are left: {found.erased}"] if found.erased else []
    lines += [f"  {_said(each)}" for each in found.restores]
    ui.result(data, lines)


def _said(restore: Restore) -> str:
    lost = "not known" if restore.missing is None else str(restore.missing)
    return (
        f"entry {restore.entry}: restored on {words.date(restore.at)} from a backup with {restore.log_size} entries;"
        f" missing since: {lost}"
    )
