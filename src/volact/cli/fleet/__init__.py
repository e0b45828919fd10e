"""`volact fleet`: the organization's tool for many computers, one file for the verbs of one subject."""

from __future__ import annotations

import typer

from volact.cli.lazy import lazy_group

VERBS = {"proxy": (f"{__name__}.proxy", "Computers without a network, asked for from a connected place.")}

app = typer.Typer(
    cls=lazy_group(VERBS),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Many computers at once.",
)


@app.callback()
def fleet() -> None:
    """Many computers at once."""
