"""The FAQ's rules of how many activations a key gets, has left and gets back, in both worlds."""

from __future__ import annotations

import datetime
import re

import pytest

from tests.faq.bench import Bench, day, error
from tests.faq.worlds import World
from tests.support.service import Device


def allowance(bench: Bench, licensing_id: str, product: str) -> tuple[int, str]:
    """What a new key would get, and why in one text."""
    said = bench.done("allowance", "DIR", "--licensing-id", licensing_id, "--product", product)
    return said["activations"], "\n".join(said["because"])


def test_f25_service_a_number_by_agreement_with_reasons(bench: Bench, world: World) -> None:
    """F25: a key's number is raised and lowered with a reason on record, and never below what is used."""
    key = bench.key(world.office, "mak", "--activations", 3)
    for _ in range(2):
        assert bench.posts(Device(world.publisher).activate(key, world.office)) is None
    change = ("key", "set", "DIR", key.keyid, "--activations")
    assert bench.run(*change, 9).code == 2
    assert bench.done(*change, 9, "--reason", "a new wing")["remaining"] == 7
    assert bench.done(*change, 2, "--reason", "the wing was sold")["remaining"] == 0
    error(bench.run(*change, 1, "--reason", "one too many"), "allowance_below_used")
    history = [(line["what"], line["why"], bool(line["who"])) for line in bench.shown(key.keyid)["history"]]
    assert history[1:] == [
        ("allowance set from 3 to 9", "a new wing", True),
        ("allowance set from 9 to 2", "the wing was sold", True),
    ]


def test_f26_service_what_remains_is_one_number(bench: Bench, world: World) -> None:
    """F26: every command shows the same number of activations left."""
    licensing_id = bench.owner_of(world.office)
    key = bench.key(world.office, "mak", "--activations", 5, licensing_id=licensing_id)
    for _ in range(2):
        assert bench.posts(Device(world.publisher).activate(key, world.office)) is None
    (listed,) = bench.done("agreement", "show", "DIR", licensing_id)["keys"]
    asked = bench.done("rollout-check", "DIR", key.keyid, "--computers", 3)
    assert [bench.shown(key.keyid)["remaining"], listed["remaining"], asked["remaining"]] == [3, 3, 3]
    assert asked["enough"] is True


def test_f27_client_every_computer_takes_one(bench: Bench, world: World) -> None:
    """F27: every activation takes one from the key, a virtual computer's as a physical one's."""
    issued = bench.issue(bench.owner, world.client_new, "mak", "--activations", 2)
    for used, more in enumerate(((), ("--virtual",)), start=1):
        pc = bench.activated(world.client_new, issued["key"], *more)
        assert pc.run("activate", "--service", bench.url).code == 0
        assert bench.shown(issued["keyid"])["used"] == used


def test_f28_service_a_fixed_amount_per_level(bench: Bench, world: World) -> None:
    """F28: pooled programs give a fixed amount per price level, which the reasons name."""
    organization = bench.organization()
    licensing_id = bench.agreement(world.pooled, organization=organization, licenses={world.office: 400})
    for level, activations in world.levels.items():
        bench.done("agreement", "set", "DIR", licensing_id, "--level", level)
        number, because = allowance(bench, licensing_id, world.office)
        assert number == activations
        assert world.program_name(world.pooled) in because
        assert re.search(rf"\blevel {level}\b", because, re.IGNORECASE)
    assert bench.issue(licensing_id, world.office, "mak")["allowance"] == world.levels["D"]


def test_f28_service_by_the_licenses_purchased(bench: Bench, world: World) -> None:
    """F28: other programs give a number by the licenses of the product group, and say which and whose figure it is."""
    licensing_id = bench.agreement(world.purchase, licenses={world.server: 999})
    for licenses, activations, source in world.bands:
        bench.done("agreement", "set", "DIR", licensing_id, "--licenses", f"{world.office}={licenses}")
        number, because = allowance(bench, licensing_id, world.office)
        assert (number, source in because) == (activations, True), because
        assert world.program_name(world.purchase) in because
        assert re.search(rf"\b{licenses}\b", because), because
        assert bench.issue(licensing_id, world.office, "mak")["allowance"] == activations


def test_f28_service_licenses_are_counted_per_product_group(bench: Bench, world: World) -> None:
    """F28: licenses count per Licensing ID and product group: all products of the group, and none of another."""
    licenses, activations, _ = world.bands[-1]
    organization = bench.organization()
    licensing_id = bench.agreement(
        world.purchase, organization=organization, licenses={world.server: licenses - 1, world.box_addon: 1}
    )
    bench.agreement(world.purchase, organization=organization, licenses={world.server: 500})
    assert allowance(bench, licensing_id, world.server)[0] == activations


def test_f28_service_an_edited_table_changes_the_answer(bench: Bench, world: World) -> None:
    """F28: a new catalog with other figures changes what new keys get, and no key that was given."""
    old, new, licenses, activations = world.band_edit
    copy = bench.copied()
    licensing_id = copy.agreement(world.purchase, licenses={world.office: licenses})
    before = copy.issue(licensing_id, world.office, "mak")
    table = f"programs.{world.purchase}"
    text = world.edited(table, old, new)
    assert copy.publish(text).code == 0
    assert before["allowance"] != activations
    assert allowance(copy, licensing_id, world.office)[0] == activations
    assert copy.issue(licensing_id, world.office, "mak")["allowance"] == activations
    assert copy.shown(before["keyid"])["allowance"] == before["allowance"]


