"""Keys are shown to who proved a second factor within five minutes, and so many in an hour."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from volact.service.pages.visit import Visit
from volact.service.ports import Act, Service
from volact.service.usecases.revealing import count_shown

RECENT_SECONDS = 300


def recent_factor(visit: Visit) -> bool:
    """Whether the second factor was shown in this session within the last five minutes."""
    since = time.time() - RECENT_SECONDS
    records = get_authentication_records(visit.request, visit.request.user)
    return any(record["method"] == "mfa" and record["at"] > since for record in records)


def ask_factor(visit: Visit) -> HttpResponse:
    """The page that asks for the second factor and leads back here, or one that says to set one up."""
    user, here = visit.request.user, visit.request.get_full_path()
    if not is_mfa_enabled(user):
        return visit.page("accounts/factor-missing.html", status=403, here=here)
    has_codes = is_mfa_enabled(user, types=[Authenticator.Type.TOTP])
    name = "mfa_reauthenticate" if has_codes else "mfa_reauthenticate_webauthn"
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': here})}")


def with_factor(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose POST asks for the second factor where it was not shown just now; what was sent is not done then."""

    @wraps(view)
    def answer(visit: Visit, **parts: Any) -> HttpResponse:
        if visit.request.method == "POST" and not recent_factor(visit):
            return ask_factor(visit)
        return view(visit, **parts)

    return answer


def take_showings(visit: Visit, service: Service, *, number: int, act: Act) -> None:
    """Counts keys that are about to be shown to the visitor; raises what `count_shown` raises."""
    count_shown(service, visit.member.member_id, organization_id=visit.organization_id, number=number, act=act)
