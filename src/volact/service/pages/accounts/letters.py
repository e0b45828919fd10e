"""Letters by e-mail, in the language of whoever gets them: invitations, passwords, changes of an account, decisions."""

from __future__ import annotations

import smtplib
import sys
from dataclasses import dataclass
from typing import Any

from django.core.mail import send_mail
from django.core.mail.backends.console import EmailBackend
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from volact.service.ledger import members, settings
from volact.service.ledger.cases import CaseRow
from volact.service.pages import casewords
from volact.service.pages.look import day
from volact.service.pages.visit import PUBLISHER, Visit, hall_of, owner_name
from volact.service.usecases.members import Invited, member_id


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address."""

    to: str
    subject: str
    body: str

    def send(self) -> bool:
        """Sends it; False where the mail server was not reached, did not take it, or has no such address."""
        try:
            send_mail(self.subject, self.body, None, [self.to])
        except (OSError, smtplib.SMTPException, ValueError):  # the last is an address that cannot be written to
            return False
        return True


class StandardError(EmailBackend):
    """Where letters go while no mail server was named: not among what the command says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "stream": sys.stderr})


def address_of(request: HttpRequest) -> str:
    """Where this service answers, without a slash at the end; never what a request says of it.

    A name in a request's head is whatever its sender wrote there, and would lead the reader of a letter to it.
    """
    known = settings.text(hall_of(request).reader.ledger, settings.URL)
    host, port = request.scope["server"]
    return known or f"{request.scope['scheme']}://{f'[{host}]' if ':' in host else host}:{port}"


def invitation(visit: Visit, made: Invited) -> tuple[str, Letter]:
    """The link of an invitation, and the letter that brings it."""
    link, email = f"{address_of(visit.request)}/invitation/{made.secret}", made.row.email
    with _spoken_to(visit.request, email):
        owner = owner_name(visit.service, made.row.organization_id)
        subject = _("%(name)s invites you to %(owner)s") % {"name": visit.member.name, "owner": owner}
        body = _(
            "Open this page within 72 hours, and choose a password:\n\n%(link)s\n\nIt holds once, for %(email)s."
        ) % {"link": link, "email": email}
    return link, Letter(email, subject, body)


def decided(request: HttpRequest, row: CaseRow) -> Letter | None:
    """What became of a request, to the member who asked; None for one who has no role there any more."""
    ledger = hall_of(request).reader.ledger
    member = members.member(ledger, member_id(row.asked_by or ""))
    roles = members.roles_of(ledger, member.member_id) if member else ()
    if member is None or all(role.organization_id != row.organization_id for role in roles):
        return None
    with _spoken_to(request, member.email):
        what, (_kind, word) = casewords.title(row), casewords.standing(row.stands)
        subject = f"{what}: {word}"
        body = _("%(what)s, asked for on %(day)s: %(word)s.\n\n%(reason)s\n\n%(link)s") % {
            "what": what,
            "day": day(row.at),
            "word": word,
            "reason": row.reason or "",
            "link": f"{address_of(request)}/portal/{row.organization_id}/requests/",
        }
    return Letter(member.email, subject, body)


def told(request: HttpRequest, about: str, *, email: str, values: dict[str, Any]) -> Letter:
    """What django-allauth wants to say, by the name that it has for it, in our words."""
    with _spoken_to(request, email):
        publisher = owner_name(hall_of(request).reader, PUBLISHER)
        if about == "account/email/password_reset_key":
            subject = _("Another password for %(publisher)s") % {"publisher": publisher}
            body = _(
                "Open this page within 3 hours, and choose another password:\n\n%(link)s\n\n"
                "You did not ask for it? Then leave it: your password stays as it is."
            ) % {"link": values["password_reset_url"]}
        else:
            what = _changes()[about]
            subject = f"{what} · {publisher}"
            body = _(
                "%(what)s.\n\nFrom the address %(address)s, by the browser %(browser)s.\n\n"
                "It was not you? Ask for another password at once, and tell an administrator of your organization:"
                "\n\n%(link)s"
            ) % {
                "what": what,
                "address": values["ip"],
                "browser": values["user_agent"] or "?",
                "link": f"{address_of(request)}/account/password/reset/",
            }
    return Letter(email, subject, body)


def _changes() -> dict[str, str]:
    return {
        "account/email/password_changed": _("Your password was changed"),
        "account/email/password_reset": _("Your password was changed by a link"),
        "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account"),
        "mfa/email/totp_activated": _("An authenticator app was added to your account"),
        "mfa/email/totp_deactivated": _("The authenticator app was taken from your account"),
        "mfa/email/webauthn_added": _("A passkey was added to your account"),
        "mfa/email/webauthn_removed": _("A passkey was taken from your account"),
        "socialaccount/email/account_connected": _("A single sign-on was connected to your account"),
        "socialaccount/email/account_disconnected": _("A single sign-on was disconnected from your account"),
    }


def _spoken_to(request: HttpRequest, email: str) -> Any:
    known = members.member_at(hall_of(request).reader.ledger, email)
    return translation.override((known.language if known else None) or translation.get_language())
