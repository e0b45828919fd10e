"""The FAQ's rules of the activation center, through its commands and the running service, in both worlds."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from tests.faq.bench import Bench, day, error
from tests.faq.worlds import World
from tests.support.service import Device

WORDS = {"--caller": "Kari Nordmann", "--proof": "agreement and invoice 17", "--reason": "asked by telephone"}
ACTS = ("setup-key", "mak", "host-key", "raise", "free-slot", "block")


def jti(token: str) -> str:
    """The number of a signed credential."""
    payload = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["jti"])


@pytest.fixture(scope="module")
def act(bench: Bench) -> Callable[[str], tuple[object, ...]]:
    """The words of an act that would be done if caller, proof and reason were given."""
    world = bench.world
    licensing_id = bench.owner_of(world.office, world.oldest)
    keyid = bench.issue(licensing_id, world.office, "mak")["keyid"]

    def words(name: str) -> tuple[object, ...]:
        asked = ("DIR", "--licensing-id", licensing_id, "--product")
        given = {
            "setup-key": (*asked, world.oldest),
            "mak": (*asked, world.office),
            "host-key": (*asked, world.office),
            "raise": ("DIR", keyid, "--activations", 900),
            "free-slot": ("DIR", keyid, "H-1234"),
            "block": ("DIR", keyid),
        }
        return ("center", name, *given[name])

    return words


@pytest.mark.parametrize("name", ACTS)
def test_f44_service_no_act_without_proof(bench: Bench, act: Callable[[str], tuple[object, ...]], name: str) -> None:
    """F44: each act of the center takes caller, proof and reason, and does nothing without."""
    licensing_id = act("mak")[4]
    before = bench.done("agreement", "show", "DIR", licensing_id)
    error(bench.run(*act(name)), "proof_required")
    assert bench.done("agreement", "show", "DIR", licensing_id) == before


@pytest.mark.parametrize("missing", WORDS)
@pytest.mark.parametrize("blank", [True, False], ids=["blank", "missing"])
def test_f44_service_each_of_the_three(
    bench: Bench, act: Callable[[str], tuple[object, ...]], missing: str, blank: bool
) -> None:
    """F44: caller, proof and reason are each required, and an empty one is none."""
    given = WORDS | {missing: "  "} if blank else {word: text for word, text in WORDS.items() if word != missing}
    words = act("raise")
    error(bench.run(*words, *(each for pair in given.items() for each in pair)), "proof_required")
    assert bench.shown(str(words[3]))["history"][-1]["what"].startswith("issued")


def test_f44_service_raises_a_key_and_records_who_asked(bench: Bench, world: World) -> None:
    """F44: the center raises a key at a caller's request; who did it, when, for whom, why and on what proof stays."""
    keyid = bench.issue(bench.owner, world.office, "mak", "--activations", 5)["keyid"]
    assert bench.center("raise", "DIR", keyid, "--activations", 8, reason="a new ward").code == 0
    shown = bench.shown(keyid)
    last = shown["history"][-1]
    assert (shown["allowance"], last["why"]) == (8, "a new ward")
    assert last["what"].endswith("from 5 to 8")
    assert (last["caller"], last["proof"], bool(last["who"]), bool(last["at"])) == (
        "Kari Nordmann",
        "invoice 17",
        True,
        True,
    )


def test_f44_service_blocks_a_leaked_key(bench: Bench, world: World) -> None:
    """F44: the center blocks a leaked key, after which nothing is given for it, and doing it again is done."""
    key = bench.key(world.office, "mak", "--activations", 5)
    assert bench.posts(Device(world.publisher).activate(key, world.office)) is None
    for _ in range(2):
        assert bench.center("block", "DIR", key.keyid, reason="found on the web").code == 0
    assert bench.posts(Device(world.publisher).activate(key, world.office)) == "key_blocked"
    shown = bench.shown(key.keyid)
    assert (shown["state"], shown["used"]) == ("blocked", 1)
    assert "found on the web" in {line["why"] for line in shown["history"]}


@pytest.mark.parametrize(("name", "kind"), [("mak", "mak"), ("host-key", "host"), ("setup-key", "setup")])
def test_f44_service_gives_out_the_agreements_key(bench: Bench, world: World, name: str, kind: str) -> None:
    """F44: the center gives the key that the agreement has, issues one where there is none, and gives no other."""
    product = world.oldest if kind == "setup" else world.office
    licensing_id = bench.owner_of(product)
    asked = (name, "DIR", "--licensing-id", licensing_id, "--product")
    first, again = (bench.center(*asked, product) for _ in range(2))
    assert (first.code, again.code) == (0, 0), first
    assert (first.data["key"], first.data["keyid"]) == (again.data["key"], again.data["keyid"])
    (listed,) = bench.done("agreement", "show", "DIR", licensing_id)["keys"]
    assert (listed["keyid"], listed["kind"]) == (first.data["keyid"], kind)
    assert bench.shown(first.data["keyid"])["history"][-1]["caller"] == "Kari Nordmann"
    other = world.old_server if kind == "setup" else world.server
    error(bench.center(*asked, other), "units_required")


