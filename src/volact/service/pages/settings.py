"""Django's settings of the pages, and where accounts lie: passwords' hashes, second factors, sessions.

Accounts are kept apart from the ledger: in a file beside it, or in a schema of the same PostgreSQL database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from volact.service.config import Folder
from volact.service.ledger import accountschema
from volact.service.ledger import settings as kept
from volact.service.ledger.accountschema import SCHEMA
from volact.service.ledger.connection import Database
from volact.service.management.site import configure
from volact.service.opening import database_of
from volact.service.pages.mailing import Mail
from volact.service.ports import Service
from volact.service.usecases.signon import sign_on

URLS = "volact.service.pages.urls"
DAY = 86_400
_HERE = Path(__file__).parent
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_STANDARD_ERROR = "volact.service.pages.accounts.letters.StandardError"


_FIXED: dict[str, Any] = {
    "ACCOUNT_ADAPTER": "volact.service.pages.accounts.adapter.Accounts",
    "ACCOUNT_CHANGE_EMAIL": False,
    "ACCOUNT_EMAIL_NOTIFICATIONS": True,
    "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
    "ACCOUNT_EMAIL_VERIFICATION": "none",  # an invitation has proved the address
    "ACCOUNT_LOGIN_METHODS": {"email"},
    "ACCOUNT_LOGOUT_REDIRECT_URL": "/account/login/",
    "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
    "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
    "ACCOUNT_SESSION_REMEMBER": False,
    "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
    "ALLOWED_HOSTS": ["*"],  # nothing is made of the host's name
    "APPEND_SLASH": True,
    "AUTHENTICATION_BACKENDS": [
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ],
    "AUTH_PASSWORD_VALIDATORS": [
        {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
        for name, options in (
            ("MinimumLengthValidator", {"min_length": 12}),
            ("CommonPasswordValidator", {}),
            ("UserAttributeSimilarityValidator", {}),
        )
    ],
    "CSRF_COOKIE_HTTPONLY": True,
    "CSRF_COOKIE_NAME": "volact-csrf",
    "CSRF_FAILURE_VIEW": "volact.service.pages.faults.forged",
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": 1_000,
    "DATA_UPLOAD_MAX_MEMORY_SIZE": None,  # the door has bounded the body
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "EMAIL_TIMEOUT": 15,
    "INSTALLED_APPS": [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "volact.service.pages",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
        "allauth.usersessions",
    ],
    "LANGUAGES": [("en", "English"), ("fr", "Français"), ("nb", "Norsk")],
    "LANGUAGE_CODE": "en",
    "LOCALE_PATHS": [str(_HERE / "locale")],
    "LOGIN_REDIRECT_URL": "/",
    "LOGIN_URL": "/account/login/",
    "MFA_ADAPTER": "volact.service.pages.accounts.adapter.Factors",
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    "MFA_TOTP_TOLERANCE": 1,  # steps of 30 seconds by which clocks may differ
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MIDDLEWARE": [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "volact.service.pages.language.speaking",
        "allauth.account.middleware.AccountMiddleware",
    ],
    "PASSWORD_RESET_TIMEOUT": 3 * 3_600,
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
    "SESSION_COOKIE_AGE": DAY // 2,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_NAME": "volact-session",
    "SOCIALACCOUNT_ADAPTER": "volact.service.pages.accounts.adapter.SingleSignOn",
    "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,  # an address alone never links an account
    "TEMPLATES": [
        {
            "BACKEND": "volact.service.pages.engine.Engine",
            "DIRS": [],
            "APP_DIRS": False,
            "OPTIONS": {},
        }
    ],
    "USE_I18N": True,
    "USE_TZ": True,
}


def settle(folder: Folder, service: Service, *, mail: Mail, schema: str = SCHEMA) -> None:
    """Sets the pages up, once in a process, and brings the tables of accounts up to date.

    In a PostgreSQL database they are those of the schema.
    """
    configure()
    url = kept.text(service.ledger, kept.URL) or ""
    secret = service.vault.envelope.derive("pages").hex()
    secure = url.startswith("https://")
    for name, value in {**_FIXED, **_varying(_database(folder, schema), secret=secret, mail=mail)}.items():
        setattr(settings, name, value)
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = secure
    settings.CSRF_TRUSTED_ORIGINS = [url] if url else []
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not secure
    settings.ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if secure else "http"
    settings.SECOND_FACTOR_KEY = service.vault.envelope.derive("second-factor")
    settings.SOCIALACCOUNT_PROVIDERS = _providers(service)
    django.setup()
    from volact.service.pages.accounts.record import keep  # stands on pages, which stand on this

    keep()
    _lay(database_of(folder), schema)


def _varying(database: dict[str, Any], *, secret: str, mail: Mail) -> dict[str, Any]:
    return {
        "DATABASES": {"default": database},
        "DEFAULT_FROM_EMAIL": mail.sender,
        "EMAIL_BACKEND": _SMTP if mail.host else _STANDARD_ERROR,
        "EMAIL_HOST": mail.host,
        "EMAIL_HOST_PASSWORD": mail.password,
        "EMAIL_HOST_USER": mail.user,
        "EMAIL_PORT": mail.port,
        "EMAIL_USE_SSL": mail.tls,
        "EMAIL_USE_TLS": mail.starttls,
        "SECRET_KEY": secret,
    }


def _providers(service: Service) -> dict[str, Any]:
    found = sign_on(service)
    if found is None:
        return {}
    app = {
        "provider_id": "sign-on",
        "name": found.name,
        "client_id": found.client_id,
        "secret": found.secret,
        "settings": {"server_url": found.issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def _database(folder: Folder, schema: str) -> dict[str, Any]:
    database = database_of(folder)
    if database is None:
        options = accountschema.SQLITE
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder.accounts), "OPTIONS": options}
    from psycopg.conninfo import conninfo_to_dict  # a service on SQLite does without the driver

    told = {name: value for name, value in conninfo_to_dict(database.url).items() if value is not None}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": told.pop("dbname", ""),
        "HOST": told.pop("host", ""),
        "PORT": told.pop("port", ""),
        "USER": told.pop("user", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**told, "options": f"-c search_path={schema}"},
    }


def _lay(database: Database | None, schema: str) -> None:
    """Makes the tables, or brings them up to date; who starts at the same moment waits."""
    from django.db import connection, transaction

    try:
        if database is None:
            Path(settings.DATABASES["default"]["NAME"]).touch(mode=0o600)
            call_command("migrate", verbosity=0)
            return
        with transaction.atomic(), connection.cursor() as cursor:
            accountschema.make(cursor, schema)
            call_command("migrate", verbosity=0)
    finally:
        connection.close()  # each thread of the pages has its own
