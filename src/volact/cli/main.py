"""The command `volact`: finds the command's file, runs it, and turns what it raises into exit codes.

Exit codes: 0 done, 1 refused with a code, 2 wrong usage. `--json` may stand anywhere after `volact`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from volact.cli.ui import Ui
from volact.errors import Refusal, Refused, VolactError

# Every wrong usage; typer gives the class no public name, but BadParameter is one of its kinds.
UsageError: Any = typer.BadParameter.__mro__[1]
COMMANDS = {
    "service": ("volact.cli.service", "the publisher's side: keys, agreements, activations"),
    "host": ("volact.cli.host", "the activation host in an organization's network"),
    "client": ("volact.cli.client", "a computer: its products and how they are licensed"),
    "errors": ("volact.cli.errors", "every code: title, cause, fix, HTTP status"),
    "doctor": ("volact.cli.doctor", "every check an administrator would make"),
}


class Faces(TyperGroup):
    """Loads a command's file only when that command is called, so that each one starts fast."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:
        """The command of that name, or None."""
        if name not in COMMANDS:
            return None
        place, short = COMMANDS[name]
        try:
            found = importlib.import_module(place).app
        except ModuleNotFoundError as err:
            if (err.name or "volact").startswith("volact"):
                raise
            found = _without_extra(name)
        command: Any = typer.main.get_command(found)
        command.short_help = short
        return command


def _without_extra(name: str) -> typer.Typer:
    """What stands for a command whose extra is not installed."""
    absent = typer.Typer(add_completion=False)

    @absent.command(name, context_settings={"ignore_unknown_options": True})
    def say(words: list[str] = typer.Argument(None)) -> None:
        """Says which extra is missing."""
        raise Refused(Refusal("usage", f"`volact {name}` needs the extra: pip install 'volact[{name}]'"))

    return absent


app = typer.Typer(
    cls=Faces,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
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
        return int(command.main(words, prog_name="volact", standalone_mode=False, obj=ui) or 0)
    except VolactError as err:
        ui.refuse(err.refusal)
        return 2 if err.code == "usage" else 1
    except UsageError as err:
        return _misused(err, ui)
    except (typer.Abort, KeyboardInterrupt):
        ui.talk("stopped; nothing half done is left, and the same command goes on from here")
        return 130
    except BrokenPipeError:
        return 1


def _misused(err: Any, ui: Ui) -> int:
    if ui.json:
        ui.refuse(Refusal("usage", err.format_message()))
    else:
        where = err.ctx.command_path if err.ctx else "volact"
        ui.talk(f"error: {err.format_message()}\nhint:  {where} --help")
    return 2
