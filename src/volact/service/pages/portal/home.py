"""A customer's first page: what needs attention, how the year went, and which key to use."""

from __future__ import annotations

from collections import Counter

from django.http import HttpResponse

from volact.service.pages import look
from volact.service.pages.portal.attention import matters
from volact.service.pages.portal.sight import sight_of
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.tallying import activations_by_month, month_of, month_start


@page(Right.REPORTS)
def home(visit: Visit) -> HttpResponse:
    """Says first what needs somebody; counts activations as the reports do."""
    sight, this = sight_of(visit.service, visit.organization_id), month_of(visit.now)
    january = this - this % 12
    counts = Counter[int]()
    for row in activations_by_month(visit.service, tuple(sight), since=january):
        counts[row.month] += row.number
    return visit.page(
        "portal/home.html",
        matters=matters(visit, sight),
        agreements=len(sight),
        months=[(look.month(month_start(month)), counts[month]) for month in range(january, this + 1)],
        total=sum(counts.values()),
    )
