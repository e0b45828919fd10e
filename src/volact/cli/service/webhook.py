"""`volact service webhook`: who is told what happens, and whether it arrived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from volact.cli import ui as words
from volact.cli.service.desk import Dir, at_desk, id_of
from volact.cli.ui import Ui
from volact.errors import Refusal, Refused
from volact.service.config import Folder
from volact.service.ledger.deliveries import Told
from volact.service.ledger.rows import WebhookRow
from volact.service.opening import opened
from volact.service.usecases import webhooks
from volact.service.usecases.telling import TYPES
from volact.service.webhooks.targets import read_target

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Id = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id.", show_default=False)]
_SHOWN = 40


@app.callback()
def webhook() -> None:
    """Who is told what happens, and whether it arrived."""


@app.command("add")
def add(
    ctx: typer.Context,
    folder: Dir,
    url: Annotated[str, typer.Argument(metavar="URL", show_default=False)],
    event: Annotated[
        list[str] | None, typer.Option("--event", metavar="TYPE", help="A type of event, else all; may be repeated.")
    ] = None,
    description: Annotated[str, typer.Option("--description", metavar="TEXT", help="Whose it is.")] = "",
) -> None:
    """Adds a webhook and shows its secret this once; the record keeps it sealed."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        given = webhooks.add_webhook(desk.service, url, types=event or (), description=description, act=desk.act)
    lines = [given.secret, f"  {given.row.webhook_id}, shown this once; the record is sealed"]
    target = read_target(url)
    if not target.is_public:
        lines.append(f"  next  volact service run {folder} --webhook-allow {target.authority}")
    ui.result(_data(given.row) | {"secret": given.secret}, lines)


@app.command("list")
def show(ctx: typer.Context, folder: Dir) -> None:
    """Lists the webhooks."""
    ui: Ui = ctx.obj
    with opened(Folder(folder)) as service:
        rows = webhooks.webhooks_of(service)
    ui.result({"webhooks": [_data(row) for row in rows]}, lambda face: _listed(face, rows))


@app.command("remove")
def remove(ctx: typer.Context, folder: Dir, webhook_id: Id) -> None:
    """Takes a webhook away, with what waits for it."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        row = webhooks.remove_webhook(desk.service, id_of(webhook_id), act=desk.act)
    ui.result({"webhook_id": row.webhook_id}, [f"{row.webhook_id} is removed; nothing more is sent to it"])


@app.command("pause")
def pause(ctx: typer.Context, folder: Dir, webhook_id: Id) -> None:
    """Sends nothing to a webhook until it is resumed; what happens meanwhile waits."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        row = webhooks.pause_webhook(desk.service, id_of(webhook_id), act=desk.act)
    ui.result(_data(row), [f"{row.webhook_id} is {row.state}"])


@app.command("resume")
def resume(ctx: typer.Context, folder: Dir, webhook_id: Id) -> None:
    """Sends to a webhook again that was paused, or disabled since it answered 410."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        row = webhooks.resume_webhook(desk.service, id_of(webhook_id), act=desk.act)
    ui.result(_data(row), [f"{row.webhook_id} is {row.state}"])


@app.command("rotate")
def rotate(ctx: typer.Context, folder: Dir, webhook_id: Id) -> None:
    """Gives a webhook a new secret and shows it this once; the old one signs too for 24 hours."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        given = webhooks.rotate_secret(desk.service, id_of(webhook_id), act=desk.act)
    until = words.time(given.row.before_until)
    about = f"  {given.row.webhook_id}, shown this once; the secret before signs too until {until}"
    ui.result(_data(given.row) | {"secret": given.secret, "before_until": until}, [given.secret, about])


@app.command("deliveries")
def deliveries(
    ctx: typer.Context,
    folder: Dir,
    webhook_id: Id,
    failed: Annotated[bool, typer.Option("--failed", help="Those alone that were given up.")] = False,
) -> None:
    """Lists what was sent to a webhook, or waits for it, the newest event first; kept for 30 days."""
    ui: Ui = ctx.obj
    with opened(Folder(folder)) as service:
        told = webhooks.deliveries_of(service, id_of(webhook_id), state="failed" if failed else None)
    ui.result({"deliveries": [_delivery(each) for each in told]}, lambda face: _sent(face, told))


@app.command("replay")
def replay(
    ctx: typer.Context,
    folder: Dir,
    webhook_id: Id,
    event_id: Annotated[str | None, typer.Argument(metavar="[EVENT]", show_default=False)] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="All from a time on, like 2026-11-24T08:00:00Z.")
    ] = None,
) -> None:
    """Delivers an event once more, or all from a time on, delivered or not, under the ids that they had."""
    ui: Ui = ctx.obj
    if (event_id is None) == (since is None):
        raise Refused(Refusal("usage", "an event's id, or --since TIME, says what is delivered once more"))
    with at_desk(folder) as desk:
        if event_id is not None:
            webhooks.replay_delivery(desk.service, id_of(webhook_id), event_id=event_id, act=desk.act)
            number = 1
        else:
            number = webhooks.replay_since(desk.service, id_of(webhook_id), since=_time(since or ""), act=desk.act)
    ui.result({"deliveries": number}, [f"to be delivered once more: {number}"])


@app.command("test")
def test(ctx: typer.Context, folder: Dir, webhook_id: Id) -> None:
    """Has the running service deliver an event of type `ping`."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        event_id = webhooks.ping_webhook(desk.service, id_of(webhook_id), act=desk.act)
    next_step = f"  next  volact service webhook deliveries {folder} {id_of(webhook_id)}"
    ui.result({"event_id": event_id}, [f"{event_id} waits for the running service", next_step])


def _data(row: WebhookRow) -> dict[str, Any]:
    return {
        "webhook_id": row.webhook_id,
        "url": row.url,
        "description": row.description,
        "types": list(row.types or TYPES),
        "state": row.state,
        "at": words.time(row.at),
    }


def _delivery(told: Told) -> dict[str, Any]:
    row = told.row
    return {
        "event_id": row.event_id,
        "type": told.type,
        "at": words.time(row.at),
        "state": row.state,
        "attempts": row.attempts,
        "next_at": words.time(row.next_at) if row.state == "waiting" else None,
        "last_at": words.time(row.last_at),
        "last_status": row.last_status,
        "last_error": row.last_error,
    }


def _listed(ui: Ui, rows: tuple[WebhookRow, ...]) -> None:
    if not rows:
        ui.line("no webhook is told anything")
        return
    lines = [(row.webhook_id, row.state, row.url, ", ".join(row.types) or "all", row.description) for row in rows]
    ui.table(("webhook", "state", "url", "events", "description"), lines)


def _sent(ui: Ui, told: tuple[Told, ...]) -> None:
    if not told:
        ui.line("there is nothing that it was told, or is to be told")
        return
    lines = [
        (
            each.row.event_id,
            each.type,
            words.time(each.row.at) or "",
            each.row.state,
            str(each.row.attempts),
            each.row.last_error or str(each.row.last_status or "-"),
        )
        for each in told[:_SHOWN]
    ]
    ui.table(("event", "type", "at", "state", "tries", "answer"), lines, right=("tries",))
    if len(told) > _SHOWN:
        ui.line(f"  the newest {_SHOWN} of {len(told)}; --json gives them all")


def _time(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as err:
        raise Refused(Refusal("usage", f'"{text}" is not a time like 2026-11-24T08:00:00Z')) from err
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
