"""What the activation center did today: every act on a case, the newest first."""

from __future__ import annotations

from django.http import HttpResponse

from volact.service.ledger.cases import acts_since
from volact.service.pages import casewords
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right

SHOWN = 100
_DAY = 86_400


@page(Right.CENTER)
def today(visit: Visit) -> HttpResponse:
    """Since midnight UTC; further ones by `before`."""
    before = visit.asked("before")
    entry = int(before) if before.isdecimal() and len(before) < 16 else None
    found = acts_since(visit.service.ledger, visit.now - visit.now % _DAY, before=entry, limit=SHOWN + 1)
    return visit.page(
        "center/today.html",
        rows=[(case_id, row, casewords.deed(row), casewords.because(row)) for case_id, row in found[:SHOWN]],
        after=f"?before={found[SHOWN - 1][1].entry}" if len(found) > SHOWN else None,
        first=visit.request.path if entry else None,
    )
