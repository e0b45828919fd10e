"""What browsers load beside pages: the shared look, and django-allauth's scripts for passkeys from its own package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from volact.web.assets import Assets

_ALLAUTH = (
    "account/static/account/js/onload.js",
    "mfa/static/mfa/js/webauthn-json.js",
    "mfa/static/mfa/js/webauthn.js",
)


@cache
def shelf() -> Assets:
    """The assets of the pages."""
    package = files("allauth")
    return Assets({f"allauth/{path.rpartition('/')[2]}": (package / path).read_bytes() for path in _ALLAUTH})
