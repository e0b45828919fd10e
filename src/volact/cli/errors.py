"""`volact errors [CODE]`: every code with its title, cause, fix and HTTP status."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from volact.cli.ui import Ui
from volact.errors import CODES, Code, Refusal, Refused

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def errors(ctx: typer.Context, code: str | None = typer.Argument(None, help="One code; without it, all.")) -> None:
    """Every code: title, cause, fix, HTTP status."""
    ui: Ui = ctx.obj
    if code is not None and code not in CODES:
        raise Refused(Refusal("unknown_code", f'there is no code "{code}"'))
    chosen = list(CODES.values()) if code is None else [CODES[code]]
    rows = [
        {"code": each.name, "title": each.title, "cause": each.cause, "fix": each.fix, "status": each.status}
        for each in chosen
    ]
    ui.result({"codes": rows}, [line for each in chosen for line in _lines(each)])


def _lines(code: Code) -> Iterator[str]:
    yield f"{code.name}   {code.title}   (HTTP {code.status})"
    yield f"  cause  {code.cause}"
    yield f"  fix    {code.fix}"
