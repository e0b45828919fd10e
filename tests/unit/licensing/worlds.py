"""Two catalogs with the same promises under other names and figures, for the tests of advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.unit.licensing.builders import ROOT, reference
from volact.errors import Refusal
from volact.licensing.advice import Advice, Answer, Excluded, advise, read_question
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import read_catalog_text


@cache
def medora() -> Catalog:
    """A made-up publisher of software for hospitals."""
    return read_catalog_text((ROOT / "tests/faq/medora.toml").read_bytes(), "medora.toml")


def ask(catalog: Catalog, **question: object) -> Advice:
    """The advice for a question that is in order."""
    read = read_question(question, catalog)
    assert not isinstance(read, Refusal), read
    advice = advise(catalog, read)
    assert isinstance(advice, Advice), advice
    return advice


def questions(catalog: Catalog) -> st.SearchStrategy[dict[str, Any]]:
    """Any question that is in order."""
    products = st.sampled_from([*catalog.products])
    served = [each.id for each in catalog.products.values() if "host" in each.kinds]
    host = st.fixed_dictionaries(
        {"platform": st.sampled_from([*catalog.host_platforms])},
        optional={"virtual": st.booleans(), "serves": st.lists(st.sampled_from(served), unique=True, max_size=3)},
    )
    few = st.integers(0, 130)
    return st.fixed_dictionaries(
        {"product": products, "computers": st.integers(1, 130)},
        optional={
            "others": st.dictionaries(st.sampled_from([*catalog.count_groups]), few),
            "virtual": st.booleans(),
            "domain": st.booleans(),
            "connected": st.booleans(),
            "program": st.sampled_from([*catalog.programs]),
            "licenses": st.dictionaries(products, few, max_size=4),
            "host": host,
            "preinstalled": st.fixed_dictionaries({"channel": st.sampled_from(["oem", "retail"]), "product": products}),
            "downgrade_to": products,
            "reimage": st.booleans(),
            "mak": st.fixed_dictionaries({"remaining": few}),
        },
    )


def used(advice: Advice) -> list[tuple[str, str | None, str]]:
    """Method, kind of key and product group of what may be used, best first."""
    return [(each.method, each.key_kind, each.product_group) for each in advice.answers]


def barred(advice: Advice) -> list[tuple[str, str | None, str, str]]:
    """Method, kind of key, code and rule of what may not be used."""
    return [(each.method, each.key_kind, each.code, each.rule) for each in advice.excluded]


def the(ways: tuple[Answer, ...] | tuple[Excluded, ...], method: str) -> Answer | Excluded:
    """The only way by a method."""
    (found,) = [each for each in ways if each.method == method]
    return found


@dataclass(frozen=True, slots=True)
class World:
    """What the same thing is called in one catalog."""

    name: str
    catalog: Catalog
    ids: Mapping[str, str]
    threshold: int

    def __getitem__(self, word: str) -> str:
        return self.ids[word]

    def group(self, word: str) -> str:
        """The product group of a product."""
        return self.catalog.group_of(self[word]).id

    def ask(self, word: str, computers: int, **more: object) -> Advice:
        """The advice for so many computers with a product."""
        return ask(self.catalog, product=self[word], computers=computers, **more)

    def rule(self, word: str, otherwise: str) -> str:
        """The rule that a product's answers cite."""
        return self.catalog.products[self[word]].rule or otherwise


FAQ = World(
    "faq",
    reference(),
    {
        "client": "windows-7-professional",
        "older": "windows-vista-business",
        "oldest": "windows-xp-professional",
        "newer": "windows-8-pro",
        "office": "office-2010",
        "newer office": "office-2013",
        "part": "project-2010",
        "platform": "windows-server-2008",
        "late platform": "windows-server-2003",
        "good platform": "windows-server-2008-r2",
        "virtual platform": "windows-server-2003-v1.1",
        "box": "sbs-2011-standard",
        "extension": "sbs-2011-premium-addon",
        "media box": "sbs-2008-standard",
        "media seats": "sbs-2008-cal",
        "key box": "sbs-2003-standard",
        "key seats": "sbs-2003-cal",
        "pool": "enterprise-agreement",
        "purchase": "open-license",
        "hidden": "isv-royalty",
        "counted": "windows",
    },
    25,
)
MEDORA = World(
    "medora",
    medora(),
    {
        "client": "viewer-7-standard",
        "older": "viewer-6-standard",
        "oldest": "viewer-4-standard",
        "newer": "viewer-8-standard",
        "office": "records-3",
        "newer office": "records-4",
        "part": "dictation-3",
        "platform": "ward-os-4",
        "late platform": "ward-os-3",
        "good platform": "ward-os-5",
        "virtual platform": "ward-os-3.1",
        "box": "practice-box-4",
        "extension": "practice-box-4-laboratory",
        "media box": "practice-box-3",
        "media seats": "practice-seats-3",
        "key box": "practice-box-2",
        "key seats": "practice-seats-2",
        "pool": "hospital-framework",
        "purchase": "clinic-purchase",
        "hidden": "device-maker",
        "counted": "stations",
    },
    12,
)
