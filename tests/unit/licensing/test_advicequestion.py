"""Reading a question: strictly, with the member that is wrong and the nearest name that is known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import code_of, read, reference, small
from volact.errors import Refusal
from volact.licensing.advice import HostAsked, Preinstalled, Question, advise, read_question

WHOLE: dict[str, Any] = {
    "product": "suite-1",
    "computers": 12,
    "others": {"desks": 3},
    "virtual": True,
    "domain": True,
    "connected": False,
    "program": "level",
    "level": "A",
    "licenses": {"suite-1": 4, "sampler-2": 0},
    "host": {"platform": "bsd", "virtual": True, "serves": ["plugin-1", "suite"]},
    "preinstalled": {"channel": "retail", "product": "sampler-1"},
    "downgrade_to": "plugin-1",
    "reimage": True,
    "mak": {"remaining": 0},
}


def refused(**members: object) -> Refusal:
    """The refusal of a question with some members of its own."""
    answer = read_question({"product": "suite-1", "computers": 1} | members, read(small()))
    assert isinstance(answer, Refusal), answer
    return answer


def test_every_member_is_read() -> None:
    """A question may hold every member that the page names, and only the first two are required."""
    catalog = read(small())
    assert read_question(WHOLE, catalog) == Question(
        product="suite-1",
        computers=12,
        others={"desks": 3},
        virtual=True,
        domain=True,
        connected=False,
        program="level",
        level="A",
        licenses={"suite-1": 4, "sampler-2": 0},
        host=HostAsked(platform="bsd", virtual=True, serves=("plugin-1", "suite")),
        preinstalled=Preinstalled("retail", "sampler-1"),
        downgrade_to="plugin-1",
        reimage=True,
        mak_remaining=0,
    )
    assert read_question({"product": "suite-1", "computers": 1}, catalog) == Question(product="suite-1", computers=1)


@pytest.mark.parametrize(
    ("members", "path", "reason"),
    [
        ({"computers": 0}, "computers", "is 0, but must be from 1 to"),
        ({"computers": 2.5}, "computers", "must be an integer, but is a float"),
        ({"computers": True}, "computers", "must be an integer, but is true or false"),
        ({"computers": None}, "computers", "is missing"),
        ({"computers": 10**12}, "computers", "must be from 1 to"),
        ({"product": ["suite-1"]}, "product", "must be a text, but is an array"),
        ({"product": ""}, "product", "must be one line"),
        ({"virtual": None}, "virtual", "must be true or false, but is null"),
        ({"others": {"desks": -1}}, "others.desks", "is -1, but must be from 0"),
        ({"others": {"desk": 1}}, "others.desk", 'the nearest known name is "desks"'),
        ({"others": [1]}, "others", "must be a table"),
        ({"licenses": {"suite-1": -1}}, "licenses.suite-1", "is -1, but must be from 0"),
        ({"licenses": {"suite-1": "many"}}, "licenses.suite-1", "must be an integer, but is a text"),
        ({"computer": 1}, "computer", 'the nearest known name is "computers"'),
        ({"host": {}}, "host.platform", "is missing"),
        ({"host": {"platform": "bsd", "virtuel": True}}, "host.virtuel", 'the nearest known name is "virtual"'),
        ({"host": {"platform": "bsd", "serves": "suite"}}, "host.serves", "must be an array"),
        ({"host": {"platform": "bsd", "serves": ["sampler-1"]}}, "host.serves[0]", "is served by no activation host"),
        ({"preinstalled": {"channel": "volume", "product": "suite-1"}}, "preinstalled.channel", "must be one of"),
        ({"preinstalled": {"product": "suite-1", "at": 1}}, "preinstalled.at", "is not known here"),
        ({"mak": {"remaining": -1}}, "mak.remaining", "is -1, but must be from 0"),
        ({"mak": {"used": 1, "remaining": 1}}, "mak.used", "is not known here"),
    ],
)
def test_wrong_member_is_named(members: dict[str, object], path: str, reason: str) -> None:
    """A member that is unknown, missing or of another type is refused by its path and with the reason."""
    answer = refused(**members)
    assert answer.code == "question_invalid"
    assert answer.fields["path"] == path
    assert answer.detail.startswith(f"{path}: ")
    assert reason in answer.detail


def test_all_problems_are_told_at_once() -> None:
    """All problems of a question are listed, the first of them leading."""
    answer = refused(computers=0, virtual=1)
    assert answer.detail.endswith("(and 1 more)")
    problems = answer.fields["problems"]
    assert isinstance(problems, list)
    assert [each["path"] for each in problems] == ["computers", "virtual"]


@pytest.mark.parametrize("value", [None, 1, "text", [], [{"product": "suite-1"}]])
def test_question_is_an_object(value: object) -> None:
    """What is no object is refused without a path."""
    answer = read_question(value, read(small()))
    assert code_of(answer) == "question_invalid"
    assert isinstance(answer, Refusal)
    assert (answer.detail, answer.fields["path"]) == ("a question is a JSON object", None)


@pytest.mark.parametrize(
    ("members", "code", "nearest"),
    [
        ({"product": "suite-2"}, "unknown_product", "suite-1"),
        ({"downgrade_to": "plugin-2"}, "unknown_product", "plugin-1"),
        ({"preinstalled": {"product": "sampler-3"}}, "unknown_product", "sampler-2"),
        ({"licenses": {"suit": 1}}, "unknown_product", "suite-1"),
        ({"host": {"platform": "linux", "serves": ["plug"]}}, "unknown_product", "plugin"),
        ({"program": "levels"}, "unknown_program", "level"),
        ({"host": {"platform": "linus"}}, "host_platform_unsupported", "linux"),
    ],
)
def test_unknown_id_is_refused_with_the_nearest(members: dict[str, object], code: str, nearest: str) -> None:
    """An id that the catalog does not have is refused by its own code, with the nearest known name."""
    answer = refused(**members)
    assert answer.code == code
    assert answer.detail.endswith(f'the nearest known name is "{nearest}"')


def test_unknown_level_is_refused_with_the_levels() -> None:
    """A price level that the program does not have is refused with those that it has."""
    answer = refused(program="level", level="E")
    assert (answer.code, answer.fields["levels"]) == ("unknown_level", ["A", "B"])


def test_question_made_by_a_program_is_checked_too() -> None:
    """A question that was not read from JSON is refused alike where it names what the catalog does not have."""
    assert code_of(advise(read(small()), Question(product="nothing", computers=1))) == "unknown_product"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 60) | st.floats() | st.text(max_size=5) | st.sampled_from([*WHOLE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WHOLE, "x"]), inner, max_size=4),
    max_leaves=8,
)


@given(members=st.dictionaries(st.sampled_from([*WHOLE, "x"]), _ANY, max_size=6))
def test_no_value_breaks_the_reader(members: dict[str, object]) -> None:
    """Whatever a question holds, it is a question or a refusal, and never an exception."""
    for catalog in (read(small()), reference()):
        answer = read_question({"product": next(iter(catalog.products)), "computers": 1} | members, catalog)
        assert isinstance(answer, Question | Refusal)
