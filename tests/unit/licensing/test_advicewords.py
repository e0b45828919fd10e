"""The reasons of advice and the problems of a question in every language of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import LANGUAGES, path, template

from tests.unit.licensing.builders import reference
from tests.unit.licensing.worlds import medora, questions
from volact.errors import Refusal, Words
from volact.licensing.advice import Advice, Question, advise, read_question
from volact.licensing.catalog import Catalog

_BARE = re.compile(r"(\{\w+\})*")
_WRONG = (None, True, 1.5, -1, 10**12, "", "x\n", "none", [], ["suite", "suite", 1], {}, {"none": 1}, {"serves": 1})

in_every_language = pytest.mark.parametrize("language", LANGUAGES)
by_both_catalogs = pytest.mark.parametrize("catalog", [reference(), medora()], ids=["faq", "medora"])


@cache
def texts_of(language: str) -> GNUTranslations:
    """What the pages read in a language."""
    with path(language, "mo").open("rb") as file:
        return GNUTranslations(file)


@cache
def known() -> frozenset[str]:
    """Every text that is translated, in English."""
    ids = [message.id for message in template() if message.id]
    return frozenset(each if isinstance(each, str) else each[0] for each in ids)


def said(words: Words, language: str) -> str:
    """Words in a language; everything in them but values has to be translated."""
    texts = texts_of(language)

    def translate(each: Words) -> str:
        assert _BARE.fullmatch(each.one) or each.one in known(), each.one
        return texts.ngettext(each.one, each.many, each.number) if each.many else texts.gettext(each.one)

    return words.said(translate)


def values(words: Words) -> Iterator[str]:
    """The names and numbers that words have in them, but for the number that may be said as "one"."""
    for name, each in words.values.items():
        if isinstance(each, Words):
            yield from values(each)
        elif name != "num":
            yield str(each)


def clauses(words: Words) -> Iterator[str]:
    """The English clauses of words, as they would stand untranslated."""
    parts = [each for each in words.values.values() if isinstance(each, Words)]
    yield from (each for part in parts for each in clauses(part))
    if any(letter.isalpha() for letter in _BARE.sub("", words.one)):
        yield str(words)


@in_every_language
@by_both_catalogs
@given(data=st.data())
def test_f45_reasons_of_advice_are_said_in_every_language(
    catalog: Catalog, language: str, *, data: st.DataObject
) -> None:
    """Whatever is asked, every clause of every reason is translated, with the same names and numbers in it."""
    question = read_question(data.draw(questions(catalog)), catalog)
    assert isinstance(question, Question)
    advice = advise(catalog, question)
    assert isinstance(advice, Advice)
    for way in (*advice.answers, *advice.excluded):
        if isinstance(way.words, Words):
            _check(way.words, language)


@in_every_language
@by_both_catalogs
@given(data=st.data())
def test_f45_problems_of_a_question_are_said_in_every_language(
    catalog: Catalog, language: str, *, data: st.DataObject
) -> None:
    """Whatever is wrong with a question, its problems are translated, with names and numbers as they are."""
    asked = data.draw(questions(catalog))
    wrong = data.draw(
        st.dictionaries(st.sampled_from([*asked, "computer", "mak"]), st.sampled_from(_WRONG), min_size=1)
    )
    answer = read_question(asked | wrong, catalog)
    if isinstance(answer, Refusal) and isinstance(answer.words, Words):
        _check(answer.words, language)


def _check(words: Words, language: str) -> None:
    told = said(words, language)
    assert "{" not in told
    assert [each for each in values(words) if each not in told] == []
    assert [each for each in clauses(words) if each in told] == []
