"""The command `volact`: finds the command's file, runs it, and turns what it raises into exit codes.

Exit codes: 0 done, 1 refused with a code, 2 wrong usage. `--json` may stand anywhere after `volact`.
"""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer

from volact.cli.lazy import JSON_EVERYWHERE, lazy_group
from volact.cli.ui import Ui
from volact.errors import Refusal, VolactError

# Every wrong usage; typer gives the class no public name, but BadParameter is one of its kinds.
UsageError: Any = typer.BadParameter.__mro__[1]
STOPPED = 130  # the exit code of whoever is stopped by Ctrl-C
COMMANDS = {
    "service": ("volact.cli.service", "The publisher's side: keys, agreements, activations."),
    "host": ("volact.cli.host", "The activation host in an organization's network."),
    "client": ("volact.cli.client", "A computer: its products and how they are licensed."),
    "fleet": ("volact.cli.fleet", "Many computers at once."),
    "errors": ("volact.cli.errors", "Every code: title, cause, fix, HTTP status."),
    "doctor": ("volact.cli.doctor", "Every check an administrator would make."),
}


app = typer.Typer(
    cls=lazy_group(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog=JSON_EVERYWHERE,
    help="Volume activation for any software publisher: service, activation host, client.",
)


@app.callback()
def volact() -> None:
    """Volume activation for any software publisher: service, activation host, client."""


def main(argv: Sequence[str] | None = None) -> None:
    """Runs one command and ends the process with its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    words = [word for word in given if word != "--json"]
    sys.exit(run(words, Ui(as_json=len(words) < len(given))))


def run(words: list[str], ui: Ui) -> int:
    """Runs one command and gives its exit code."""
    command: Any = typer.main.get_command(app)
    try:
        code = int(command.main(words, prog_name="volact", standalone_mode=False, obj=ui) or 0)
        return _stopped(ui) if code == STOPPED else code  # typer makes that of Ctrl-C
    except VolactError as err:
        ui.refuse(err.refusal)
        return 2 if err.code == "usage" else 1
    except UsageError as err:
        return _misused(err, ui)
    except (typer.Abort, KeyboardInterrupt):
        return _stopped(ui)
    except BrokenPipeError:
        return 1
    except OSError as err:
        refusal = _of_system(err)
        try:
            ui.refuse(refusal)
        except OSError:  # it is the output itself that cannot be written
            ui.talk(f"error: the result could not be written, and what was done stays done: {refusal.detail}")
        return 1
    except Exception as err:  # a defect: said as one, and never as a page of code to somebody who cannot mend it
        where = traceback.extract_tb(err.__traceback__)[-1]
        ui.refuse(Refusal("internal", f"{type(err).__name__} at {where.name}, line {where.lineno}: {err}"))
        return 1


def _stopped(ui: Ui) -> int:
    ui.talk("stopped; nothing half done is left, and the same command goes on from here")
    return STOPPED


def _of_system(err: OSError) -> Refusal:
    """What the system said of a file, for the commands that had no better word for it."""
    where = f"{err.filename}: " if err.filename else ""
    if err.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Refusal("storage_full", f"{where}no room is left")
    if err.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Refusal("not_permitted", f"{where}{err.strerror}")
    return Refusal("internal", f"{where}{err.strerror or err}")


def _misused(err: Any, ui: Ui) -> int:
    bare = err.format_message().startswith("Usage:")  # nothing but the command's name was given: its help
    if ui.json:
        ui.refuse(Refusal("usage", "a command is missing" if bare else err.format_message()))
    elif bare:
        ui.talk(err.format_message())
    else:
        where = err.ctx.command_path if err.ctx else "volact"
        ui.talk(f"error: {err.format_message()}\nhint:  {where} --help")
    return 2
