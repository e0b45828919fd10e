"""Reports, as a page with charts and as files."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from volact.service.pages import look, words
from volact.service.pages.portal.report import report
from volact.service.pages.portal.reportfiles import FORMS, no_proof
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.tallying import month_start


@page(Right.REPORTS)
def reports(visit: Visit) -> HttpResponse:
    """Twelve months of the organization."""
    found = report(visit)
    months = [(look.month(month_start(month)), number) for month, number in found.months]
    methods = [(words.channel(name), number) for name, number in found.methods]
    return visit.page(
        "portal/reports.html", report=found, months=months, methods=methods, forms=FORMS, no_proof=no_proof()
    )


@page(Right.REPORTS)
def as_file(visit: Visit, form: str) -> HttpResponse:
    """The same as a file."""
    if form not in FORMS:
        raise Http404
    media, made = FORMS[form]
    headers = {"Content-Disposition": f'attachment; filename="activations.{form}"'}
    return HttpResponse(made(report(visit)), content_type=media, headers=headers)
