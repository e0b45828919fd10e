"""What a new version of the catalog may take away and what it may not, in both worlds."""

from __future__ import annotations

import re

import pytest

from tests.faq.bench import Bench, error
from tests.faq.worlds import World
from tests.support.commands import volact


@pytest.fixture(scope="module")
def sold(bench: Bench) -> dict[str, str]:
    """An agreement of each sort with a key: Licensing ID and keyid by the program's role."""
    found = {}
    for role, program in (("pooled", bench.world.pooled), ("purchase", bench.world.purchase)):
        licensing_id = bench.agreement(program, licenses={bench.world.office: 3})
        found |= {role: licensing_id, f"{role} key": bench.issue(licensing_id, bench.world.office, "mak")["keyid"]}
    return found


def test_f42_service_a_retired_product_that_is_still_referenced(
    bench: Bench, world: World, sold: dict[str, str]
) -> None:
    """F42: of a retired product no key is given any more, and keys that were given go on, with their computers."""
    copy = bench.copied()
    issued = copy.issue(sold["purchase"], world.office, "mak", "--activations", 2)
    copy_pc = copy.activated(world.office, issued["key"])
    assert copy.publish(world.added(f"products.{world.office}", "retired = true")).code == 0
    for kind in ("mak", "host"):
        error(copy.issues(sold["purchase"], world.office, kind), "entry_retired")
    error(copy.agrees(world.purchase, licenses={world.office: 1}), "entry_retired")
    assert copy.activated(world.office, issued["key"]).status()["state"] == "licensed"
    assert copy_pc.run("run", "--once").product["state"] == "licensed"
    assert copy.done("agreement", "show", "DIR", sold["purchase"])["licenses"] == {world.office: 3}
    asked = copy.advise(product=world.office, computers=9)
    assert (asked["answers"], {row["code"] for row in asked["excluded"]}) == ([], {"entry_retired"})
    copy.close()


def test_f42_service_a_retired_program_that_is_still_referenced(
    bench: Bench, world: World, sold: dict[str, str]
) -> None:
    """F42: under a retired program no agreement is added, and those that exist go on to their end."""
    copy = bench.copied()
    assert copy.publish(world.added(f"programs.{world.purchase}", "retired = true")).code == 0
    error(copy.agrees(world.purchase), "entry_retired")
    assert copy.issues(sold["purchase"], world.office, "mak").code == 0
    assert copy.done("agreement", "set", "DIR", sold["purchase"], "--licenses", f"{world.server}=1")["licenses"] == {
        world.office: 3, world.server: 1,
    }  # fmt: skip


def broken(world: World, what: str) -> tuple[str, str]:
    """An edit that breaks what was issued, and the path that has to be named."""
    group = world.groups[world.office]
    if what == "number":
        number = re.search(
            rf"^\[product_groups\.{re.escape(group)}\]\nname = .+\n(number = \d+)$", world.text, re.MULTILINE
        )
        assert number
        return world.edited(f"product_groups.{group}", number[1], "number = 77777"), f"product_groups.{group}.number"
    if what == "kind":
        lost = world.edited(f"products.{world.office}", "group =", 'kinds = ["host"]\ngroup =')
        return lost, f"products.{world.office}.kinds"
    if what == "level":
        level = f"A = {world.levels['A']}, "
        return world.edited(f"programs.{world.pooled}", level, ""), f"programs.{world.pooled}"
    renamed = world.text.replace(f"[programs.{world.purchase}", f"[programs.{world.purchase}-2")
    return renamed, f"programs.{world.purchase}"


@pytest.mark.parametrize("what", ["number", "kind", "level", "program"])
def test_f42_service_an_edit_that_would_break_issued_keys(
    bench: Bench, world: World, sold: dict[str, str], what: str
) -> None:
    """F42: a catalog that would break keys and agreements already given is refused by the place and changes nothing."""
    before = bench.done("catalog", "show", "DIR")["version"]
    text, path = broken(world, what)
    refused = error(bench.publish(text), "catalog_invalid")
    assert refused["path"].startswith(path), refused
    assert bench.done("catalog", "show", "DIR")["version"] == before
    assert bench.shown(sold["pooled key"])["state"] == "active"


def test_f42_service_errors_lists_what_the_service_refuses() -> None:
    """F42: every code that customers and callers are refused with has a title, a cause and the fix on the one page."""
    codes = (
        "downgrade_not_offered", "entry_retired", "grant_required", "host_slot_freed", "level_required",
        "not_in_family", "proof_required", "question_invalid", "reimage_not_identical", "retirement_limit_reached",
        "retirement_not_allowed", "sheet_invalid", "sheet_refused", "trial_ended", "units_required", "unknown_host",
    )  # fmt: skip
    listed = {row["code"]: row for row in volact("errors").data["codes"]}
    assert all(listed[code]["title"] and listed[code]["cause"] and listed[code]["fix"] for code in codes)