def test_f11_service_the_center_gives_keys_that_are_not_shown(bench: Bench, world: World) -> None:
    """F11: the keys of a program that keeps them back are given by the center on request."""
    for program in world.kept_back_programs:
        licensing_id = bench.agreement(program, licenses={world.office: 10})
        shown = bench.done("agreement", "show", "DIR", licensing_id)
        given = bench.center("mak", "DIR", "--licensing-id", licensing_id, "--product", world.office)
        assert (shown["keys_shown"], given.code, len(given.data["key"])) == (False, 0, 29)


def test_f30_service_the_center_keeps_an_agreements_days(bench: Bench, world: World) -> None:
    """F30: before an agreement's first day and after its last, the center gives and raises nothing."""
    bought = {world.office: 1}
    early = bench.agreement(world.purchase, "--valid-from", day(1), licenses=bought)
    ended = bench.agreement(world.purchase, "--valid-until", day(0), licenses=bought)
    keyid = bench.issue(ended, world.office, "mak")["keyid"]
    bench.done("agreement", "set", "DIR", ended, "--valid-until", day(-1))
    for licensing_id, code in ((early, "agreement_not_started"), (ended, "agreement_ended")):
        words = ("DIR", "--licensing-id", licensing_id, "--product", world.office)
        error(bench.center("host-key", *words), code)
    error(bench.center("raise", "DIR", keyid, "--activations", 900), "agreement_ended")
    assert bench.center("block", "DIR", keyid).code == 0


def test_f18_host_a_slot_freed_by_the_center(bench: Bench, world: World) -> None:
    """F18: one host more than a host key sets up is refused until the center frees a slot, whose host is out."""
    organization = bench.organization("--country", world.country)
    key = bench.key(world.server, "host", licensing_id=bench.owner_of(world.server, organization=organization))
    machine = bench.host()
    assert machine.run("install-key", "-", text=key.text).code == 0
    devices = [Device(world.publisher) for _ in range(world.host_slots)]
    certificates = [bench.sent(device.host(key, platform=bench.platform)).json()["credential"] for device in devices]
    refused = error(machine.run("activate"), "host_limit_reached")
    assert refused["center"]["number"] == world.country_center
    host_id = next(row["host_id"] for row in bench.shown(key.keyid)["hosts"] if row["dev"] == devices[1].dev)
    assert bench.center("free-slot", "DIR", key.keyid, host_id, reason="burnt down").code == 0
    shown = bench.shown(key.keyid)
    last = shown["history"][-1]
    assert (shown["remaining"], last["why"], last["caller"]) == (1, "burnt down", "Kari Nordmann")
    assert machine.run("activate").code == 0
    renewals = [bench.posts(devices[each].renew(jti(certificates[each]), platform=bench.platform)) for each in (0, 1)]
    assert renewals == [None, "host_slot_freed"]
    assert bench.posts(devices[1].host(key, platform=bench.platform)) == "host_limit_reached"
    assert bench.shown(key.keyid)["remaining"] == 0


def test_f18_service_no_such_host(bench: Bench, world: World) -> None:
    """F18: a host that the key did not set up has no slot to free."""
    keyid = bench.issue(bench.owner, world.server, "host")["keyid"]
    found = error(bench.center("free-slot", "DIR", keyid, "H-1234-5678"), "unknown_host")
    assert "H-1234-5678" in found["detail"]
    assert (bench.shown(keyid)["used"], bench.shown(keyid)["remaining"]) == (0, bench.world.host_slots)


@pytest.mark.parametrize("at_home", [True, False], ids=["of-the-country", "the-first"])
def test_f44_client_is_told_the_center_to_call(bench: Bench, world: World, at_home: bool) -> None:
    """F44: a refusal that needs a call names the center of the organization's country, else the catalog's first."""
    organization = bench.organization("--country", world.country if at_home else "JP")
    issued = bench.issue(
        bench.owner_of(world.office, organization=organization), world.office, "mak", "--activations", 0
    )
    pc = bench.computer(world.office)
    assert pc.run("install-key", issued["key"]).code == 0
    center = error(pc.run("activate", "--service", bench.url), "mak_exhausted")["center"]
    assert center["number"] == (world.country_center if at_home else world.center)
    assert center["hours"]
    assert center["languages"]


def test_f16_host_the_refusal_names_the_ways_out(bench: Bench, world: World) -> None:
    """F16: a host on a platform that cannot be one for a product refuses its key and names those that can."""
    machine = bench.host("--platform", world.platform_old)
    issued = bench.issue(bench.owner, world.office, "host")
    said = machine.run("install-key", "-", text=issued["key"])
    refused = error(said, "host_platform_unsupported")
    assert {way["platform"] for way in refused["ways_out"]} >= {way.platform for way in world.ways}
    assert world.platform_old not in {way["platform"] for way in refused["ways_out"]}
