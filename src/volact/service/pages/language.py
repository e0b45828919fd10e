"""The language of a page: the member's setting, else the browser's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import translation

from volact.service.pages.look import HEADERS
from volact.service.pages.visit import visitor


def speaking(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A middleware that answers in the language of whoever asks."""

    def answer(request: Any) -> Any:
        member = visitor(request)
        told = (member.language if member else None) or translation.get_language_from_request(request)
        translation.activate(told)
        response = get_response(request)
        response.headers.setdefault("Content-Language", told)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer
