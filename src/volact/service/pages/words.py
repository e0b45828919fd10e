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
