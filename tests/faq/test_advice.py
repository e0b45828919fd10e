"""The FAQ's rules of which key and which method to use, through `volact service advise`, in both worlds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.faq.bench import Bench, error
from tests.faq.worlds import Way, World


def methods(advice: dict[str, Any]) -> list[str]:
    """The methods that may be used, best first."""
    return [row["method"] for row in advice["answers"]]


def keys(advice: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """The same with the kinds of key and whose key it is."""
    return [(row["method"], row["key_kind"], row["product_group"]) for row in advice["answers"]]


def rules(advice: dict[str, Any]) -> set[str]:
    """The rules that the answers follow from."""
    return {row["rule"] for row in advice["answers"]}


def left_out(advice: dict[str, Any]) -> set[tuple[str, str, str]]:
    """What may not be used, with code and rule."""
    return {(row["method"], row["code"], row["rule"]) for row in advice["excluded"]}


def ways(advice: dict[str, Any]) -> set[Way]:
    """The platforms that are named as ways out."""
    return {
        Way(platform=row["platform"], virtual=row["virtual"], update=bool(row["update"])) for row in advice["ways_out"]
    }


def test_f02_service_says_which_key_a_product_needs(bench: Bench, world: World) -> None:
    """F02: the catalog says of every product whether it needs activation, a setup key, or nothing, and advice too."""
    shown = {row["product"]: row["needs"] for row in bench.done("catalog", "show", "DIR")["products"]}
    needs = {world.client_new: "activation", world.oldest: "setup", world.box_before_access: "none"}
    assert needs.items() <= shown.items()
    nothing = bench.advise(product=world.box_before_access, computers=9)
    assert [(row["method"], row["key_kind"], row["hosts"], row["activations"]) for row in nothing["answers"]] == [
        ("none", None, 0, 0)
    ]
    assert methods(bench.advise(product=world.oldest, computers=9)) == ["setup"]


def test_f07_service_advises_what_is_licensed(bench: Bench, world: World) -> None:
    """F07: with a program and licenses in the question, keys that the agreement does not give are left out."""
    asked = {"product": world.client_new, "computers": 200}
    pooled = bench.advise(program=world.pooled, level="A", licenses={world.client_old: 1}, **asked)
    bought = bench.advise(program=world.purchase, licenses={world.client_old: 1}, **asked)
    assert methods(pooled) == ["host", "mak"]
    assert (methods(bought), {code for _, code, _ in left_out(bought)}) == ([], {"units_required"})


@pytest.mark.parametrize("identical", [True, False], ids=["identical", "other"])
def test_f09_service_reimaging_of_identical_copies(bench: Bench, world: World, identical: bool) -> None:
    """F09: volume media reimage preinstalled copies of the same product, and none of another."""
    had = world.client_new if identical else world.client_old
    advice = bench.advise(
        product=world.client_new, computers=200, preinstalled={"channel": "oem", "product": had}, reimage=True
    )
    assert bool(advice["answers"]) is identical
    if not identical:
        assert {(code, rule) for _, code, rule in left_out(advice)} == {("reimage_not_identical", "F09")}


@pytest.mark.parametrize("bought", [0, 1])
def test_f09_service_reimaging_takes_a_unit(bench: Bench, world: World, bought: int) -> None:
    """F09: under a purchase program, reimaging takes at least one license of that very product."""
    advice = bench.advise(
        product=world.client_new,
        computers=200,
        preinstalled={"channel": "oem", "product": world.client_new},
        reimage=True,
        program=world.purchase,
        licenses={world.client_new: bought, world.office: 4},
    )
    assert methods(advice) == ["host", "mak"][: 2 * bought]
    if not bought:
        assert {(code, rule) for _, code, rule in left_out(advice)} == {("units_required", "F09")}


@pytest.mark.parametrize("newer", [False, True], ids=["office", "newer"])
def test_f16_service_names_the_ways_out(bench: Bench, world: World, newer: bool) -> None:
    """F16: a platform that cannot be a host for both is left out, and the advice names all that can, and no other."""
    beside = world.office_newer if newer else world.office
    host = {"platform": world.platform_old, "serves": [beside]}
    advice = bench.advise(product=world.client_new, computers=200, host=host)
    assert ("host", "host_platform_unsupported", "F16") in left_out(advice)
    assert ways(advice) == (world.ways_newer if newer else world.ways)
    assert "host" not in methods(advice)


def test_f16_service_few_computers_need_no_host(bench: Bench, world: World) -> None:
    """F16: with fewer than 50 computers the multiple activation key is the other way out; a fit platform needs none."""
    host = {"platform": world.platform_old, "serves": [world.office]}
    few = bench.advise(product=world.client_new, computers=30, host=host)
    assert (methods(few), few["answers"][0]["activations"], ways(few)) == (["mak"], 30, set(world.ways))
    fit = next(way for way in world.ways if not way.update)
    fits = bench.advise(
        product=world.client_new, computers=200, host={"platform": fit.platform, "serves": [world.office]}
    )
    assert (methods(fits), fits["ways_out"]) == (["host", "mak"], [])


def test_f31_service_threshold_cannot_be_met(bench: Bench, world: World) -> None:
    """F31: where too few computers count for a host, a multiple activation key; others that count make up for them."""
    few = bench.advise(product=world.client_new, computers=world.client_threshold - 1)
    assert keys(few) == [("mak", "mak", world.groups[world.client_new])]
    assert ("host", "count_insufficient", "F31") in left_out(few)
    (reason,) = [row["reason"] for row in few["excluded"] if row["method"] == "host"]
    assert str(world.client_threshold) in reason
    enough = bench.advise(
        product=world.client_new, computers=world.client_threshold - 1, others={world.client_count: 1}
    )
    assert methods(enough) == ["mak", "host"]
    other = {world.office_count: 100}
    assert methods(bench.advise(product=world.client_new, computers=world.client_threshold - 1, others=other)) == [
        "mak"
    ]


def test_f31_service_without_contact(bench: Bench, world: World) -> None:
    """F31: computers that do not reach the network within a lease get a multiple activation key, however many."""
    advice = bench.advise(product=world.client_new, computers=300, connected=False)
    assert [(row["method"], row["activations"], row["rule"]) for row in advice["answers"]] == [("mak", 300, "F31")]
    assert ("host", "host_unreachable", "F31") in left_out(advice)


def test_f31_service_virtual_computers(bench: Bench, world: World) -> None:
    """F31: for virtual computers a host comes first, also for few, and a multiple activation key may be used."""
    advice = bench.advise(product=world.client_new, computers=world.client_threshold + 5, virtual=True)
    assert methods(advice) == ["host", "mak"]
    old = bench.advise(product=world.client_old, computers=300, virtual=True)
    assert (methods(old), ("host", "count_insufficient", "F31") in left_out(old)) == (["mak"], True)


@pytest.mark.parametrize(
    ("computers", "others", "first"), [(30, 0, "mak"), (49, 0, "mak"), (49, 1, "host"), (50, 0, "host")]
)
def test_f31_service_fewer_than_fifty(bench: Bench, world: World, computers: int, others: int, first: str) -> None:
    """F31: fewer than 50 computers, others that count among them, get a multiple activation key first, else a host."""
    advice = bench.advise(product=world.client_new, computers=computers, others={world.client_count: others})
    rows = {row["method"]: row for row in advice["answers"]}
    assert (methods(advice)[0], set(rows)) == (first, {"host", "mak"})
    assert (rows["mak"]["hosts"], rows["mak"]["activations"]) == (0, computers)
    assert (rows["host"]["hosts"], rows["host"]["activations"]) == (1 if computers + others < 50 else 2, 0)
    assert all(row["rule"] and row["reason"] for row in advice["answers"])


def test_f31_service_in_a_domain(bench: Bench, world: World) -> None:
    """F31: in a domain the directory comes before a host where the products support it, and nowhere else."""
    supported = bench.advise(product=world.client_next, computers=200, domain=True)
    assert methods(supported) == ["directory", "host", "mak"]
    assert supported["answers"][0]["key_kind"] == "host"
    assert methods(bench.advise(product=world.client_new, computers=200, domain=True)) == ["host", "mak"]


def test_f34_service_the_oldest_have_a_setup_key_alone(bench: Bench, world: World) -> None:
    """F34: for products from before activation, only the setup key, and host and MAK are left out."""
    for product in (world.oldest, world.old_server):
        advice = bench.advise(product=product, computers=100)
        assert [(row["method"], row["key_kind"], row["rule"]) for row in advice["answers"]] == [
            ("setup", "setup", "F34")
        ]
        assert left_out(advice) >= {("host", "kind_not_offered", "F34"), ("mak", "kind_not_offered", "F34")}


def test_f38_service_a_downgrade_of_preinstalled_computers(bench: Bench, world: World) -> None:
    """F38: for a downgrade, a host with either version's key or the MAK of the version that is to be installed."""
    new, old = world.groups[world.client_new], world.groups[world.client_old]
    had = {"channel": "oem", "product": world.client_new}
    advice = bench.advise(product=world.client_new, computers=100, preinstalled=had, downgrade_to=world.client_old)
    assert keys(advice)[:3] == [("host", "host", new), ("host", "host", old), ("mak", "mak", old)]
    assert all(method == "host" for method, _, _ in keys(advice)[3:])
    assert rules(advice) == {"F38"}


