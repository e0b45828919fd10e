"""Pages in place of Django's own for what is not there, what was forged, and what went wrong."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from volact.errors import Refusal
from volact.service.pages import look
from volact.service.pages.visit import asked_of


def missing(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Nothing is there, or nothing that is the member's."""
    return _told(request, Refusal("not_found", "nothing is at that address"))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the mark of our own pages."""
    return _told(request, Refusal("form_outdated", "the form was not sent from a page of this session"))


def malformed(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A request that Django itself refuses."""
    return _told(request, Refusal("request_malformed", "the request could not be read"))


def broken(request: HttpRequest) -> HttpResponse:
    """A defect, by the name that the log has for it."""
    return _told(request, Refusal("internal", "something went wrong here; it is in the log"))


def _told(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    asked_of(request).code = refusal.code
    return look.refusal(request, refusal)
