"""The queue: callers and customers' requests that wait for a person, the oldest first."""

from __future__ import annotations

from django.http import HttpResponse

from volact.service.ledger.finding import names_of
from volact.service.pages import casewords
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.cases import cases_of

SHOWN = 50


@page(Right.CENTER)
def queue(visit: Visit) -> HttpResponse:
    """Who waits, since when, for what, and who has it."""
    after = visit.asked("after")
    place = int(after) if after.isdecimal() and len(after) < 16 else None
    found = cases_of(visit.service, after=place, limit=SHOWN + 1)
    rows = [row for _place, row in found[:SHOWN]]
    whose = {row.organization_id for row in rows if row.organization_id}
    names = names_of(visit.service.ledger, whose) if whose else {}
    return visit.page(
        "center/queue.html",
        rows=[
            (row, casewords.title(row), names.get(row.organization_id or "", ""), visit.now - row.at) for row in rows
        ],
        waiting=sum(row.state == "open" for row in rows),
        after=f"?after={found[SHOWN - 1][0]}" if len(found) > SHOWN else None,
        first=visit.request.path if place is not None else None,
        me=visit.act.who,
    )
