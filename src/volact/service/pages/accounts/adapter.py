"""What of signing in is ours: nobody signs up without an invitation, and an address alone never links an account."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from volact.service.pages.visit import PUBLISHER, asked_of, hall_of, owner_name


class Accounts(DefaultAccountAdapter):
    """Accounts come from invitations alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The caller's address, also behind a trusted proxy."""
        return asked_of(request).address

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say what happened; a word about it on the next one is not needed."""


class Factors(DefaultMFAAdapter):
    """The second factor in the publisher's name."""

    def get_totp_issuer(self) -> str:
        """What an authenticator app shows."""
        from allauth.core import context

        return owner_name(hall_of(context.request).reader, PUBLISHER)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whose passkeys they are."""
        from allauth.core import context

        return {"id": context.request.get_host().partition(":")[0], "name": self.get_totp_issuer()}


class SingleSignOn(DefaultSocialAccountAdapter):
    """A provider's account is linked by a member who is signed in, and signs nobody up."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        return False
