"""Texts of the pages: every one in every language."""

from __future__ import annotations

import pytest
from texts import LANGUAGES, left, mo, path, po, template, updated


@pytest.mark.parametrize("language", LANGUAGES)
def test_f45_every_text_is_translated(language: str) -> None:
    """No text of the pages is missing in French or Norwegian, marked as doubtful, or with other places for values."""
    assert left(updated(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_pages_read_is_what_was_translated(language: str) -> None:
    """The files of texts are those that `python -m texts` writes from the templates and modules as they are."""
    catalog = updated(language)
    assert path(language).read_bytes() == po(catalog)
    assert path(language, "mo").read_bytes() == mo(catalog)


def test_texts_are_found_where_they_stand() -> None:
    """Texts come from the pages' templates and modules, from the shared look, and from the catalog of errors."""
    places = {place.partition("/templates/")[0] for message in template() for place, _ in message.locations}
    assert {"volact/errors", "volact/web", "volact/service/pages", "volact/service/pages/words.py"} <= places
