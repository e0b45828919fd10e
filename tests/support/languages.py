"""What of a page stayed English that has a translation.

english(page, "fr")          the pieces of English sentences that stand in it, whatever values they have between them
english_in(text, "fr")       the same of a text
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape

import httpx
from texts import updated

_VALUE = re.compile(r"%\(\w+\)\w|\{\w+\}|`[^`]*`|\s*[\n“”\"]\s*")
_MARKED = re.compile(r'<(?!html)(\w+)(?=[^>]* lang="en")[^>]*>.*?</\1>', re.DOTALL)
_TOLD = re.compile(r'\b(?:alt|aria-label|content|data-\w+|placeholder|title)="([^"]+)"')
_LEAST = 3  # words of a piece: fewer are also names, or stand in both languages


def english(page: httpx.Response, language: str) -> list[str]:
    """Pieces of sentences that have a translation in the catalog of texts, but for what a page marks as English."""
    text = _MARKED.sub(" ", re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page.text, flags=re.DOTALL))
    return english_in(f"{re.sub('<[^>]+>', ' ', text)} | {' | '.join(_TOLD.findall(text))}", language)


def english_in(text: str, language: str) -> list[str]:
    """Pieces of sentences in a text that have a translation in the catalog of texts."""
    shown = _plain(text)
    return [piece for piece in _pieces(language) if piece in shown]


@cache
def _pieces(language: str) -> tuple[str, ...]:
    found = {}
    for message in updated(language):
        kept = [message.id] if isinstance(message.id, str) else message.id
        said = [message.string] if isinstance(message.string, str) else message.string
        for piece in (_plain(each) for text in kept for each in _VALUE.split(text)):
            if len(piece.split()) >= _LEAST and not any(piece in _plain(each) for each in said):
                found[piece] = None
    return tuple(found)


def _plain(text: str) -> str:
    return " ".join(unescape(text).replace("\xa0", " ").casefold().split()).rstrip(".")
