"""A key as `volact service key show` shows it: as data, and for people. The key itself is never in it."""

from __future__ import annotations

from typing import Any

from volact.cli import ui as words
from volact.cli.ui import Ui
from volact.licensing.agreements import day_of
from volact.service.usecases.showing import KeySheet

_SHOWN = 20
_DAY = 86_400  # seconds


def key_data(sheet: KeySheet) -> dict[str, Any]:
    """The key and everything on record of it."""
    key = sheet.key
    hosts = [
        {
            "host_id": host.slot.host_id,
            "dev": host.slot.dev,
            "reactivations_left": sheet.reactivations_left(host),
            "certificate_expires": words.time(host.certificate_expires),
        }
        for host in sheet.hosts
    ]
    activations = [
        {"activation_id": row.activation_id, "dev": row.dev, "channel": row.channel, "at": words.time(row.at)}
        for row in sheet.activations
    ]
    returning = [
        {"activation_id": row.activation_id, "at": words.time(row.at), "credited_at": words.time(row.credit_at)}
        for row in sheet.returning
    ]
    refused = [{"code": row.code, "day": day_of(row.day * _DAY), "times": row.times} for row in sheet.refused]
    history = [{"at": words.time(row.at), "who": row.who, "what": row.what, "why": row.why} for row in sheet.history]
    return {
        "keyid": key.keyid,
        "first_group": key.first_group,
        "licensing_id": key.licensing_id,
        "kind": key.kind,
        "product_group": key.product_group,
        "product": key.product,
        "state": key.state,
        "allowance": key.allowance,
        "used": key.used,
        "remaining": key.remaining,
        "hosts": hosts,
        "activations": activations,
        "returning": returning,
        "refused": refused,
        "history": history,
    }


def key_lines(ui: Ui, sheet: KeySheet, *, now: int) -> None:
    """The same for people; long lists are cut, and say so."""
    key = sheet.key
    mark = {"active": "●", "blocked": "!", "revoked": "!"}[key.state]
    ui.line(f"{key.first_group}-...   {key.keyid}   {mark} {key.state}")
    unit = "hosts" if key.kind == "host" else "activations"
    ui.line(f"  {key.kind} key for {key.product_group}, {key.licensing_id}")
    ui.line(f"  {key.used} of {key.allowance} {unit} used, {key.remaining} left")
    data = key_data(sheet)
    _list(ui, ("host", "computer", "re-activations left", "certificate until"), rows=data["hosts"])
    _list(ui, ("activation", "computer", "channel", "at"), rows=data["activations"])
    _list(ui, ("retired activation", "at", "comes back"), rows=data["returning"])
    _list(ui, ("refused", "on", "times"), rows=data["refused"])
    ui.line()
    for row in sheet.history:
        why = f"   ({row.why})" if row.why else ""
        ui.line(f"  {words.ago(now - row.at):<16} {row.who}   {row.what}{why}")


def _list(ui: Ui, columns: tuple[str, ...], *, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    ui.line()
    ui.table(columns, [tuple("" if cell is None else str(cell) for cell in row.values()) for row in rows[-_SHOWN:]])
    if len(rows) > _SHOWN:
        ui.line(f"  the newest {_SHOWN} of {len(rows)}; --json gives them all")
