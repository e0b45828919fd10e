"""The FAQ's rules of channels, families and kinds of key on real computers and a real host, in both worlds."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from tests.faq.bench import Bench, error
from tests.faq.worlds import World
from tests.support.hosts import RunningHost


@pytest.fixture(scope="module")
def parents(bench: Bench) -> str:
    """A parent's Licensing ID, where a child has one of its own and no use of its parent's keys is on record."""
    parent = bench.organization()
    child = bench.organization("--parent", parent)
    bench.owner_of(bench.world.server, organization=child)
    return bench.owner_of(bench.world.server, organization=parent)


@pytest.fixture(scope="module")
def parents_host(bench: Bench, parents: str) -> Iterator[RunningHost]:
    """The parent's host for the servers, which has counted as many as it needs for a server."""
    world = bench.world
    issued = bench.issue(parents, world.server, "host")
    machine = bench.host()
    for words in (("install-key", issued["key"]), ("activate",)):
        said = machine.run(*words)
        assert said.code == 0, said
    with machine.running() as running:
        running.fill(world.server, 5)
        yield running


def test_f01_client_one_key_one_installation_one_device(bench: Bench, world: World) -> None:
    """F01: activation ties a retail key to one installation on one device."""
    issued = bench.issue(bench.owner, world.client_new, "retail")
    assert issued["allowance"] == 1
    first = bench.activated(world.client_new, issued["key"], channel="retail")
    second = bench.computer(world.client_new, channel="retail")
    assert second.run("install-key", issued["key"]).code == 0
    assert second.run("activate", "--service", bench.url).refused == "mak_exhausted"
    assert (first.status()["state"], first.status()["method"]) == ("licensed", "retail")
    assert (second.status()["state"], second.status()["reason"]) == ("unlicensed", "not_activated")


def test_f10_client_is_activated_by_the_parents_key(bench: Bench, world: World, parents: str) -> None:
    """F10: a child's computer is activated by the parent's multiple activation key, whatever the choice on record."""
    issued = bench.issue(parents, world.server, "mak", "--activations", 1)
    pc = bench.activated(world.server, issued["key"])
    assert (pc.status()["state"], bench.shown(issued["keyid"])["used"]) == ("licensed", 1)


def test_f10_client_is_activated_by_the_parents_host(bench: Bench, world: World, parents_host: RunningHost) -> None:
    """F10: a child's computer is activated by the parent's host alike."""
    pc = bench.computer(world.server)
    assert pc.run("activate", "--host", parents_host.url).product["method"] == "host"


def test_f39_client_turns_from_a_host_that_does_not_serve_it(
    bench: Bench, world: World, parents_host: RunningHost
) -> None:
    """F39: the small box and its add-on start as a host's clients, which none serves, and become MAK clients."""
    for product in (world.box, world.box_addon):
        pc = bench.computer(product)
        assert pc.status()["method"] == "host"
        error(pc.run("activate", "--host", parents_host.url), "product_not_served")
        issued = bench.issue(bench.owner, product, "mak")
        assert pc.run("install-key", issued["key"]).code == 0
        assert pc.run("activate", "--service", bench.url).product["method"] == "mak"


def test_f40_client_access_licenses_are_activated_on_their_server(bench: Bench, world: World) -> None:
    """F40: a key for client access licenses activates them on the one server that holds them."""
    product = world.box_oldest_access
    issued = bench.issue(bench.owner, product, "cal")
    server = bench.activated(product, issued["key"])
    status = server.status()
    assert (status["state"], status["method"], status["expires"]) == ("licensed", "mak", None)
    second = bench.computer(product)
    assert second.run("install-key", issued["key"]).code == 0
    assert second.run("activate", "--service", bench.url).refused == "mak_exhausted"


@pytest.mark.parametrize("channel", ["volume", "retail"])
def test_f46_client_a_trial_ends(bench: Bench, world: World, channel: str) -> None:
    """F46: a trial key serves every channel for the catalog's days, once, and leaves what was there without it."""
    key = bench.issue(bench.owner, world.client_new, "trial")["key"]
    pc = bench.activated(world.client_new, key, channel=channel)
    status = pc.status()
    left = datetime.datetime.fromisoformat(status["expires"]) - datetime.datetime.now(datetime.UTC)
    assert (status["state"], status["method"]) == ("licensed", "trial")
    assert round(left / datetime.timedelta(days=1)) == world.trial_days
    assert pc.run("activate", "--service", bench.url).product["expires"] == status["expires"]
    shift = f"+{max(world.trial_days, world.grace_days) + 1}d"
    ended = pc.status(shift)
    expected = "notification" if channel == "volume" else "unlicensed"
    assert (ended["state"], ended["reason"]) == (expected, "not_activated")


def test_f46_client_a_trial_is_not_made_longer(bench: Bench, world: World) -> None:
    """F46: after its end a trial is not given again by the same key."""
    key = bench.issue(bench.owner, world.client_new, "trial")["key"]
    pc = bench.activated(world.client_new, key)
    days = world.trial_days + 1
    with bench.later(days) as after:
        error(pc.run("activate", "--service", after.url, shift=f"+{days}d"), "trial_ended")
        assert pc.status(f"+{days}d")["state"] in ("grace", "notification")


def test_f46_client_volume_keys_serve_volume_editions_only(
    bench: Bench, world: World, parents_host: RunningHost
) -> None:
    """F46: retail and OEM installations take no MAK and no lease, and the refusal names the way out."""
    key = bench.issue(bench.owner, world.client_new, "mak")["key"]
    for channel in ("retail", "oem"):
        pc = bench.computer(world.client_new, channel=channel)
        error(pc.run("install-key", key), "wrong_channel")
        error(pc.run("activate", "--host", parents_host.url), "wrong_channel")
        assert pc.status()["state"] == "unlicensed"


def test_f46_client_a_retail_key_serves_no_volume_edition(bench: Bench, world: World) -> None:
    """F46: a retail key on a volume edition is refused, and the volume edition stays as it is."""
    key = bench.issue(bench.owner, world.client_new, "retail")["key"]
    pc = bench.computer(world.client_new)
    error(pc.run("install-key", key), "wrong_channel")
    assert (pc.status()["state"], pc.status()["method"]) == ("grace", "host")


def test_f46_service_a_kind_that_a_product_does_not_have(bench: Bench, world: World) -> None:
    """F46: products are sold in the channels that the catalog lists, and keys for others are not given."""
    licensing_id = bench.owner
    before = bench.done("agreement", "show", "DIR", licensing_id)
    for product, kind in ((world.office, "oem"), (world.oldest, "retail"), (world.oldest, "trial")):
        found = error(bench.issues(licensing_id, product, kind), "kind_not_offered")
        assert (found["product"], found["kind"]) == (product, kind)
        assert kind not in found["kinds"]
    assert bench.done("agreement", "show", "DIR", licensing_id) == before
