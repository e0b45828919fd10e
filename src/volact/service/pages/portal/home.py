"""A customer's first page: what needs attention, and what is there."""

from __future__ import annotations

from django.http import HttpResponse

from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.showing import summary


@page(Right.REPORTS)
def home(visit: Visit) -> HttpResponse:
    """The relationship in short."""
    return visit.page("portal/home.html", relationships=summary(visit.service, visit.organization_id))
