"""What the record says was done, in the words of the pages; an act that has no words here is told in the record's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from volact.service.ledger.rows import AuditRow
from volact.service.pages import look
from volact.service.pages.words import called


class Deed(NamedTuple):
    """One line of a timeline."""

    at: str
    what: str
    why: str | None


def told(rows: Iterable[AuditRow]) -> Iterator[Deed]:
    """Entries of the record as a timeline has them, in the order given."""
    known = acts()
    for row in rows:
        detail = details(row)
        reason = detail.get("why")
        parts = [_figures(detail), f"“{reason}”" if reason else "", called(row.who)]
        yield Deed(look.moment(row.at), known.get(row.act, row.act), " · ".join(filter(None, parts)))


def details(row: AuditRow) -> dict[str, Any]:
    """What an entry says beside who, what and when; nothing where that is no mapping."""
    found = json.loads(row.detail)
    return found if isinstance(found, dict) else {}


def act(name: str) -> str:
    """What an act is called."""
    return acts().get(name) or name


def acts() -> dict[str, str]:
    """The acts that have words, by the record's names."""
    return _of_licensing() | _of_service() | _of_members()


def _of_licensing() -> dict[str, str]:
    return {
        "activated": _("Computer activated"),
        "activation credited": _("Activation credited"),
        "activation retired": _("Activation retired"),
        "agreement added": _("Agreement added"),
        "agreement changed": _("Agreement changed"),
        "allowance raised": _("Allowance raised"),
        "allowance set": _("Allowance set"),
        "blocked": _("Key blocked"),
        "delivered as a download": _("Delivered as a download"),
        "delivered by telephone": _("Delivered by telephone"),
        "delivered on media": _("Delivered on media"),
        "directory confirmed by telephone": _("Directory activated by telephone"),
        "given out by the activation center": _("Key given out by the activation center"),
        "grant signed": _("Grant signed"),
        "host activated": _("Host activated"),
        "host activated again": _("Host activated again"),
        "host confirmed by telephone": _("Host activated by telephone"),
        "host revoked": _("Host revoked"),
        "host slot freed": _("Host slot freed"),
        "issued": _("Key issued"),
        "keys issued": _("Keys issued"),
        "keys may be used": _("An affiliate may use the keys"),
        "keys may not be used any more": _("An affiliate may not use the keys any more"),
        "revealed": _("Key revealed"),
        "revoked": _("Key revoked"),
        "taken over": _("Key taken over from another system"),
    }


def _of_service() -> dict[str, str]:
    return {
        "backed up": _("Backed up"),
        "bundle answered": _("Bundle answered"),
        "caller noted": _("Caller and proof of purchase noted"),
        "case closed": _("Case closed"),
        "case handed back": _("Case put back into the queue"),
        "case opened": _("Case opened"),
        "case taken": _("Case taken"),
        "catalog published": _("Catalog published"),
        "clock confirmed": _("Clock confirmed"),
        "deliveries replayed": _("Deliveries replayed"),
        "delivery replayed": _("Delivery replayed"),
        "entry erased": _("Entry erased"),
        "founded": _("Publisher founded"),
        "accent set": _("Color set"),
        "name set": _("Name set"),
        "organization added": _("Organization added"),
        "organization changed": _("Organization changed"),
        "record exported": _("Record exported"),
        "record found broken": _("Record found broken"),
        "record verified": _("Record verified"),
        "restored": _("Restored from a backup"),
        "root rotated": _("Root rotated"),
        "sheet imported": _("Sheet imported"),
        "telephone menu removed": _("Telephone menu removed"),
        "telephone menu set": _("Telephone menu set"),
        "token made": _("Token made"),
        "token revoked": _("Token revoked"),
        "url set": _("Address set"),
        "webhook added": _("Webhook added"),
        "webhook disabled": _("Webhook disabled"),
        "webhook paused": _("Webhook paused"),
        "webhook removed": _("Webhook removed"),
        "webhook resumed": _("Webhook resumed"),
        "webhook secret rotated": _("Webhook secret rotated"),
    }


def _of_members() -> dict[str, str]:
    return {
        "invitation accepted": _("Invitation accepted"),
        "invitation withdrawn": _("Invitation withdrawn"),
        "member invited": _("Member invited"),
        "password changed": _("Password changed"),
        "password reset": _("Password changed by a link"),
        "recovery codes made": _("Recovery codes made"),
        "role changed": _("Role changed"),
        "second factor added": _("Second factor added"),
        "second factor removed": _("Second factor removed"),
        "sign-on cleared": _("Single sign-on cleared"),
        "sign-on connected": _("Single sign-on connected"),
        "sign-on disconnected": _("Single sign-on disconnected"),
        "sign-on set": _("Single sign-on set"),
    }


def _figures(detail: dict[str, Any]) -> str:
    """What a number became, or how many there are, where an entry says it."""
    if isinstance(detail.get("from"), int) and isinstance(detail.get("to"), int):
        return f"{look.number(detail['from'])} → {look.number(detail['to'])}"
    if isinstance(detail.get("count"), int):
        return "× " + look.number(detail["count"])
    return ""
