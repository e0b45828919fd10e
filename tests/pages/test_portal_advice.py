"""Which key to use, asked on a page: the answers are those of the command line, with the rule behind each."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest

from tests.support.commands import volact
from tests.support.pages import Person, join
from tests.support.portal import Desk
from tests.support.service import Place, Running
from volact.service.roles import Role
from volact.service.usecases.catalogs import current_catalog

SERVER = "windows-server-2008"
SEVEN, VISTA, XP = "windows-7-professional", "windows-vista-business", "windows-xp-professional"
CATALOG = "reference"
LANGUAGES = ("fr", "nb")
_ENGLISH = re.compile(
    r"\b(and|are|computers?|from|has|host|is|it|key|must|no|of|takes|that|the|their|them|they|this|which|with|would)\b",
    re.I,
)
_MEMBER = re.compile(r"^[\w.]+\s?: ")  # of a question, as its page of the documentation calls it
_REASON = re.compile(r'<p class="soft">(.*?) <span class="id">(\w+)</span>')
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


@pytest.fixture(scope="module")
def readers(place: Place, running: Running, desk: Desk) -> dict[str, Person]:
    """The same in other languages."""
    to = {"role": Role.REPORT_READER, "organization_id": desk.organization_id}
    return {language: join(place, running, language=language, **to) for language in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Reasons:
    """Asks a question in every language, and looks that each has its reasons in its own words."""

    desk: Desk
    english: Person
    readers: dict[str, Person]
    names: Sequence[str]

    def of(self, **asked: str) -> list[str]:
        """The reasons in English, once those in other languages have the same names, numbers and rules in them."""
        page = answered(self.english, self.desk, **asked).text
        reasons = _REASON.findall(page)
        assert reasons
        for language, reader in self.readers.items():
            other = answered(reader, self.desk, **asked)
            assert f'<html lang="{language}"' in other.text
            found = _REASON.findall(other.text)
            assert [rule for _, rule in found] == [rule for _, rule in reasons]
            for (english, _), (told, _) in zip(reasons, found, strict=True):
                self._same(unescape(english), unescape(told))
        return [unescape(english) for english, _ in reasons]

    def refused(self, **asked: str) -> dict[str, str]:
        """What is wrong with a question, by language."""
        pages = {
            name: answered(each, self.desk, **asked) for name, each in {"en": self.english, **self.readers}.items()
        }
        assert {page.status_code for page in pages.values()} == {422}
        found = {name: re.search(r'role="alert"><p><strong>(.*?)</strong>', page.text) for name, page in pages.items()}
        said = {name: unescape(each[1]) for name, each in found.items() if each}
        for language in self.readers:
            self._same(_MEMBER.sub("", said["en"]), _MEMBER.sub("", said[language]))
        return said

    def _same(self, english: str, told: str) -> None:
        bare = {}
        for which, text in (("english", english), ("told", told)):
            names = sorted(name for name in self.names if name in text)
            bare[which] = names, sorted(re.findall(r"\d+", text))
            for name in sorted(names, key=len, reverse=True):
                text = text.replace(name, "")
        assert bare["told"] == bare["english"], (english, told)
        assert told != english
        assert _ENGLISH.search(text) is None, told


@pytest.fixture(scope="module")
def reasons(place: Place, desk: Desk, reader: Person, readers: dict[str, Person]) -> Reasons:
    """The same question in every language."""
    with place.opened() as service:
        catalog = current_catalog(service).catalog
    named = (catalog.products, catalog.product_groups, catalog.host_platforms, catalog.programs, catalog.updates)
    names = {each.name for part in named for each in part.values()} | {*catalog.products}
    return Reasons(desk, reader, readers, sorted(names))


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


def test_f31_portal_says_why_in_the_readers_language(reasons: Reasons) -> None:
    """Why a way is better is said in French and Norwegian with the numbers of the question, however it is asked."""
    told = reasons.of(product=SEVEN, computers="24")
    assert "24 would count" in told[0]
    for more in ({}, {"where": "virtual"}, {"network": "domain"}, {"network": "none"}, {"remaining": "1"}):
        for computers in ("1", "40", "400"):
            assert computers in "".join(reasons.of(product=SEVEN, computers=computers, **more))


def test_f38_portal_says_downgrades_in_the_readers_language(reasons: Reasons) -> None:
    """Both products of a downgrade are named in every language, and so is what keeps a way from being used."""
    asked = {"product": SEVEN, "computers": "100", "came": SEVEN, "channel": "oem"}
    for instead in (VISTA, XP):
        first = reasons.of(instead=instead, **asked)[0]
        assert "installed in place of Windows 7 Professional" in first
    assert "not among the products" in reasons.of(product=XP, computers="2", instead=SEVEN)[0]
    assert "identical copies" in reasons.of(product=SEVEN, computers="2", came=VISTA, reimage="yes")[0]


def test_f16_portal_says_which_platform_in_the_readers_language(reasons: Reasons) -> None:
    """That a platform cannot be the host, or only after an update, is said in every language by its name."""
    assert "cannot be a host for" in reasons.of(product="office-2010", computers="60", platform=SERVER)[-1]
    assert "after an update (" in reasons.of(product=SEVEN, computers="60", platform=SERVER)[0]
    virtual = {"platform": "windows-server-2003", "machine": "virtual"}
    assert "on a virtual computer" in reasons.of(product=SEVEN, computers="60", **virtual)[-1]


def test_f34_portal_says_where_a_setup_key_is_in_the_readers_language(reasons: Reasons) -> None:
    """A product from before volume activation is told in every language where its setup key is found."""
    told = reasons.of(product=XP, computers="3", network="domain")
    assert "the sleeve of the media" in told[0]
    assert any("what is offered: setup key" in each for each in told)
    for product in ("sbs-2011-standard", "sbs-2008-standard", "sbs-2003-cal", "sbs-2008-cal"):
        reasons.of(product=product, computers="2")


def test_f46_portal_says_what_stays_preinstalled_in_the_readers_language(reasons: Reasons) -> None:
    """That a preinstalled product keeps its own key is said in every language, for one computer as for many."""
    for channel in ("oem", "retail"):
        for computers in ("1", "30"):
            told = reasons.of(product=SEVEN, computers=computers, came=SEVEN, channel=channel)
            assert "goes on activating it" in told[0]


def test_f45_portal_says_what_cannot_be_asked_in_the_readers_language(reasons: Reasons) -> None:
    """What is wrong with a question is said in every language, with the answer that was typed."""
    said = reasons.refused(product=SEVEN, computers="0")
    assert said["fr"] == "Computers\u00a0: est 0, mais doit être de 1 à 1000000000."
    assert said["nb"] == "Computers: er 0, men må være fra 1 til 1000000000."
    assert "doit être un nombre entier, mais est un texte" in reasons.refused(product=SEVEN, computers="ten")["fr"]
    assert f"«{SEVEN}»" in reasons.refused(product="windows-7-profesional", computers="5")["nb"]


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