def test_f38_service_a_downgrade_to_the_oldest(bench: Bench, world: World) -> None:
    """F38: for a downgrade to a version from before activation, only that version's setup key."""
    had = {"channel": "oem", "product": world.client_new}
    advice = bench.advise(product=world.client_new, computers=100, preinstalled=had, downgrade_to=world.oldest)
    assert keys(advice) == [("setup", "setup", world.groups[world.oldest])]
    assert rules(advice) == {"F38"}
    assert {(method, code) for method, code, _ in left_out(advice)} >= {
        ("host", "kind_not_offered"), ("mak", "kind_not_offered"),
    }  # fmt: skip


def test_f08_service_a_version_that_does_not_stand_in(bench: Bench, world: World) -> None:
    """F08: what the catalog does not list as a downgrade is left out altogether."""
    advice = bench.advise(product=world.client_old, computers=100, downgrade_to=world.client_new)
    assert advice["answers"] == []
    assert {(code, rule) for _, code, rule in left_out(advice)} == {("downgrade_not_offered", "F08")}


def test_f39_service_the_box_has_no_host_key(bench: Bench, world: World) -> None:
    """F39: the small box and its add-on have a MAK and no host key; the add-on's is that of the server."""
    for product, owner in ((world.box, world.box), (world.box_addon, world.server)):
        advice = bench.advise(product=product, computers=100)
        assert keys(advice) == [("mak", "mak", world.groups[owner])]
        assert rules(advice) == {world.box_rule}
        assert ("host", "kind_not_offered", world.box_rule) in left_out(advice)


