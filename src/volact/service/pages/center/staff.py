"""The publisher's own people act with a second factor that they showed in this session."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from django.http import HttpResponse

from volact.service.pages.accounts.factor import ask_factor
from volact.service.pages.visit import Visit


def is_proved(visit: Visit) -> bool:
    """Whether a second factor was shown in this session."""
    records = get_authentication_records(visit.request, visit.request.user)
    return any(record["method"] == "mfa" for record in records)


def ask(visit: Visit) -> HttpResponse:
    """The page that asks for it and leads back here, or says to set one up."""
    return ask_factor(visit)
