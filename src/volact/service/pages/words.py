"""The words of the pages that stand for values on record: roles, kinds, spans of time."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def utc(seconds: int) -> datetime:
    """A time on record as the calendar has it."""
    return datetime.fromtimestamp(seconds, UTC)


def ago(seconds: int) -> str:
    """A span that has passed, in one unit: 4 minutes ago."""
    if seconds >= 86_400:
        days = seconds // 86_400
        return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}
    if seconds >= 3_600:
        hours = seconds // 3_600
        return ngettext("%(hours)s hour ago", "%(hours)s hours ago", hours) % {"hours": hours}
    if seconds >= 60:
        minutes = seconds // 60
        return ngettext("%(minutes)s minute ago", "%(minutes)s minutes ago", minutes) % {"minutes": minutes}
    return _("just now")


def kind(value: str) -> str:
    """What a kind of key is called."""
    return {
        "mak": _("MAK"),
        "host": _("Host"),
        "setup": _("Setup"),
        "retail": _("Retail"),
        "oem": _("OEM"),
        "trial": _("Trial"),
        "cal": _("Client access"),
    }[value]


def channel(value: str) -> str:
    """What a method of activation is called."""
    return {"online": _("Online or by file"), "telephone": _("By telephone"), "directory": _("By directory")}[value]


def deed(act: str) -> str:
    """What was done to a key or an agreement, by the act on record; one that has no words here, as it stands there."""
    return {
        "activated": _("Computer activated"),
        "activation credited": _("Activation given back to the key"),
        "activation retired": _("Activation retired"),
        "agreement added": _("Agreement made"),
        "agreement changed": _("Agreement changed"),
        "allowance raised": _("Allowance raised"),
        "allowance set": _("Allowance set"),
        "blocked": _("Blocked"),
        "delivered as a download": _("Downloaded"),
        "delivered by telephone": _("Read out on the telephone"),
        "delivered on media": _("Put on media"),
        "directory confirmed by telephone": _("Directory activated by telephone"),
        "given out by the activation center": _("Given out by the activation center"),
        "grant signed": _("Grant for a download signed"),
        "host activated": _("Host activated"),
        "host activated again": _("Host activated again"),
        "host confirmed by telephone": _("Host activated by telephone"),
        "host revoked": _("Host revoked"),
        "host slot freed": _("Place of a host freed"),
        "issued": _("Issued"),
        "keys issued": _("Keys issued"),
        "keys may be used": _("Keys may be used by another organization"),
        "keys may not be used any more": _("Keys may not be used by another organization any more"),
        "revealed": _("Shown"),
        "revoked": _("Revoked"),
        "taken over": _("Taken over from another system"),
    }.get(act, act)


def called(who: str) -> str:
    """Whoever the record names, without the number of a member."""
    return who.partition(" (member ")[0]


def spoken(language: str) -> str:
    """What a language is called that a caller chose; empty for one that is not known."""
    return {"en": _("English"), "fr": _("French"), "no": _("Norwegian"), "nb": _("Norwegian")}.get(language, "")


def right(value: str) -> str:
    """What a right of a program is called."""
    return {
        "backup": _("Copies for backup"),
        "downgrade": _("Downgrade"),
        "evaluation": _("Evaluation"),
        "reimaging": _("Reimaging"),
        "training": _("Copies for training"),
    }.get(value, value)


def state(value: str) -> str:
    """What the state of a key is called."""
    return {"active": _("Active"), "blocked": _("Blocked"), "revoked": _("Revoked")}[value]


def role(value: str) -> str:
    """What a role is called."""
    return {
        "administrator": _("Administrator"),
        "key_administrator": _("Key administrator"),
        "key_reader": _("Key reader"),
        "report_reader": _("Report reader"),
        "publisher_administrator": _("Publisher's administrator"),
        "center_operator": _("Center operator"),
        "auditor": _("Auditor"),
    }[value]


def key_code() -> str:
    """What a reader says of the code of a key."""
    return _("The product key as a QR code")


def confirmation_code() -> str:
    """What a reader says of the code of a confirmation."""
    return _("The confirmation ID as a QR code")
