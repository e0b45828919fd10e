"""Which key to use, asked on a page: the answers are those of the command line, with the rule behind each."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.support.commands import volact
from tests.support.pages import Person, join
from tests.support.portal import Desk
from tests.support.service import Place, Running
from volact.service.roles import Role

SEVEN, VISTA, XP = "windows-7-professional", "windows-vista-business", "windows-xp-professional"
CATALOG = "reference"
_WAY = re.compile(r"<li>\s*<p><strong>([^<]+)</strong>(?: · ([^<·]+))?.*?<span class=\"id\">(\w+)</span>", re.DOTALL)


@pytest.fixture(scope="module")
def desk(place: Place) -> Desk:
    """A customer with one agreement, under which little was bought."""
    found = Desk.open(place)
    found.agree("open-license", windows_7_professional=5)
    return found


@pytest.fixture(scope="module")
def reader(place: Place, running: Running, desk: Desk) -> Person:
    """Somebody who may read reports."""
    return join(place, running, role=Role.REPORT_READER, organization_id=desk.organization_id)


def ways(page: str) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """Method, product group and rule of what may be used, best first, and of what may not."""
    may, _, may_not = page.partition("What may not be used")
    found = [[tuple(map(unescape, map(str.strip, each))) for each in _WAY.findall(part)] for part in (may, may_not)]
    return found[0], found[1]  # type: ignore[return-value]


def answered(reader: Person, desk: Desk, **asked: str) -> httpx.Response:
    """The page with these answers."""
    return reader.client.get(desk.at("advice/"), params=asked)


def told(place: Place, **question: Any) -> dict[str, Any]:
    """What the command line answers."""
    said = volact("service", "advise", str(place.folder), "--question", "-", text=json.dumps(question))
    found: dict[str, Any] = said.data
    return found


def test_f31_portal_ranks_the_ways(reader: Person, desk: Desk) -> None:
    """Few computers get a MAK first, many and virtual ones a host, and those without a network a MAK alone."""

    def best(**asked: str) -> str:
        return ways(answered(reader, desk, product=SEVEN, **asked).text)[0][0][0]

    assert best(computers="10") == "Multiple activation key"
    assert best(computers="40") == "Multiple activation key"
    assert best(computers="40", where="virtual") == "Activation host"
    assert best(computers="400") == "Activation host"
    assert best(computers="400", network="none") == "Multiple activation key"
    page = answered(reader, desk, product=SEVEN, computers="400").text
    assert [method for method, _, _ in ways(page)[0][:2]] == ["Activation host", "Multiple activation key"]
    assert {rule for _, _, rule in ways(page)[0]} == {"F31"}


def test_f38_portal_downgrades_of_preinstalled_computers(reader: Person, desk: Desk) -> None:
    """New computers with OEM Windows 7, to be downgraded to Vista, get the three ways of the rule in its order; to XP,
    the setup key alone."""
    asked = {"product": SEVEN, "computers": "100", "came": SEVEN, "channel": "oem"}
    may, _ = ways(answered(reader, desk, instead=VISTA, **asked).text)
    assert [(method, "7" in group, "Vista" in group) for method, group, _ in may[:3]] == [
        ("Activation host", True, False),
        ("Activation host", False, True),
        ("Multiple activation key", False, True),
    ]
    assert {rule for _, _, rule in may} == {"F38"}
    may, may_not = ways(answered(reader, desk, instead=XP, **asked).text)
    assert [(method, rule) for method, _, rule in may] == [("Setup key", "F38")]
    assert {"Activation host", "Multiple activation key"} <= {method for method, _, _ in may_not}
    kept, _ = ways(answered(reader, desk, **asked).text)
    assert [method for method, _, _ in kept] == ["The key that came with it"]


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ({}, {}),
        ({"network": "domain", "where": "virtual"}, {"domain": True, "virtual": True}),
        ({"platform": "windows-server-2003", "machine": "virtual"},
         {"host": {"platform": "windows-server-2003", "virtual": True}}),
        ({"platform": "windows-server-2008"}, {"host": {"platform": "windows-server-2008"}}),
        ({"remaining": "3"}, {"mak": {"remaining": 3}}),
        ({"reimage": "yes"}, {"reimage": True}),
        ({"came": SEVEN, "channel": "retail"}, {"preinstalled": {"channel": "retail", "product": SEVEN}}),
    ],
)  # fmt: skip
def test_a_page_answers_as_the_command_does(
    place: Place, reader: Person, desk: Desk, *, asked: dict[str, str], question: dict[str, Any]
) -> None:
    """Whatever is asked, the page has the reasons of the command line, each once and in its order."""
    page = unescape(answered(reader, desk, product=SEVEN, computers="1 20", **asked).text)
    answer = told(place, product=SEVEN, computers=120, **question)
    places = [page.index(each["reason"]) for each in (*answer["answers"], *answer["excluded"])]
    assert places == sorted(places)
    updates = [each["update"] for each in answer["answers"] if each["update"]]
    assert updates or asked.get("platform") != "windows-server-2008"
    assert page.count("The platform needs an update before: ") == len(updates)
    assert len(places) == page.count('<span class="id">F')
    for way in answer["ways_out"]:
        assert "Platforms that can be the host" in page, way


def test_an_agreement_says_what_was_bought(reader: Person, desk: Desk) -> None:
    """With an agreement, what it does not give is left out with its reason; another's Licensing ID says nothing."""
    asked = {"product": "office-2010", "computers": "60"}
    plain = answered(reader, desk, **asked)
    assert plain.status_code == 200, plain.text
    assert ways(plain.text)[0]
    held = answered(reader, desk, agreement=desk.licensing_ids["open-license"], **asked).text
    assert ways(held)[0] == []
    assert "units_required" in held
    assert ways(answered(reader, desk, agreement="L-0000-0000", **asked).text) == ways(plain.text)


def test_what_cannot_be_asked_is_named_and_kept(reader: Person, desk: Desk) -> None:
    """An answer that is none is named, and the form has what was typed."""
    for typed in ("ten", "0", "-5", "9" * 30, "x" * 10_000, "=1+1", "\0", "１２"):
        page = answered(reader, desk, product=SEVEN, computers=typed)
        assert page.status_code == 422, typed
        assert "question_invalid" in page.text
        assert f'<option value="{SEVEN}" selected>' in page.text
    for name in ("product", "instead", "came", "platform"):
        page = answered(reader, desk, **{"product": SEVEN, "computers": "5"} | {name: "<b>none</b>"})
        assert page.status_code == 422, name
        assert "<b>none" not in page.text
