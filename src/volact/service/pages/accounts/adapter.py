"""What of signing in is ours: nobody signs up without an invitation, and an address alone never links an account."""

from __future__ import annotations

import base64
from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from volact.errors import Refusal
from volact.service.pages import look
from volact.service.pages.accounts import letters, signon
from volact.service.pages.visit import PUBLISHER, asked_of, hall_of, owner_name
from volact.service.vault import Envelope

_SEALED = "second-factor"


class Accounts(DefaultAccountAdapter):
    """Accounts come from invitations alone."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("The invitation to this account was not accepted to the end."),
        "email_password_mismatch": _("No account has this address and this password."),
        "enter_current_password": _("That is not your password until now."),
        "incorrect_code": _("These are not the digits that hold now."),
        "incorrect_password": _("That is not your password."),
        "rate_limited": _("Too many tries: try again in 5 minutes."),
        "too_many_login_attempts": _("Too many tries: try again in 5 minutes, or ask for another password by e-mail."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The caller's address, also behind a trusted proxy."""
        return asked_of(request).address

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say what happened; a word about it on the next one is not needed."""

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How a member shows once more who they are: by the second factor where there is one, for that gives keys.

        Never by a code that goes to their mailbox.
        """
        named = {
            "reauthenticate": _("By your password"),
            "mfa_reauthenticate": _("By your authenticator app, or a recovery code"),
            "mfa_reauthenticate:webauthn": _("By a passkey"),
        }
        offered = super().get_reauthentication_methods(user)
        found = [{**each, "description": named[each["id"]]} for each in offered if each["id"] in named]
        return [each for each in found if each["id"] != "reauthenticate"] or found

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a letter, at this service's own address."""
        user, _, secret = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": user, "key": secret})
        return letters.address_of(context.request) + path

    def send_mail(  # signature of django-allauth
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> None:
        """Hands a letter over: who asks learns nothing from how long it takes, and waits for no mail server."""
        request = self.request
        letter = letters.told(request, template_prefix, email=email, values=context)
        hall_of(request).post(letter.send)


class Factors(DefaultMFAAdapter):
    """The second factor in the publisher's name."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("This second factor has to stay."),
        "cannot_generate_recovery_codes": _("Recovery codes belong to a second factor: set one up first."),
        "incorrect_code": _("These are not the digits that hold now."),
    }

    def encrypt(self, text: str) -> str:
        """Seals a secret of a second factor before it is stored."""
        return base64.b64encode(_envelope().seal(text.encode(), _SEALED)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; raises Damaged where it is another vault's."""
        return _envelope().open(base64.b64decode(encrypted_text), _SEALED).decode()

    def get_totp_issuer(self) -> str:
        """What an authenticator app shows."""
        return owner_name(hall_of(context.request).reader, PUBLISHER)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """What a passkey is called until its member says."""
        return gettext("My passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whose passkeys they are."""
        return {"id": context.request.get_host().partition(":")[0], "name": self.get_totp_issuer()}


def _envelope() -> Envelope:
    return Envelope(settings.SECOND_FACTOR_KEY)


class SingleSignOn(DefaultSocialAccountAdapter):
    """A provider's account is linked by a member who is signed in, and signs nobody up."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": _("That account is connected to another member."),
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Says so where a member wants to connect what is another member's."""
        connecting = sociallogin.state.get("process") == "connect"
        if connecting and sociallogin.is_existing and sociallogin.user != request.user:
            refusal = Refusal("sign_on_taken", "that account of the sign-on is connected to another member")
            raise ImmediateHttpResponse(look.refusal(request, refusal))

    def on_authentication_error(  # signature of django-allauth
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Leaves why in the log, for an operator."""
        signon.note(request, exception or error)

    def get_requests_session(self) -> requests.Session:
        """What asks the provider's server."""
        return signon.session(hall_of(context.request).allowed)
