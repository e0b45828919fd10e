"""Texts of the pages: every one in every language."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from texts import LANGUAGES, ROOT, left, mo, path, po, reached, template, updated
from texts.unsaid import read, unsaid

_FURTHER = {  # acts whose names are put together, or are constants
    "activated",
    "backed up",
    "blocked",
    "bundle answered",
    "delivered as a download",
    "delivered on media",
    "directory confirmed by telephone",
    "entry erased",
    "host confirmed by telephone",
    "restored",
    "revoked",
}
_JOINED = {
    "in the refusal": """def f(n): return Refusal("usage", f"{n} is too many")""",
    "before it": """def f(n):
    detail = f"{n} is too many"
    return Refusal("usage", detail)""",
    "in one of two ways": """def f(n): return Refusal("usage", say("a") if n else f"{n} is too many")""",
    "by adding": """def f(n): return Refusal("usage", "too many: " + n)""",
    "by a function that says a text": """def g(n) -> str: return f"{n} is too many"
def f(n): return Refusal("usage", g(n))""",
    "through a function that hands it on": """def _misused(detail): return Refused(Refusal("usage", detail))
def f(n): raise _misused(f"{n} is too many")""",
    "through two functions": """def misused(code, detail=None): return Refusal(code, detail or say("a"))
def also(said): return misused("usage", detail=said)
def f(n): raise also(f"{n} is too many")""",
    "as the text of another refusal": """def f(err): return Refusal("usage", err.detail)""",
    "as a plain text that is not looked for": """def f():
    detail = "too many"
    return Refusal("usage", detail)""",
    "as a template that is not looked for": """def f(n, template): return say(template, n=n)""",
    "as a value that is said in English": """def f(): return say("{what} is too long", what="a name")""",
    "as a fault": """def f(kid): raise Damaged(f"the vault holds no key {kid}")""",
}
_APART = """
def f(n, row):
    detail = say("{n} is too many of {what}", n=n, what=say("a kind"))
    if n:
        detail = say_number("{num} thing", "{num} things", num=n - 1)
    plain = f"{n} is not on its way to a refusal"
    return Refusal("usage", detail) or Refusal("usage", "too many") or Refusal("usage", row.words)
"""


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


def test_no_refusal_is_put_together_in_english() -> None:
    """Refusals that pages show have a template that can be translated, with its values apart."""
    modules = [read(each.relative_to(ROOT).as_posix(), each.read_text()) for each in reached()]
    assert unsaid(modules) == []


@pytest.mark.parametrize("source", _JOINED.values(), ids=_JOINED)
def test_a_text_that_is_joined_on_its_way_to_a_refusal_is_found(source: str) -> None:
    """A text with its values in it is found wherever it is put together before a refusal is made of it."""
    assert unsaid([read("made-up", source)]) != []


def test_words_with_their_values_apart_are_let_pass() -> None:
    """A template with values, also of words and numbers, is what pages translate."""
    assert unsaid([read("made-up", _APART)]) == []


def test_every_act_on_record_has_words() -> None:
    """What the record says was done has words on the pages, whatever module of the service writes it."""
    written = {name for file in sorted((ROOT / "service").rglob("*.py")) for name in _acts(file.read_text())}
    words = ast.walk(ast.parse((ROOT / "service" / "pages" / "deeds.py").read_text()))
    known = {key.value for each in words if isinstance(each, ast.Dict) for key in each.keys if _is_text(key)}
    assert len(written) > 30
    assert (written | _FURTHER) - known == set()


def _acts(source: str) -> Iterator[str]:
    for call in (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call)):
        written = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if written in ("write", "write_all"):
            yield from (each.value.value for each in call.keywords if each.arg == "what" and _is_text(each.value))
        if written == "audit" and call.args and _is_text(call.args[0]):
            yield call.args[0].value


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
