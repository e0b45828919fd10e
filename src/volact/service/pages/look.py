"""The pages' templates, in the language of whoever asks, over the look that every page of ours shares."""

from __future__ import annotations

import secrets
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import translation
from markupsafe import Markup

from volact.errors import Refusal, Words, sentence
from volact.service.ledger import settings
from volact.service.ledger.rows import MemberRow
from volact.service.pages import scripts, words
from volact.service.pages.settings import URLS
from volact.service.sleeve import Tongue
from volact.service.usecases.names import without_keys
from volact.web.pages import Pages

CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HERE = Path(__file__).parent


def page(request: HttpRequest, template: str, *, status: int = 200, **values: Any) -> HttpResponse:
    """A page; `visit` is among the values where a member looks at it."""
    return HttpResponse(rendered(request, template, **values), status=status, headers=HEADERS)


def rendered(request: HttpRequest, template: str, **values: Any) -> str:
    """A template with its values and what every one has."""
    return pages().render(template, **{**frame(request, values.get("visit")), **values}).decode()


def refusal(request: HttpRequest, what: Refusal, *, status: int | None = None) -> HttpResponse:
    """A refusal as a page: cause, fix, code, and what the request is called."""
    known = what.known
    title, fix = translation.gettext(known.title), translation.gettext(known.fix)
    told = {"refusal": what, "title": title, "fix": fix, "is_foreign": is_foreign(what.words)}
    return page(request, "refusal.html", status=status or known.status, **told)


def frame(request: HttpRequest, visit: Any = None) -> dict[str, Any]:
    """What every template has beside its own values."""
    from volact.service.pages.mount import REQUEST
    from volact.service.pages.navigation import bar
    from volact.service.pages.visit import PUBLISHER, hall_of, owner_name, visitor

    member: MemberRow | None = visitor(request)
    return {
        "request": request,
        "visit": visit,
        "member": member,
        "publisher": owner_name(hall_of(request).reader, PUBLISHER),
        "places": bar(request, visit, member=member),
        "accent": settings.text(hall_of(request).reader.ledger, settings.ACCENT),
        "lang": translation.get_language(),
        "theme": member.theme if member else None,
        "csrf": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request)),
        "once": Markup('<input type="hidden" name="once" value="{}">').format(secrets.token_urlsafe(18)),
        "request_id": request.scope[REQUEST].request_id,
    }


@cache
def pages() -> Pages:
    """The templates, with the words that all of them use."""
    made = Pages(_HERE / "templates")
    translating: Any = made.templates
    translating.install_gettext_callables(
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    made.templates.globals |= {"url": address, "asset": scripts.shelf().linked}
    made.templates.filters |= {
        "number": number,
        "day": day,
        "isoday": isoday,
        "moment": moment,
        "month": month,
        "ago": words.ago,
        "called": words.called,
        "channel": words.channel,
        "country": country,
        "kind": words.kind,
        "language": language,
        "right": words.right,
        "said": said,
        "role": words.role,
        "deed": words.deed,
        "state": words.state,
        "translated": translation.gettext,
    }
    return made


def address(name: str, **parts: Any) -> str:
    """The address of a page, in whichever thread."""
    return str(reverse(name, urlconf=URLS, kwargs=parts or None))


def said(what: Words | str) -> str:
    """A sentence of ours in the reader's language; what is not ours stays as it is.

    A product key that somebody typed in the place of another text is not shown again.
    """
    if isinstance(what, Words):
        return sentence(without_keys(what.said(_translated)))
    return sentence(translation.gettext(what)) if what else ""


def is_foreign(what: Words | str) -> bool:
    """Whether a sentence stays English, since it is not ours to translate: a database's, a file's."""
    return isinstance(what, str) and translation.get_language() != "en" and translation.gettext(what) == what


def tongue() -> Tongue:
    """The language of whoever asks now, to put words into it in whichever thread."""
    language = str(translation.get_language())

    def told(words: Words) -> str:
        with translation.override(language):
            return words.said(_translated)

    return Tongue(language, told)


def number(value: int | float) -> str:
    """A number as the language writes it: 12,481; 12 481."""
    return str(format_decimal(value, locale=_locale()))


def day(seconds: int) -> str:
    """A day as the language writes it, on one line: 24 November 2026."""
    return str(format_date(words.utc(seconds), "long", locale=_locale())).replace(" ", "\u00a0")


def isoday(text: str) -> str:
    """An ISO day as the language writes it."""
    return str(format_date(date.fromisoformat(text), "long", locale=_locale())).replace(" ", "\u00a0")


def country(code: str) -> str:
    """What a country (ISO 3166, two letters) is called: Norway; a code that nobody has stays as it is."""
    return Locale.parse(_locale()).territories.get(code.upper(), code)


def language(code: str) -> str:
    """What a language is called: French; a code that nobody has stays as it is."""
    return Locale.parse(_locale()).languages.get(code, code)


def month(seconds: int) -> str:
    """A month as the language writes it: Nov 2026."""
    return str(format_skeleton("yMMM", words.utc(seconds), locale=_locale()))


def moment(seconds: int) -> str:
    """A day with its time, in UTC: 24 November 2026, 14:05."""
    return f"{day(seconds)}, {format_datetime(words.utc(seconds), 'HH:mm', locale=_locale())}"


def iso(seconds: int) -> str:
    """A time as files have it: 2026-11-24T14:05:00Z."""
    return words.utc(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of_day(seconds: int) -> str:
    """The time alone, in UTC: 14:05."""
    return str(format_datetime(words.utc(seconds), "HH:mm", locale=_locale()))


def _translated(what: Words) -> str:
    many = what.many
    return str(translation.ngettext(what.one, many, what.number) if many else translation.gettext(what.one))


def _locale() -> str:
    return {"nb": "nb_NO", "fr": "fr"}.get(translation.get_language() or "en", "en_GB")
