"""What advice makes of a catalog's odd corners, and what holds for every question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import edited, read, reference, small
from tests.unit.licensing.worlds import ask, barred, medora, questions, used
from volact.errors import CODES, Refusal
from volact.licensing.advice import Advice, Question, advise, read_question
from volact.licensing.catalog import Catalog

MET = {"others": {"desks": 60}}


def test_retired_product_is_given_to_nobody() -> None:
    """A product that is no longer sold is excluded by every method, and so is what it may be downgraded to."""
    catalog = read(
        edited(("products/suite-1/retired", True), ("products/suite-1/downgrades", ["plugin-1"])),
    )
    for more in ({}, {"downgrade_to": "plugin-1"}):
        advice = ask(catalog, product="suite-1", computers=5, **more)
        assert advice.answers == ()
        assert {(code, rule) for _, _, code, rule in barred(advice)} == {("entry_retired", "F02")}


def test_host_key_of_retired_products_is_no_further_key() -> None:
    """For a downgrade, a host key that no product is sold with any more is not listed."""
    groups = {"product_groups/sampler": None, "products/sampler-1": None, "products/sampler-2": None}
    document = edited(
        *groups.items(),
        ("product_groups/suite/activates", ["plugin", "plugin-old"]),
        ("product_groups/plugin-old", small()["product_groups"]["plugin"] | {"number": 9}),
        ("product_groups/plugin-old/host_group", "suite"),
        ("product_groups/huge", {**small()["product_groups"]["suite"], "number": 8, "activates": ["plugin-old"]}),
        ("product_groups/huge/name", "Huge"),
        ("products/plugin-0", {"name": "Plug-in 0", "group": "plugin-old"}),
        ("products/huge-1", {"name": "Huge 1", "group": "huge"}),
        ("products/plugin-1/downgrades", ["plugin-0"]),
    )
    question = {"product": "plugin-1", "computers": 5, "downgrade_to": "plugin-0"} | MET
    assert used(ask(read(document), **question)) == [
        ("host", "host", "suite"),
        ("mak", "mak", "plugin-old"),
        ("host", "host", "huge"),
    ]
    document["products"]["huge-1"]["retired"] = True
    assert used(ask(read(document), **question))[-1] == ("mak", "mak", "plugin-old")


@pytest.mark.parametrize(("number", "allowed"), [(0, False), (4, False), (5, True), ("unlimited", True)])
@pytest.mark.parametrize("name", ["reimaging", "downgrade"])
def test_f08_right_of_the_program_limits_the_copies(name: str, number: int | str, allowed: bool) -> None:
    """A right to reimage or downgrade that covers fewer copies than computers excludes everything, and 0 is none."""
    catalog = read(edited(("programs/fixed/rights", {name: number}), ("products/suite-1/downgrades", ["plugin-1"])))
    more: dict[str, Any] = {"reimage": True} if name == "reimaging" else {"downgrade_to": "plugin-1"}
    advice = ask(catalog, product="suite-1", computers=5, program="fixed", **more)
    assert bool(advice.answers) is allowed
    if not allowed:
        assert {(code, rule) for _, _, code, rule in barred(advice)} == {("units_required", "F08")}
        assert advice.excluded[0].reason == f"The {name} right of Fixed covers {number} of the 5 computers."


def test_setup_key_beside_activation_is_the_last_way() -> None:
    """A product that is activated and has a setup key too lists it last, and a client access key beside the others."""
    catalog = read(
        edited(("products/sampler-2/kinds", ["setup", "mak", "cal"]), ("products/suite-1/client_access", "sampler-2"))
    )
    advice = ask(catalog, product="sampler-2", computers=1)
    assert used(advice) == [("mak", "mak", "sampler"), ("mak", "cal", "sampler"), ("setup", "setup", "sampler")]
    assert advice.answers[0].rule == "F39"
    assert advice.answers[1].reason.endswith("of which the server that holds them takes one activation.")
    served = ask(catalog, product="suite-1", computers=5)
    assert used(served) == [("mak", "mak", "suite"), ("host", "host", "suite"), ("mak", "cal", "sampler")]


def test_client_access_that_cannot_be_had_is_excluded() -> None:
    """Access licenses that are retired, or that nothing purchased leads to, are excluded beside the answers."""
    access = ("products/suite-1/client_access", "sampler-2")
    none = [("products/sampler-2/kinds", []), ("products/sampler-2/needs", "none"), access]
    retired = ask(read(edited(*none, ("products/sampler-2/retired", True))), product="suite-1", computers=5)
    assert barred(retired) == [("none", None, "entry_retired", "F02")]
    pools = (
        ("pools/other", {"name": "Other"}),
        ("product_groups/sampler/pool", "other"),
        ("programs/fixed/keys", "pool"),
    )
    other = read(edited(*none, *pools))
    unowned = ask(other, product="suite-1", computers=5, program="fixed", licenses={"suite-1": 1})
    assert barred(unowned) == [("none", None, "units_required", "F07")]


def test_product_that_is_sold_one_by_one() -> None:
    """A product with retail keys alone takes one for each computer, and volume methods are not offered."""
    advice = ask(read(small()), product="sampler-1", computers=3)
    assert used(advice) == [("retail", "retail", "sampler")]
    assert (advice.answers[0].activations, advice.answers[0].rule) == (3, "F01")
    assert barred(advice) == [("mak", "mak", "kind_not_offered", "F02"), ("host", "host", "kind_not_offered", "F39")]
    catalog = read(edited(("programs/fixed/keys", "pool")))
    unowned = ask(catalog, product="sampler-1", computers=3, program="fixed", licenses={})
    assert barred(unowned) == [("retail", "retail", "units_required", "F07")]


def test_product_without_multiple_activation_key_waits_for_the_count() -> None:
    """Without a multiple activation key and below the threshold nothing may be used, and both reasons are given."""
    catalog = read(edited(("products/suite-1/kinds", ["host"])))
    advice = ask(catalog, product="suite-1", computers=1)
    assert advice.answers == ()
    assert barred(advice) == [("mak", "mak", "kind_not_offered", "F02"), ("host", "host", "count_insufficient", "F31")]
    met = ask(catalog, product="suite-1", computers=1, virtual=True, **MET)
    assert "multiple activation key" not in met.answers[0].reason


def test_needs_none_is_one_answer() -> None:
    """A product that needs nothing has one answer without a key, and none where it may not be had."""
    catalog = read(edited(("products/sampler-2/kinds", []), ("products/sampler-2/needs", "none")))
    advice = ask(catalog, product="sampler-2", computers=9)
    assert used(advice) == [("none", None, "sampler")]
    assert (advice.answers[0].rule, advice.excluded) == ("F02", ())
    wrong = ask(catalog, product="suite-1", downgrade_to="sampler-2", computers=9)
    assert barred(wrong) == [("none", None, "downgrade_not_offered", "F08")]


def test_downgrade_to_a_product_that_no_host_serves() -> None:
    """A downgrade to a product that no host serves takes its multiple activation key alone."""
    advice = ask(
        read(edited(("products/suite-1/downgrades", ["sampler-2"]))),
        product="suite-1", computers=60, downgrade_to="sampler-2",
    )  # fmt: skip
    assert used(advice) == [("mak", "mak", "sampler")]
    assert barred(advice) == [("host", "host", "kind_not_offered", "F39")]


def test_update_of_a_family_that_is_served_too() -> None:
    """The update that the host needs may come from what it serves beside, and no machine in question needs none."""
    group = {"kinds": ["setup", "retail", "mak", "cal", "host"], "count_group": "desks", "threshold": 1}
    hosts = {"hosts": {"bsd": "yes", "linux": "yes"}}
    sampler = small()["product_groups"]["sampler"] | group | hosts
    catalog = read(edited(("product_groups/sampler", sampler), ("products/sampler-2/kinds", ["mak", "host"])))
    beside = ask(catalog, product="sampler-2", computers=60, host={"platform": "bsd", "serves": ["plugin-1"]})
    assert (beside.answers[0].update, beside.answers[0].rule) == ("wheel", "F17")
    alone = ask(catalog, product="sampler-2", computers=60, host={"platform": "bsd"})
    assert (alone.answers[0].update, alone.answers[0].rule) == (None, "F31")
    without = read(edited(("updates", {}), ("product_groups/suite/hosts", {"linux": "yes"})))
    assert ask(without, product="suite-1", computers=60, host={"platform": "linux"}).ways_out == ()


@pytest.mark.parametrize("catalog", [reference(), medora()], ids=["faq", "medora"])
@given(data=st.data())
def test_f31_every_question_has_an_answer_that_stands(catalog: Catalog, data: st.DataObject) -> None:
    """No way is both used and excluded, nothing is left without a reason, and the same question has the same answer."""
    asked: Mapping[str, object] = data.draw(questions(catalog))
    question = read_question(asked, catalog)
    assert isinstance(question, Question)
    advice = advise(catalog, question)
    assert not isinstance(advice, Refusal)
    assert advise(catalog, question) == advice
    _check(catalog, advice, computers=question.computers)


def _check(catalog: Catalog, advice: Advice, *, computers: int) -> None:
    may = used(advice)
    may_not = [(each.method, each.key_kind, each.product_group) for each in advice.excluded]
    assert len({*may, *may_not}) == len(may) + len(may_not)
    assert may or may_not
    for way in (*advice.answers, *advice.excluded):
        assert way.product_group in catalog.product_groups
        assert re.fullmatch(r"F\d\d", way.rule) or way.rule in {each.rule for each in catalog.products.values()}
        assert way.reason[0].isupper() or not way.reason[0].isalpha()
        assert way.reason.endswith(".")
        assert not any(code in way.reason for code in CODES if "_" in code)
    for answer in advice.answers:
        assert answer.hosts == 0 or answer.method == "host"
        assert answer.activations in (0, computers)
        assert (answer.method in ("host", "directory")) == (answer.key_kind == "host")
    assert {each.code for each in advice.excluded} <= set(CODES)
