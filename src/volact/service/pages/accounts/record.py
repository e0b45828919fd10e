"""What changes about an account is on record as any other act: passwords, second factors, single sign-ons."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from volact.service.ledger import audit, members
from volact.service.ledger.connection import writing
from volact.service.pages.visit import SIGNED_IN, asked_of, hall_of
from volact.service.ports import Act, Service
from volact.service.usecases.members import called


def keep() -> None:
    """Listens to django-allauth; once in a process, when Django is set up."""
    from allauth.account import signals as account
    from allauth.mfa import signals as factors
    from allauth.socialaccount import signals as sign_on
    from django.contrib.auth.signals import user_logged_in

    told = (
        (account.password_changed, "password changed"),
        (account.password_reset, "password reset"),
        (factors.authenticator_added, "second factor added"),
        (factors.authenticator_removed, "second factor removed"),
        (factors.authenticator_reset, "recovery codes made"),
        (sign_on.social_account_added, "sign-on connected"),
        (sign_on.social_account_removed, "sign-on disconnected"),
    )
    for signal, what in told:
        signal.connect(_Note(what), weak=False)
    user_logged_in.connect(_begin)


def _begin(request: HttpRequest, **said: Any) -> None:
    """Writes into the session when it began."""
    request.session[SIGNED_IN] = hall_of(request).reader.clock.now()


class _Note:
    """Puts one kind of change on record."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, request: HttpRequest, **said: Any) -> None:
        user = said.get("user") or request.user
        detail = {"kind": str(said["authenticator"].type)} if "authenticator" in said else {}

        def written(service: Service) -> None:
            member = members.member(service.ledger, user.get_username())
            if member is not None:
                act = Act(called(member), service.clock.now(), request=asked_of(request).request_id)
                with writing(service.ledger):
                    audit.write(service.ledger, act, what=self._what, subject=member.member_id, detail=detail)

        hall_of(request).write(written)
