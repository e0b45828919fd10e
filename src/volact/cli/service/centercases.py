"""`volact service center cases`: what callers could not do alone, and what customers asked for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk, id_of
from volact.cli.ui import Ui
from volact.errors import Refusal, Refused
from volact.service.ledger.cases import CaseRow
from volact.service.usecases.cases import EVERY, PENDING, cases_of, close_case, known_case, take_case


def cases(
    ctx: typer.Context,
    folder: Dir,
    *,
    case_id: Annotated[str | None, typer.Argument(metavar="[CASE]", show_default=False)] = None,
    take: Annotated[bool, typer.Option("--take", help="You take the case over.")] = False,
    close: Annotated[bool, typer.Option("--close", help="Closes the case; --reason says what became of it.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="What became of it.", show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all", help="Lists closed ones too.")] = False,
) -> None:
    """Lists the cases that wait for a person; shows, takes or closes one."""
    ui: Ui = ctx.obj
    if (take and close) or ((take or close) and case_id is None):
        raise Refused(Refusal("usage", "a case is named, and is taken or closed: CASE --take, or CASE --close"))
    with at_desk(folder) as desk:
        if case_id is None:
            rows = [row for _, row in cases_of(desk.service, states=EVERY if every else PENDING)]
            ui.result({"cases": [_data(row) for row in rows]}, lambda face: _table(face, rows))
            return
        if take:
            row = take_case(desk.service, id_of(case_id), act=desk.act)
        elif close:
            row = close_case(desk.service, id_of(case_id), reason=reason, act=desk.act)
        else:
            row = known_case(desk.service, id_of(case_id))
    ui.result(_data(row), _lines(row))


def _data(row: CaseRow) -> dict[str, Any]:
    return {
        "case_id": row.case_id,
        "at": words.time(row.at),
        "state": row.state,
        "channel": row.channel,
        "language": row.language,
        "groups": row.groups,
        "number": row.number,
        "keyid": row.keyid,
        "licensing_id": row.licensing_id,
        "taken_by": row.taken_by,
        "closed_at": words.time(row.closed_at),
        "reason": row.reason,
        "kind": row.kind,
        "organization_id": row.organization_id,
        "product": row.product,
        "wanted": row.wanted,
        "computer": row.computer,
        "asked": row.asked,
        "asked_by": row.asked_by,
        "outcome": row.outcome,
    }


def _lines(row: CaseRow) -> list[str]:
    whose = f"key {row.keyid} of {row.licensing_id}" if row.keyid else "no key is known"
    closed = f"closed as {row.stands}: {row.reason}" if row.reason else f"closed as {row.stands}"
    state = {"open": "open", "taken": f"taken by {row.taken_by}", "closed": closed}[row.state]
    if row.asked:
        return [
            f"{row.case_id}   {state}",
            f"  {words.time(row.at)}, {row.asked_by} of {row.organization_id} asks: {row.kind}, {whose}",
            f"  because  {row.asked}",
        ]
    return [
        f"{row.case_id}   {state}",
        f"  {words.time(row.at)}, language {row.language}, number ends in {row.number or '?'}, {whose}",
        f"  typed    {' '.join(row.groups) or 'nothing'}",
    ]


def _table(ui: Ui, rows: list[CaseRow]) -> None:
    if not rows:
        ui.line("no case waits for a person")
        return
    shown = [
        (
            row.case_id,
            words.time(row.at) or "",
            row.taken_by if row.state == "taken" and row.taken_by else row.state,
            row.kind,
            row.number or row.organization_id or "-",
            f"{len(row.groups)} of 8",
            row.keyid or "-",
        )
        for row in rows
    ]
    ui.table(("case", "at", "state", "kind", "from", "typed", "key"), shown)