def test_f40_service_the_key_on_the_media_and_the_access_licenses(bench: Bench, world: World) -> None:
    """F40: the earlier box has its key on its media and its access licenses need nothing; the oldest's need a key."""
    earlier = bench.advise(product=world.box_before, computers=2)
    assert keys(earlier) == [
        ("setup", "setup", world.groups[world.box_before]),
        ("none", None, world.groups[world.box_before_access]),
    ]
    assert "media" in earlier["answers"][0]["reason"]
    assert rules(earlier) == {world.box_old_rule}
    for had in (world.box, world.box_before):
        oldest = bench.advise(product=had, computers=2, downgrade_to=world.box_oldest)
        assert keys(oldest) == [
            ("setup", "setup", world.groups[world.box_oldest]),
            ("mak", "cal", world.groups[world.box_oldest_access]),
        ]
        assert oldest["answers"][1]["activations"] == 2


def test_f29_service_advice_says_how_many_to_ask_for(bench: Bench, world: World) -> None:
    """F29: where a key has fewer activations left than are needed, advice says so."""
    computers, left, missing = world.rollout
    advice = bench.advise(product=world.client_new, computers=computers, mak={"remaining": left}, connected=False)
    (answer,) = advice["answers"]
    assert (answer["method"], answer["activations"], answer["ask_for"]) == ("mak", computers, missing)
    assert str(missing) in answer["reason"]


def test_f11_service_advice_names_the_center(bench: Bench, world: World) -> None:
    """F11: for a program whose keys are kept back, advice names the center that gives them."""
    advice = bench.advise(product=world.office, computers=100, program=world.kept_back, licenses={world.office: 100})
    assert methods(advice) == ["host", "mak"]
    assert advice["center"]["number"] == world.center


def test_f46_service_a_preinstalled_installation_keeps_its_key(bench: Bench, world: World) -> None:
    """F46: a preinstalled computer that stays as it is takes no volume key; its own channel's is what it has."""
    advice = bench.advise(
        product=world.client_new, computers=100, preinstalled={"channel": "oem", "product": world.client_new}
    )
    assert keys(advice) == [("oem", "oem", world.groups[world.client_new])]
    assert left_out(advice) >= {("host", "wrong_channel", "F46"), ("mak", "wrong_channel", "F46")}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"computers": 0}, "question_invalid"),
        ({"computers": -5}, "question_invalid"),
        ({"computers": "many"}, "question_invalid"),
        ({"colour": "green"}, "question_invalid"),
        ({"mak": {"remaining": -1}}, "question_invalid"),
        ({"product": "no-such-product"}, "unknown_product"),
        ({"program": "no-such-program"}, "unknown_program"),
    ],
)
def test_f42_service_a_question_that_cannot_be_answered(
    bench: Bench, world: World, change: dict[str, object], code: str
) -> None:
    """F42: a question with an unknown or impossible member is refused with a code and the member."""
    question = {"product": world.client_new, "computers": 5} | change
    found = error(bench.run("advise", "DIR", "--question", "-", text=json.dumps(question)), code)
    member, value = next(iter(change.items()))
    assert str(value) in found["detail"] or member in found["detail"]
