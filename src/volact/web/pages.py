"""Renders pages: autoescaped templates over the shared base, with the words for times that all pages use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from volact.errors import Words, sentence
from volact.web import words

SHARED = Path(__file__).parent / "templates"
ASSETS = Path(__file__).parent / "assets"
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_ID = re.compile(r"\b[LO]-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
HTML = "text/html; charset=utf-8"
# Nothing but our own style: a page that shows what computers say of themselves runs no script at all.
HEADERS = (
    ("content-security-policy", "default-src 'none'; style-src 'self'; font-src 'self'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
)


class Pages:
    """The templates of one room, rendered over the shared base; without translations until some are installed."""

    def __init__(self, folder: Path) -> None:
        self.templates = Environment(
            loader=FileSystemLoader([folder, SHARED]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        texts: Any = self.templates  # what the extension adds
        texts.install_null_translations(newstyle=True)
        self.templates.globals |= {"asset": "/assets/{}".format, "lang": "en", "theme": None}
        self.templates.filters |= {
            "date": words.date,
            "ago": words.ago,
            "sentence": sentence,
            "count": words.count,
            "listed": words.listed,
            "coded": coded,
            "unbroken": unbroken,
            "said": said,
            "translated": str,
        }

    def render(self, name: str, /, **values: object) -> bytes:
        """The page of a template and its values."""
        return self.templates.get_template(name).render(**values).encode()


def coded(text: str) -> Markup:
    """A text in which `commands` stand between backticks, with those set as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(p) if place % 2 else p for place, p in enumerate(parts))


def unbroken(text: str) -> Markup:
    """A text whose Licensing IDs and ids of organizations stand on one line each."""
    return Markup(_ID.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))


def said(what: Words | str) -> str:
    """A sentence in English, until a room says its own in the reader's language."""
    return sentence(str(what))


def asset(name: str) -> tuple[bytes, str] | None:
    """The bytes and the media type of a shared asset, or None where there is none of that name."""
    known = {path.name: path for path in ASSETS.iterdir()}
    path = known.get(name)
    return None if path is None else (path.read_bytes(), MEDIA[path.suffix])
