"""When the record was last backed up, and by what the next backup is made."""

from __future__ import annotations

from django.http import HttpResponse

from volact.errors import Refusal, Refused
from volact.service.backing import BACKED_UP
from volact.service.ledger import audit, log
from volact.service.ledger.rows import AuditRow
from volact.service.pages import deeds
from volact.service.pages.visit import Visit, hall_of, page
from volact.service.ports import Act, Service
from volact.service.roles import Right

SHOWN = 10
LATE_DAYS = 7
_DAY = 86_400


@page(Right.OFFICE)
def backup(visit: Visit) -> HttpResponse:
    """The newest backups on record, how much was recorded since, and what makes the next one: a form that counts
    once, where an operator named a folder, and a command."""
    if visit.request.method == "POST":
        return _begun(visit)
    ledger, backups = visit.service.ledger, hall_of(visit.request).backups
    rows = audit.newest_of(ledger, BACKED_UP, most=SHOWN)
    entries = log.newest_entry(ledger)
    return visit.page(
        "office/backup.html",
        made=[(row, deeds.details(row)) for row in rows],
        since=entries - rows[0].entry if rows else entries,
        is_late=is_late(visit, rows[0] if rows else None),
        ago=visit.now - rows[0].at if rows else 0,
        backups=backups,
        state=backups.state if backups else None,
    )


def newest(visit: Visit) -> AuditRow | None:
    """The newest backup on record."""
    return next(iter(audit.newest_of(visit.service.ledger, BACKED_UP, most=1)), None)


def is_late(visit: Visit, newest: AuditRow | None) -> bool:
    """Whether the next backup should have been made by now."""
    return newest is None or visit.now - newest.at > LATE_DAYS * _DAY


def _begun(visit: Visit) -> HttpResponse:
    backups = hall_of(visit.request).backups
    if backups is None:
        raise Refused(Refusal("usage", "the service was started without --backups, so pages make none"))
    wanted: list[Act] = []

    def work(service: Service, act: Act) -> str:
        wanted.append(act)
        return visit.request.path

    response = visit.once(work)
    for act in wanted:
        backups.begin(act)
    return response
