"""`volact fleet`: many computers of an organization at once, one file for the verbs of one subject."""

from __future__ import annotations

import typer

from volact.cli.lazy import lazy_group

VERBS = {"proxy": (f"{__name__}.proxy", "One file for the requests of computers that reach no network.")}

app = typer.Typer(
    cls=lazy_group(VERBS),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Many computers at once: bundles for those without a network.",
)


@app.callback()
def fleet() -> None:
    """Many computers at once: bundles for those without a network."""
