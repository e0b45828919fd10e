"""Django's settings, as far as an API without sessions, templates or tables of Django's has any."""

from __future__ import annotations

import logging
import secrets

from django.conf import settings


def configure() -> None:
    """Sets Django up, once in a process."""
    if settings.configured:
        return
    own = logging.getLogger("django")  # it would write paths into the log, with whatever somebody put there
    own.addHandler(logging.NullHandler())
    own.propagate = False
    settings.configure(
        ALLOWED_HOSTS=["*"],  # nothing is made of the host's name
        APPEND_SLASH=False,
        DATABASES={},
        DATA_UPLOAD_MAX_MEMORY_SIZE=None,  # the door has measured the body
        DATA_UPLOAD_MAX_NUMBER_FIELDS=None,  # of a query: one that is not known is refused
        INSTALLED_APPS=[],
        LOGGING_CONFIG=None,
        MIDDLEWARE=[],
        ROOT_URLCONF="volact.service.management.urls",
        SECRET_KEY=secrets.token_hex(),  # signs nothing
        USE_I18N=False,
        USE_TZ=True,
    )
