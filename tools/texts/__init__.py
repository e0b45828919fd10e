"""The pages' texts: found in templates, in the pages' modules, in the catalog of errors and in the words of the rooms
that pages reach; kept in English, French and Norwegian.

    python -m texts          writes what is new into locale/*/LC_MESSAGES/django.po, and all of it into the .mo beside
    python -m texts --left   says what is not translated yet
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from volact.errors.codes import CODES

ROOT = Path(__file__).parents[2] / "src" / "volact"
LOCALE = ROOT / "service" / "pages" / "locale"
LANGUAGES = ("fr", "nb")
_TEMPLATES = (ROOT / "service" / "pages" / "templates", ROOT / "web" / "templates")
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_SAYING = {"say": None, "say_number": (1, 2), "Refusal": (2,), "in_turn": (1,)}
REACHED = (  # rooms and modules whose refusals pages show
    "licensing",
    "credential",
    "service/admission",
    "service/clock.py",
    "service/pages",
    "service/signing.py",
    "service/sleeve.py",
    "service/sleevepage.py",
    "service/usecases",
    "service/webhooks",
)
_JINJA = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_EVER = datetime(2026, 1, 1, tzinfo=UTC)  # in a file's head, so that the same texts are the same bytes
_BRACED = re.compile(r"\{(\w+)\}")
_CLAUSE = re.compile(r"(?<=«) | (?=[:;?!»])")
_COMMENT = "# Texts of Volact's pages: written by tools/texts, translated here."


def template() -> Catalog:
    """Every text, in the order of its places."""
    catalog = _catalog(None)
    for place, text, context in _found():
        catalog.add(text, locations=[(place, 0)], context=context)
    return catalog


def updated(language: str) -> Catalog:
    """The texts of a language as they are now: what is new is empty, what is gone is left out."""
    catalog = _catalog(language)
    if path(language).exists():
        with path(language).open("rb") as file:
            known = read_po(file, locale=language)
            for message in known:
                if message.id:
                    catalog[message.id] = Message(message.id, message.string, flags=message.flags)
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def left(catalog: Catalog) -> list[str]:
    """What is not translated yet, or not as it has to be: with other places for values than the English text."""
    return [str(each.id) for each in catalog if each.id and (not _is_whole(each) or _is_odd(each, catalog))]


def po(catalog: Catalog) -> bytes:
    """The file that is translated."""
    out = BytesIO()
    write_po(out, catalog, width=120, include_lineno=False, sort_by_file=False)
    return out.getvalue()


def mo(catalog: Catalog) -> bytes:
    """The file that the pages read."""
    out = BytesIO()
    write_mo(out, _spaced(catalog) if str(catalog.locale) == "fr" else catalog)
    return out.getvalue()


def path(language: str, suffix: str = "po") -> Path:
    """Where a language's file lies."""
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def reached() -> Iterator[Path]:
    """The modules of the rooms that pages reach."""
    for room in REACHED:
        yield from sorted((ROOT / room).rglob("*.py")) if not room.endswith(".py") else (ROOT / room,)


def _found() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for folder in _TEMPLATES:
        for each in sorted(folder.rglob("*.html")):
            yield from _in(each, "jinja2.ext:babel_extract", options=_JINJA)
    for each in sorted((ROOT / "service" / "pages").rglob("*.py")):
        yield from _in(each, "python", options={})
    for each in reached():
        yield from _in(each, "python", options={}, keywords=_SAYING)
    for code in CODES.values():
        for text in (code.title, code.fix):
            yield "volact/errors", text, None


def _in(
    file: Path, method: str, *, options: dict[str, str], keywords: dict[str, Any] = _KEYWORDS
) -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    place = file.relative_to(ROOT.parent).as_posix()
    for _, text, _, context in extract_from_file(method, file, keywords=keywords, options=options):
        yield place, text, context


def _catalog(language: str | None) -> Catalog:
    catalog = Catalog(
        language,
        header_comment=_COMMENT,
        project="volact",
        version="1",
        copyright_holder="",
        msgid_bugs_address="volact",
        creation_date=_EVER,
        revision_date=_EVER,
        last_translator="volact",
        language_team="volact",
        fuzzy=False,
    )
    if language == "fr":  # CLDR has a third form, for whole millions: no page counts so many
        catalog.mime_headers = [("Plural-Forms", "nplurals=2; plural=(n > 1);")]
    return catalog


def _spaced(catalog: Catalog) -> Catalog:
    """French as it is set: no line begins or ends with a sign that a blank sets off."""
    found = copy.deepcopy(catalog)
    for message in found:
        if isinstance(message.string, str):
            message.string = _CLAUSE.sub("\u00a0", message.string)
        elif message.string:
            message.string = tuple(_CLAUSE.sub("\u00a0", text) for text in message.string)
    return found


def _is_whole(message: Message) -> bool:
    texts = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return all(texts) and not message.fuzzy


def _is_odd(message: Message, catalog: Catalog) -> bool:
    texts = message.string if isinstance(message.string, list | tuple) else (message.string,)
    kept = message.id if isinstance(message.id, str) else message.id[-1]
    return bool(message.check(catalog)) or any(_names(each) != _names(kept) for each in texts if each)


def _names(text: str) -> set[str]:
    """The names of values in braces, but for the number, which one thing can do without."""
    return set(_BRACED.findall(text)) - {"num"}
