"""`volact service restore`: ledger and accounts of a backup into their place, and what was lost with the one before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli import ui as words
from volact.cli.service.checkpoints import checkpoint_in
from volact.cli.service.desk import Dir, File, by_whom
from volact.cli.service.files import counted
from volact.cli.ui import Ui
from volact.credential.publisher import read_publisher_file
from volact.service.backing import Order, Restored, restore
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.ledger.connection import Database
from volact.service.pages.accounts.keeping import lay_accounts
from volact.service.ports import Act

app = typer.Typer(add_completion=False, rich_markup_mode=None)
Replace = Annotated[bool, typer.Option("--replace", help="The ledger that is there is kept beside the restored one.")]
Seen = Annotated[
    list[Path] | None,
    typer.Option(
        "--seen",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A checkpoint kept elsewhere, or what `client status --why --json` shows; may be repeated.",
    ),
]
Roots = Annotated[
    Path | None,
    typer.Option(
        "--roots",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A publisher file with root versions that were signed after the backup.",
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Into an empty PostgreSQL database, of a folder with vault and seal.key alone; without a password.",
    ),
]
AGAIN = "issue, change, block and free again what was since; a computer whose activation is missing is given it again"


@app.command("restore")
def put_back(
    ctx: typer.Context,
    folder: Dir,
    file: File,
    replace: Replace = False,
    seen: Seen = None,
    roots: Roots = None,
    database: Where = None,
) -> None:
    """Puts ledger and accounts of a backup into DIR, whose vault is there; its versions go on 1,000 further."""
    ui: Ui = ctx.obj
    clock = SigningClock()
    texts = [checkpoint_in(path) for path in seen or ()]
    newer = read_publisher_file(roots.read_bytes()) if roots else None
    server = Database(database) if database is not None else None
    if server is not None:
        server.check()
    order = Order(file, replace=replace, seen=texts, roots=newer, database=server)
    done = restore(Folder(folder), order, lay=lay_accounts, act=Act(by_whom(), clock.now()), clock=clock)
    for warning in done.warnings:
        ui.warn(warning)
    header, resumed = done.header, done.resumed
    data = {
        "publisher": header.publisher,
        "backup_at": words.time(header.at),
        "log": {"size": header.log_size, "root": header.log_root},
        "versions": {"root": done.root, "catalog": resumed.catalog, "revocations": resumed.revocations},
        "missing": resumed.missing,
        "kept": done.kept.ledger,
        "kept_accounts": done.kept.accounts,
        "holds": header.rows,
        "accounts": header.accounts.people if header.accounts else None,
    }
    ui.result(data, _lines(folder, done))


def _lines(folder: Path, done: Restored) -> list[str]:
    header, resumed = done.header, done.resumed
    held = ", ".join(counted(header.rows))
    lines = [
        f"● {folder}   the ledger of {words.time(header.at)}: {held}",
        f"  goes on with catalog {resumed.catalog} and revocation list {resumed.revocations}",
        f"  {_lost(resumed.missing)}",
        f"  {AGAIN}",
    ]
    if header.accounts and header.accounts.people:
        lines.append(f"  {header.accounts.people} people sign in again, by passwords and second factors of the backup")
    before = (("ledger", done.kept.ledger), ("accounts", done.kept.accounts))
    return lines + [f"  the {what} before it is kept: {name}" for what, name in before if name]


def _lost(missing: int | None) -> str:
    if missing is None:
        return "how many entries came after it is not known; --seen tells, with a checkpoint that a computer kept"
    return f"entries that are known to have come after it, and are missing: {missing}"
