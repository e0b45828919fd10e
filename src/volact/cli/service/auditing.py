"""`volact service audit`: what was done, whether the record is what its log says, and erasing what an entry says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.checkpoints import checkpoint_in
from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import Ui
from volact.credential.encoding import b64
from volact.service.config import Folder
from volact.service.ledger.rows import AuditRow
from volact.service.opening import opened
from volact.service.usecases import erasing
from volact.service.usecases.erasing import Wanted
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
Least = Annotated[int, typer.Option("--after", metavar="ENTRY", min=0, help="Younger than this one.")]
Subject = Annotated[str | None, typer.Option("--subject", metavar="S", help="On this subject alone, like a keyid.")]
Naming = Annotated[str | None, typer.Option("--naming", metavar="TEXT", help="With this text anywhere in them.")]
LISTED = 100


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


@app.command("list")
def list_entries(
    ctx: typer.Context, folder: Dir, after: Least = 0, subject: Subject = None, naming: Naming = None
) -> None:
    """Lists what was done, the first act first, a hundred entries at a time."""
    ui: Ui = ctx.obj
    with opened(Folder(folder)) as service:
        found = erasing.listed(service, Wanted(after, subject, naming), most=LISTED + 1)
    rows, more = found[:LISTED], len(found) > LISTED
    shown = [
        {
            "entry": row.entry,
            "at": words.time(row.at),
            "who": row.who,
            "act": row.act,
            "subject": row.subject,
            "detail": json.loads(row.detail),
        }
        for row in rows
    ]
    ui.result({"entries": shown, "next": rows[-1].entry if more else None}, lambda face: _listed(face, rows, more=more))


@app.command("erase")
def erase(
    ctx: typer.Context,
    folder: Dir,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="Its number.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help="Kept on record: do not name whom it is about.")],
) -> None:
    """Erases what an entry says, and whom it names; its number, time, act and hash stay, so that every proof holds."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        was = erasing.erase(desk.service, entry, reason=reason, act=desk.act)
    done = f"entry {entry} is erased: its number, time, act and hash are left"
    lines = [done, "  backups made before hold it still"] if was else [f"entry {entry} was erased before"]
    ui.result({"entry": entry, "erased": True, "before": not was}, lines)


def _listed(ui: Ui, rows: tuple[AuditRow, ...], *, more: bool) -> None:
    if not rows:
        ui.line("no entries")
        return
    shown = [
        (
            str(row.entry),
            words.time(row.at) or "",
            row.who,
            row.act,
            row.subject,
            "" if row.detail == "{}" else row.detail,
        )
        for row in rows
    ]
    ui.table(("entry", "at", "who", "act", "subject", "detail"), shown, right=("entry",))
    if more:
        ui.line(f"  there are more: --after {rows[-1].entry}")


def _said(restore: Restore) -> str:
    lost = "not known" if restore.missing is None else str(restore.missing)
    return (
        f"entry {restore.entry}: restored on {words.date(restore.at)} from a backup with {restore.log_size} entries;"
        f" missing since: {lost}"
    )
