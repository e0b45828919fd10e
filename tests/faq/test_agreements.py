"""The FAQ's rules of agreements, families and rights, through the command line of the service, in both worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faq.bench import Bench, day, error
from tests.faq.worlds import World


def listed(bench: Bench, organization: str) -> list[tuple[str, str, bool]]:
    """An organization's summary: Licensing ID, whose, whether by grant."""
    rows = bench.done("summary", "DIR", organization)["licensing_ids"]
    return [(row["licensing_id"], row["owner"], row["by_grant"]) for row in rows]


def test_f05_service_import_leaves_payment_out(bench: Bench, world: World, tmp_path: Path) -> None:
    """F05: a purchase is on record and its keys are given whatever a sheet's payment columns say, which are named."""
    licensing_id = bench.agreement(world.purchase)
    sheet = tmp_path / "purchases.csv"
    row = f"{licensing_id},{world.office},7,overdue,-1200\n"
    sheet.write_text(f"licensing_id,product,licenses,payment_status,balance\n{row}", "utf-8")
    said = bench.done("import", "DIR", "purchases", sheet, "--apply")
    assert (said["applied"], set(said["left_out"])) == (True, {"payment_status", "balance"})
    assert bench.done("agreement", "show", "DIR", licensing_id)["licenses"] == {world.office: 7}
    assert bench.issues(licensing_id, world.office, "mak").code == 0


def test_f06_service_summary_lists_every_licensing_id(bench: Bench, world: World) -> None:
    """F06: keys belong to a Licensing ID, and a customer's summary lists all that it holds and nobody else's."""
    organization = bench.organization()
    held = [
        bench.agreement(world.pooled, organization=organization),
        bench.agreement(world.purchase, organization=organization),
    ]
    other = bench.agreement(world.purchase, licenses={world.office: 1})
    issued = bench.issue(other, world.office, "mak")
    assert sorted(listed(bench, organization)) == sorted((each, organization, False) for each in held)
    assert [key["keyid"] for key in bench.done("agreement", "show", "DIR", other)["keys"]] == [issued["keyid"]]
    assert bench.done("agreement", "show", "DIR", held[0])["keys"] == []


def test_f07_service_pooled_programs_give_keys_for_the_pool(bench: Bench, world: World) -> None:
    """F07: whoever bought a product of a pool gets keys for every product of that pool and of no other."""
    for program in world.pooled_programs:
        licensing_id = bench.agreement(program, licenses={world.client_old: 1})
        assert bench.issues(licensing_id, world.client_new, "mak").code == 0
        refused = error(bench.issues(licensing_id, world.office, "mak"), "units_required")
        assert refused["product"] == world.office
    assert bench.issues(licensing_id, world.oldest, "setup").code == 0
    assert bench.issues(licensing_id, world.server, "host").refused == "units_required"


def test_f07_service_purchase_programs_give_keys_for_what_was_bought(bench: Bench, world: World) -> None:
    """F07: other programs give keys for what was purchased and what may stand in for it, and for nothing else."""
    for program in world.purchase_programs:
        licensing_id = bench.agreement(program, licenses={world.client_new: 1})
        assert bench.issues(licensing_id, world.client_new, "mak").code == 0
        assert bench.issues(licensing_id, world.client_old, "host").code == 0
        error(bench.issues(licensing_id, world.client_next, "mak"), "units_required")


def test_f07_service_a_license_taken_back_gives_no_more_keys(bench: Bench, world: World) -> None:
    """F07: with the last license of a product its keys are given no more, and those given before stay."""
    licensing_id = bench.owner_of(world.office)
    keyid = bench.issue(licensing_id, world.office, "mak")["keyid"]
    bench.done("agreement", "set", "DIR", licensing_id, "--licenses", f"{world.office}=0")
    assert bench.issues(licensing_id, world.office, "mak").refused == "units_required"
    assert bench.shown(keyid)["state"] == "active"


def test_f08_service_rights_of_the_programs(bench: Bench, world: World) -> None:
    """F08: every customer may reimage and downgrade, and some programs add evaluation, training and backup copies."""
    free: dict[str, Any] = {"reimaging": None, "downgrade": None}
    pooled = bench.done("agreement", "show", "DIR", bench.agreement(world.pooled))
    bought = bench.done("agreement", "show", "DIR", bench.agreement(world.purchase))
    assert pooled["rights"] == free | world.pooled_rights
    assert bought["rights"] == free


@pytest.mark.parametrize("kind", ["mak", "host"])
def test_f09_service_one_unit_for_media_and_key(bench: Bench, world: World, kind: str) -> None:
    """F09: a customer of a purchase program owns a unit of a product before it gets the key to reimage it."""
    licensing_id = bench.agreement(world.purchase)
    assert bench.issues(licensing_id, world.client_new, kind).refused == "units_required"
    bench.done("agreement", "set", "DIR", licensing_id, "--licenses", f"{world.client_new}=1")
    assert bench.issues(licensing_id, world.client_new, kind).code == 0


