"""When the record was last backed up, and how that is done."""

from __future__ import annotations

from django.http import HttpResponse

from volact.service.backing import BACKED_UP
from volact.service.ledger import audit, log
from volact.service.pages import deeds
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right

SHOWN = 10
LATE_DAYS = 7
_DAY = 86_400


@page(Right.OFFICE)
def backup(visit: Visit) -> HttpResponse:
    """The newest backups on record, how much was recorded since, and the command that makes the next one."""
    rows = audit.newest_of(visit.service.ledger, BACKED_UP, most=SHOWN)
    made = [(row, deeds.details(row)) for row in rows]
    newest = log.newest_entry(visit.service.ledger)
    return visit.page(
        "office/backup.html",
        made=made,
        since=newest - rows[0].entry if rows else newest,
        is_late=not rows or visit.now - rows[0].at > LATE_DAYS * _DAY,
        ago=visit.now - rows[0].at if rows else 0,
    )
