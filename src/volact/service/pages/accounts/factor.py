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

from volact.errors import Refusal, Refused
from volact.service.ledger import showings
from volact.service.pages.visit import Visit
from volact.service.ports import Act, Service

RECENT_SECONDS = 300
MOST_AN_HOUR = 60  # keys that are shown to one member in one organization
HOUR = 3_600


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
    """Counts keys that are about to be shown, in the transaction that records it.

    Raises Refused (`too_many_requests`) where it would be more than `MOST_AN_HOUR` within an hour.
    """
    member_id, here = visit.member.member_id, visit.organization_id
    shown = showings.since(service.ledger, member_id, organization_id=here, at=act.now - HOUR)
    if shown + number > MOST_AN_HOUR:
        detail = f"{MOST_AN_HOUR} keys an hour are shown to one person; {shown} were, and {number} more were asked for"
        fields = {"retry_after": HOUR, "shown": shown, "limit": MOST_AN_HOUR}
        raise Refused(Refusal("too_many_requests", detail, fields))
    showings.put(service.ledger, member_id, organization_id=here, number=number, at=act.now, kept=HOUR)
