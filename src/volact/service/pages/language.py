"""The language of a page: the member's setting, else the browser's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from volact.service.pages.look import HEADERS
from volact.service.pages.visit import visitor
from volact.service.usecases.members import LANGUAGES

_READ = {"no": "nb", "nn": "nb"}  # what browsers call Norwegian as well


def speaking(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A middleware that answers in the language of whoever asks."""

    def answer(request: Any) -> Any:
        member = visitor(request)
        told = (member.language if member else None) or _asked(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(told)
        response = get_response(request)
        response.headers.setdefault("Content-Language", told)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def _asked(header: str) -> str:
    """The first of a browser's languages that pages have, else English."""
    named = (language.partition("-")[0] for language, _ in parse_accept_lang_header(header.lower()))
    return next((found for each in named if (found := _READ.get(each, each)) in LANGUAGES), "en")
