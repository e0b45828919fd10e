"""Groups of commands that load a command's file only when it is called, so that each one starts fast."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup

from volact.errors import Refusal, Refused

JSON_EVERYWHERE = "With --json, anywhere after `volact`: one JSON object on stdout, talk on stderr."


def lazy_group(places: Mapping[str, tuple[str, str]]) -> type[TyperGroup]:
    """A group of the commands in `places`: name to (module that holds its `app`, what it is in a line)."""

    class Lazy(TyperGroup):
        """Finds a command in its own file."""

        def list_commands(self, ctx: Any) -> list[str]:
            """The names of all commands."""
            return list(places)

        def get_command(self, ctx: Any, name: str) -> Any:
            """The command of that name, or None."""
            if name not in places:
                return None
            command: Any = typer.main.get_command(_load(places[name][0], name))
            command.name, command.short_help = name, places[name][1]
            _tell_of_json(command)
            return command

    return Lazy


def _load(place: str, name: str) -> typer.Typer:
    try:
        found: typer.Typer = importlib.import_module(place).app
    except ModuleNotFoundError as err:
        if (err.name or "volact").startswith("volact"):
            raise
        return _without_extra(name)
    return found


def _tell_of_json(command: Any) -> None:
    """Every help page says what every command takes."""
    command.epilog = JSON_EVERYWHERE
    for each in getattr(command, "commands", {}).values():
        _tell_of_json(each)


def _without_extra(name: str) -> typer.Typer:
    """What stands for a command whose extra is not installed."""
    absent = typer.Typer(add_completion=False, rich_markup_mode=None)

    @absent.command(name, context_settings={"ignore_unknown_options": True})
    def say(words: list[str] = typer.Argument(None)) -> None:
        """Says which extra is missing."""
        raise Refused(Refusal("extra_missing", f"`volact {name}` needs the extra: pip install 'volact[{name}]'"))

    return absent
