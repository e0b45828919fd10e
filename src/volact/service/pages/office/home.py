"""The back office's first page: the customers."""

from __future__ import annotations

from django.http import HttpResponse

from volact.service.pages.visit import Visit, page
from volact.service.roles import Right


@page(Right.OFFICE)
def home(visit: Visit) -> HttpResponse:
    """Organizations."""
    return visit.page("office/home.html")
