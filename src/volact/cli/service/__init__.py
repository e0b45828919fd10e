"""`volact service`: the publisher's side, one file for the verbs of one subject, loaded when a verb of it is called."""

from __future__ import annotations

import importlib
from typing import Any

import nacl.signing  # noqa: F401 - of the extra `service`: where it is missing, `volact` says which extra is needed
import typer
from typer.core import TyperGroup

__all__ = ["VERBS", "app"]

VERBS = {
    "init": ("init", "a new publisher: root keys, signing keys, database"),
    "run": ("run", "the device API, until it is stopped"),
    "publisher-file": ("publisherfile", "the file that products and hosts start from"),
    "root": ("root", "the chain of trust"),
    "catalog": ("catalog", "what is sold by volume"),
    "organization": ("organization", "customers and their affiliates"),
    "agreement": ("agreement", "what customers agreed on"),
    "summary": ("summary", "an organization's Licensing IDs"),
    "key": ("key", "product keys"),
    "answer": ("answer", "the answer to a request that came as a file"),
    "clock": ("clock", "the clock that signatures are dated by"),
}


class Verbs(TyperGroup):
    """Finds a verb in its own file."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all verbs."""
        return list(VERBS)

    def get_command(self, ctx: Any, name: str) -> Any:
        """The verb of that name, or None."""
        if name not in VERBS:
            return None
        file, short = VERBS[name]
        command: Any = typer.main.get_command(importlib.import_module(f"{__name__}.{file}").app)
        command.name, command.short_help = name, short
        return command


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="The publisher's side: keys, agreements, activations.",
)


@app.callback()
def service() -> None:
    """The publisher's side: keys, agreements, activations."""
