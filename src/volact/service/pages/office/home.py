"""The back office's first page: the customers, found by name."""

from __future__ import annotations

from django.http import HttpResponse

from volact.service.ledger import listing
from volact.service.pages.office.backup import is_late, newest
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right

ROWS = 50


@page(Right.OFFICE)
def home(visit: Visit) -> HttpResponse:
    """Organizations by name; and that a backup is due, where one is."""
    backed_up = newest(visit)
    ledger, naming = visit.service.ledger, visit.asked("q")
    found = listing.customers_named(ledger, naming, after=visit.asked("after"), limit=ROWS + 1)
    number, alone = listing.count_customers(ledger)
    return visit.page(
        "office/home.html",
        naming=naming,
        rows=found[:ROWS],
        after=found[ROWS - 1].row.organization_id if len(found) > ROWS else None,
        number=number,
        alone=alone,
        backed_up=backed_up,
        is_late=is_late(visit, backed_up),
    )