def test_f10_service_the_choice_whose_keys_are_used(bench: Bench, world: World) -> None:
    """F10: the holder lets affiliates, and no stranger, use its keys, which their summary shows until it stops that."""
    parent, stranger = bench.organization(), bench.organization(name="Sykehuset Sør")
    child = bench.organization("--parent", parent, name="Helse Vest Laboratorium")
    grandchild = bench.organization("--parent", child, name="Helse Vest Laboratorium Nord")
    held = bench.agreement(world.pooled, organization=parent)
    own = bench.agreement(world.purchase, organization=child)
    use = ("organization", "use-keys", "DIR")
    assert listed(bench, child) == [(own, child, False)]
    bench.done(*use, child, "--of", held)
    bench.done(*use, grandchild, "--of", held)
    error(bench.run(*use, stranger, "--of", held), "not_in_family")
    assert bench.run(*use, parent, "--of", held).code == 2
    assert listed(bench, child) == [(own, child, False), (held, parent, True)]
    assert (listed(bench, grandchild), listed(bench, stranger)) == ([(held, parent, True)], [])
    bench.done(*use, child, "--of", held, "--stop")
    assert listed(bench, child) == [(own, child, False)]


def test_f10_service_what_leaves_the_family_sees_nothing(bench: Bench, world: World) -> None:
    """F10: a parent uses an affiliate's keys where that grants it, and nothing is shown after the ties are cut."""
    parent = bench.organization()
    child = bench.organization("--parent", parent)
    held = bench.agreement(world.purchase, organization=child)
    assert listed(bench, parent) == []
    bench.done("organization", "use-keys", "DIR", parent, "--of", held)
    assert listed(bench, parent) == [(held, child, True)]
    bench.done("organization", "set", "DIR", child, "--parent", "")
    assert listed(bench, parent) == []


def test_f11_service_keys_that_are_not_shown(bench: Bench, world: World) -> None:
    """F11: some programs' keys are not shown to their customers, and every other program's are."""
    for program in world.kept_back_programs:
        assert bench.done("agreement", "show", "DIR", bench.agreement(program))["keys_shown"] is False
    assert bench.done("agreement", "show", "DIR", bench.agreement(world.purchase))["keys_shown"] is True


@pytest.mark.parametrize("kind", ["mak", "host"])
def test_f30_service_both_kinds_from_the_first_day_to_the_last(bench: Bench, world: World, kind: str) -> None:
    """F30: every valid agreement gets both kinds of key, from its first day to its last, which still counts."""
    bought = {world.client_new: 1}
    today = bench.agreement(world.purchase, "--valid-from", day(0), "--valid-until", day(0), licenses=bought)
    early = bench.agreement(world.purchase, "--valid-from", day(1), licenses=bought)
    assert bench.issues(today, world.client_new, kind).code == 0
    error(bench.issues(early, world.client_new, kind), "agreement_not_started")


# What is wrong is refused with a code, and nothing is half done.


def test_f42_service_unknown_program(bench: Bench, world: World) -> None:
    """F42: an agreement under a program that the catalog does not have is refused and not on record."""
    organization = bench.organization()
    error(bench.agrees(f"{world.purchase}-2", organization=organization), "unknown_program")
    assert listed(bench, organization) == []


def test_f42_service_level_of_a_program(bench: Bench, world: World) -> None:
    """F42: a program with price levels asks for one of its own, and without it no agreement is on record."""
    organization = bench.organization()
    words = ("--organization", organization, "--program", world.pooled)
    error(bench.run("agreement", "add", "DIR", *words), "level_required")
    error(bench.run("agreement", "add", "DIR", *words, "--level", "Q"), "unknown_level")
    assert listed(bench, organization) == []


@pytest.mark.parametrize("number", [-1, "x", "1.5"])
def test_f42_service_negative_counts(bench: Bench, world: World, number: object) -> None:
    """F42: a number of licenses that is none is wrong usage and changes nothing."""
    licensing_id = bench.owner_of(world.office)
    assert bench.run("agreement", "set", "DIR", licensing_id, "--licenses", f"{world.office}={number}").code == 2
    assert bench.done("agreement", "show", "DIR", licensing_id)["licenses"] == {world.office: 1}


def test_f42_service_negative_activations(bench: Bench, world: World) -> None:
    """F42: a key is neither issued for nor set to fewer than no activations."""
    licensing_id = bench.owner_of(world.office)
    assert bench.issues(licensing_id, world.office, "mak", "--activations", -1).code == 2
    keyid = bench.issue(licensing_id, world.office, "mak", "--activations", 3)["keyid"]
    assert bench.run("key", "set", "DIR", keyid, "--activations", -3, "--reason", "less").code == 2
    assert bench.run("rollout-check", "DIR", keyid, "--computers", -3).code == 2
    assert bench.shown(keyid)["allowance"] == 3


def test_f42_service_two_parents_in_a_circle(bench: Bench) -> None:
    """F42: two organizations are not each other's parents, and the one that was there stays."""
    parent = bench.organization()
    child = bench.organization("--parent", parent)
    error(bench.run("organization", "set", "DIR", parent, "--parent", child), "organization_cycle")
    error(bench.run("organization", "set", "DIR", parent, "--parent", parent), "organization_cycle")
    assert bench.done("organization", "set", "DIR", child, "--country", "NO")["parent"] == parent


def test_f42_service_an_agreement_that_has_ended(bench: Bench, world: World) -> None:
    """F42: after its end an agreement gives and raises no key, and what it gave stays as it is."""
    ended = bench.agreement(world.purchase, "--valid-until", day(0), licenses={world.office: 3, world.oldest: 1})
    keyid = bench.issue(ended, world.office, "mak")["keyid"]
    bench.done("agreement", "set", "DIR", ended, "--valid-until", day(-1))
    before = bench.shown(keyid)
    for kind, product in (("mak", world.office), ("host", world.office), ("setup", world.oldest)):
        error(bench.issues(ended, product, kind), "agreement_ended")
    raised = bench.run("key", "set", "DIR", keyid, "--activations", 999, "--reason", "more")
    error(raised, "agreement_ended")
    assert bench.shown(keyid) == before
