"""Who was refused by the device API, how often, and why: for whoever is asked about it."""

from __future__ import annotations

from django.http import HttpResponse

from volact.errors import CODES, Refusal, Refused
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.denying import KEPT_DAYS, Denials, denials_of, denials_within

ROWS = 200
DAYS = ("1", "7", "30", str(KEPT_DAYS))
USUAL = "7"


@page(Right.OFFICE)
def denials(visit: Visit) -> HttpResponse:
    """Refusals of the last days by code, and row by row; the newest day first, then the most often."""
    days = visit.asked("days") if visit.asked("days") in DAYS else USUAL
    keyid, code = visit.asked("keyid"), visit.asked("code")
    refused: Refusal | None = None
    rows: Denials = ()
    try:
        rows = denials_of(visit.service, days=int(days), keyid=keyid or None, code=code or None, most=ROWS + 1)
    except Refused as err:
        refused = err.refusal
    return visit.page(
        "office/denials.html",
        status=422 if refused else 200,
        refused=refused,
        days=days,
        choices=DAYS,
        keyid=keyid,
        code=code,
        totals=[(CODES.get(name), name, times) for name, times in denials_within(visit.service, days=int(days))],
        rows=rows[:ROWS],
        is_more=len(rows) > ROWS,
        most=ROWS,
    )
