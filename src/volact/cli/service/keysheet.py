"""A key as `volact service key show` shows it: as data, and for people. The key itself is never in it."""

from __future__ import annotations

from typing import Any

from volact.cli import ui as words
from volact.cli.ui import Ui
from volact.licensing.agreements import day_of
from volact.licensing.catalog import UNCOUNTED
from volact.service.ledger.given import GivenHost
from volact.service.ledger.rows import KeyRow
from volact.service.usecases.showing import KeySheet

_SHOWN = 20
_DAY = 86_400  # seconds


def figures(key: KeyRow) -> dict[str, Any]:
    """What a key allows, what was taken and what is left; a kind that counts nothing allows no number."""
    counted = key.kind not in UNCOUNTED
    return {
        "allowance": key.allowance if counted else None,
        "used": key.used,
        "remaining": key.remaining if counted else None,
    }


def key_told(key: KeyRow) -> dict[str, Any]:
    """What a verb that gave out or changed a key says of it."""
    return {
        "keyid": key.keyid,
        "licensing_id": key.licensing_id,
        "kind": key.kind,
        "product_group": key.product_group,
        "state": key.state,
        **figures(key),
    }


def ended(key: KeyRow) -> str:
    """What it means for people that a key was blocked or revoked."""
    follows = "what it gave ends after its grace" if key.state == "revoked" else "what it gave before goes on working"
    return f"{key.keyid} is {key.state}: {follows}"


def allowed(key: KeyRow) -> str:
    """What a key allows, in words: `50 activations`, `6 hosts`."""
    if key.kind in UNCOUNTED:
        return "counts nothing"
    unit = "host" if key.kind == "host" else "activation"
    return f"{key.allowance} {unit}{'' if key.allowance == 1 else 's'}"


def key_data(sheet: KeySheet) -> dict[str, Any]:
    """The key and everything on record of it."""
    key = sheet.key
    return {
        "keyid": key.keyid,
        "first_group": key.first_group,
        "licensing_id": key.licensing_id,
        "kind": key.kind,
        "product_group": key.product_group,
        "product": key.product,
        "state": key.state,
        **figures(key),
        "level": sheet.level,
        "forecast": {"per_day": sheet.forecast.per_day, "runs_out": sheet.forecast.runs_out}
        if sheet.forecast
        else None,
        **_given(sheet),
        "refused": [{"code": row.code, "day": day_of(row.day * _DAY), "times": row.times} for row in sheet.refused],
        "history": [
            {
                "at": words.time(row.at),
                "who": row.who,
                "what": row.what,
                "why": row.why,
                "caller": row.caller,
                "proof": row.proof,
            }
            for row in sheet.history
        ],
    }


def _given(sheet: KeySheet) -> dict[str, Any]:
    hosts, freed = ([host for host in sheet.hosts if host.slot.live == live] for live in (1, 0))
    return {
        "hosts": [
            _host(host) | {"reactivations_left": sheet.reactivations_left(host)} | _until(host) for host in hosts
        ],
        "freed_hosts": [_host(host) | _until(host) for host in freed],
        "activations": [
            {
                "activation_id": row.activation_id,
                "dev": row.dev,
                "channel": row.channel,
                "product": row.product,
                "at": words.time(row.at),
            }
            for row in sheet.activations
        ],
        "returning": [
            {"activation_id": row.activation_id, "at": words.time(row.at), "credited_at": words.time(row.credit_at)}
            for row in sheet.returning
        ],
    }


def _host(host: GivenHost) -> dict[str, Any]:
    return {"host_id": host.slot.host_id, "dev": host.slot.dev, "way": host.slot.way}


def _until(host: GivenHost) -> dict[str, Any]:
    return {"certificate_expires": words.time(host.certificate_expires)}


def key_lines(ui: Ui, sheet: KeySheet, *, now: int) -> None:
    """The same for people; long lists are cut, and say so."""
    key = sheet.key
    mark = {"active": "●", "blocked": "!", "revoked": "!"}[key.state]
    ui.line(f"{key.first_group}-...   {key.keyid}   {mark} {key.state}")
    ui.line(f"  {key.kind} key for {key.product_group}, {key.licensing_id}")
    if key.kind in UNCOUNTED:
        ui.line(f"  for {key.product}; it activates offline and counts nothing")
    else:
        near = f"   ! {sheet.level} percent reached" if sheet.level else ""
        ui.line(f"  {key.used} of {allowed(key)} used, {key.remaining} left{near}")
        _pace(ui, sheet)
    data = key_data(sheet)
    _list(ui, ("host", "computer", "activated", "re-activations left", "certificate until"), rows=data["hosts"])
    _list(ui, ("place given up", "computer", "activated", "certificate until"), rows=data["freed_hosts"])
    _list(ui, ("activation", "computer", "channel", "product", "at"), rows=data["activations"])
    _list(ui, ("retired activation", "at", "comes back"), rows=data["returning"])
    _list(ui, ("refused", "on", "times"), rows=data["refused"])
    ui.line()
    for row in sheet.history:
        why = f"   ({row.why})" if row.why else ""
        caller = f"   for {row.caller}, {row.proof}" if row.caller else ""
        ui.line(f"  {words.ago(now - row.at):<16} {row.who}   {row.what}{caller}{why}")


def _pace(ui: Ui, sheet: KeySheet) -> None:
    seen = sheet.forecast
    if seen is None or seen.runs_out is None or sheet.key.remaining < 1:
        return
    span = "day" if seen.days == 1 else f"{seen.days} days"
    ui.line(f"  at the pace of the last {span} it lasts until {words.day(seen.runs_out)}")


def _list(ui: Ui, columns: tuple[str, ...], *, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    ui.line()
    ui.table(columns, [tuple("" if cell is None else str(cell) for cell in row.values()) for row in rows[-_SHOWN:]])
    if len(rows) > _SHOWN:
        ui.line(f"  the newest {_SHOWN} of {len(rows)}; --json gives them all")