def test_f29_service_before_a_roll_out(bench: Bench, world: World) -> None:
    """F29: before reimaging, the tool says whether what remains suffices, how many to ask for, and where."""
    computers, left, missing = world.rollout
    keyid = bench.issue(bench.owner, world.office, "mak", "--activations", left)["keyid"]
    short = bench.done("rollout-check", "DIR", keyid, "--computers", computers)
    assert (short["enough"], short["remaining"], short["ask_for"]) == (False, left, missing)
    assert short["center"]["number"] == world.center
    enough = bench.done("rollout-check", "DIR", keyid, "--computers", left)
    assert (enough["enough"], enough["remaining"], enough["ask_for"]) == (True, left, 0)
    people = bench.run("rollout-check", "DIR", keyid, "--computers", computers, json=False)
    assert (people.code, str(missing) in people.out) == (0, True)


def test_f29_service_reimaging_takes_one_and_a_repeat_none(bench: Bench, world: World) -> None:
    """F29: a fresh activation after reimaging takes one, and the same request again takes none."""
    key = bench.key(world.office, "mak", "--activations", 2)
    device = Device(world.publisher)
    first = device.activate(key, world.office)
    bodies = [first, first, device.activate(key, world.office), device.reinstalled().activate(key, world.office)]
    assert [bench.posts(each) for each in bodies] == [None] * 4
    assert bench.shown(key.keyid)["used"] == 2
    assert bench.posts(device.reinstalled().activate(key, world.office)) == "mak_exhausted"


def test_f25_client_a_retired_computer_gives_its_activation_back(bench: Bench, world: World) -> None:
    """F25: a retired computer's activation comes back after the cool-down, when that computer works on no more."""
    issued = bench.issue(bench.owner, world.client_new, "mak", "--activations", 1)
    keyid = issued["keyid"]
    old, new = bench.activated(world.client_new, issued["key"]), bench.computer(world.client_new)
    assert new.run("install-key", issued["key"]).code == 0
    (row,) = bench.shown(keyid)["activations"]
    retire = ("activation", "retire", "DIR", row["activation_id"], "--reason", "scrapped")
    retired = bench.done(*retire)
    credited = datetime.datetime.fromisoformat(retired["credited_at"]) - datetime.datetime.now(datetime.UTC)
    assert round(credited / datetime.timedelta(days=1)) == world.retirement_days
    assert (retired["keyid"], retired["remaining"]) == (keyid, 0)
    assert bench.done(*retire)["credited_at"] == retired["credited_at"]
    assert new.run("activate", "--service", bench.url).refused == "mak_exhausted"
    assert old.run("run", "--once").code == 0
    status = old.status()
    assert (status["state"], status["reason"]) == ("grace", "revoked")
    with bench.later(world.retirement_days + 1) as after:
        shift = f"+{world.retirement_days + 1}d"
        assert old.status(shift)["state"] == "notification"
        assert after.shown(keyid, shift)["remaining"] == 1
        assert new.run("activate", "--service", after.url, shift=shift).product["method"] == "mak"
        assert [after.shown(keyid, shift)[name] for name in ("used", "remaining")] == [1, 0]


@pytest.mark.parametrize(("a_year", "code"), [(1, "retirement_limit_reached"), (0, "retirement_not_allowed")])
def test_f25_service_the_catalog_says_how_many_come_back(bench: Bench, world: World, a_year: int, code: str) -> None:
    """F25: no more activations of a key come back within a year than the catalog allows."""
    key = bench.key(world.office, "mak", "--activations", 4)
    for _ in range(2):
        assert bench.posts(Device(world.publisher).activate(key, world.office)) is None
    copy = bench.copied()
    text = re.sub(r"^retirements_per_year = \d+", f"retirements_per_year = {a_year}", world.text, flags=re.MULTILINE)
    assert copy.publish(text).code == 0
    ids = [row["activation_id"] for row in copy.shown(key.keyid)["activations"]]
    said = [copy.run("activation", "retire", "DIR", each, "--reason", "scrapped") for each in ids]
    assert [each.code for each in said] == [0] * a_year + [1] * (2 - a_year)
    error(said[-1], code)
    assert [copy.shown(key.keyid)[name] for name in ("used", "remaining")] == [2, 2]


def test_f30_service_a_key_and_a_host_key_side_by_side(bench: Bench, world: World) -> None:
    """F30: one agreement holds both kinds of key for a product, and neither is raised after its end."""
    licensing_id = bench.agreement(world.purchase, "--valid-until", day(0), licenses={world.office: 2})
    keyids = [bench.issue(licensing_id, world.office, kind)["keyid"] for kind in ("mak", "host")]
    shown = bench.done("agreement", "show", "DIR", licensing_id)["keys"]
    assert [(key["keyid"], key["kind"]) for key in shown] == list(zip(keyids, ("mak", "host"), strict=True))
    assert shown[1]["remaining"] == world.host_slots
    bench.done("agreement", "set", "DIR", licensing_id, "--valid-until", day(-1))
    for keyid in keyids:
        error(bench.run("key", "set", "DIR", keyid, "--activations", 900, "--reason", "more"), "agreement_ended")
