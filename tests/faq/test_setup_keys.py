"""The FAQ's rules of setup keys and preinstalled products, with no service running, in both worlds."""

from __future__ import annotations

import re
import stat

import pytest

from tests.faq.bench import Bench, Media, error
from tests.faq.worlds import World

KEY = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b")


def written(media: Media, name: str = "sleeve.txt") -> str:
    """The key that stands in a file of the media."""
    (key,) = set(KEY.findall((media.folder / name).read_text("utf-8")))
    return str(key)


@pytest.fixture(scope="module")
def media(bench: Bench) -> Media:
    """The media of the oldest product."""
    return bench.media(bench.owner_of(bench.world.oldest), bench.world.oldest)


def test_f02_client_a_setup_key_needs_no_network_and_no_count(bench: Bench, world: World, media: Media) -> None:
    """F02: a setup key opens any number of computers without a service, without a count and without an end."""
    key = written(media)
    for _ in range(2):
        pc = bench.computer(world.oldest, publisher_file=media.publisher_file)
        assert pc.run("install-key", "-", "--grant", str(media.grant), text=key).code == 0
        status = pc.status()
        assert [status[name] for name in ("state", "method", "expires", "days_left")] == [
            "licensed",
            "setup",
            None,
            None,
        ]
    assert pc.run("activate").product["state"] == "licensed"
    assert pc.status("+9000d")["state"] == "licensed"
    assert bench.running == []


def test_f02_service_a_setup_key_counts_nothing(bench: Bench, world: World) -> None:
    """F02: a setup key has neither an allowance nor a number left, and none can be set."""
    licensing_id = bench.owner_of(world.oldest)
    issued = bench.issue(licensing_id, world.oldest, "setup")
    shown = bench.shown(issued["keyid"])
    assert (shown["allowance"], shown["remaining"]) == (None, None)
    assert bench.issues(licensing_id, world.oldest, "setup", "--activations", 5).code == 2
    assert bench.run("key", "set", "DIR", issued["keyid"], "--activations", 5, "--reason", "more").code == 2


def test_f02_client_a_setup_key_is_believed_with_its_grant_alone(bench: Bench, world: World, media: Media) -> None:
    """F02: a setup key without its grant, with another product's grant, or that no grant lists, opens nothing."""
    key = written(media)
    other = bench.media(bench.owner_of(world.old_server), world.old_server)
    unlisted = bench.issue(bench.owner_of(world.oldest), world.oldest, "setup")["key"]
    pc = bench.computer(world.oldest)
    before = pc.status()
    error(pc.run("install-key", key), "grant_required")
    assert pc.run("install-key", key, "--grant", str(other.grant)).code == 1
    error(pc.run("install-key", unlisted, "--grant", str(media.grant)), "key_unknown")
    assert {name: pc.status()[name] for name in ("state", "method")} == {
        name: before[name] for name in ("state", "method")
    }


def test_f02_client_a_setup_key_opens_its_product_alone(bench: Bench, world: World, media: Media) -> None:
    """F02: a setup key is of one product and version, and another product is not opened by it."""
    pc = bench.computer(world.client_new)
    assert pc.run("install-key", written(media), "--grant", str(media.grant)).code == 1
    assert pc.status()["state"] == "grace"


def test_f03_service_the_sleeve_and_the_download(bench: Bench, world: World) -> None:
    """F03: the key comes on the media's sleeve, or beside the download with a note to write it down; both are kept."""
    licensing_id = bench.owner_of(world.oldest)
    issued = bench.issue(licensing_id, world.oldest, "setup")
    sleeve = bench.media(licensing_id, world.oldest)
    download = bench.media(licensing_id, world.oldest, "--download")
    assert (written(sleeve), written(download, "key.txt")) == (issued["key"], issued["key"])
    assert "write" in (download.folder / "key.txt").read_text("utf-8").lower()
    assert issued["keyid"] in (sleeve.folder / "sleeve.txt").read_text("utf-8")
    told = bench.told(issued["keyid"])[1:]
    assert told == ["delivered on media", "delivered as a download"]
    for folder, name in ((sleeve, "sleeve.txt"), (download, "key.txt")):
        assert stat.S_IMODE((folder.folder / name).stat().st_mode) == 0o600


def test_f03_service_the_telephone(bench: Bench, world: World) -> None:
    """F03: the center reads the setup key out after agreement details and proof, which the key's history tells."""
    licensing_id = bench.owner_of(world.oldest)
    given = bench.center("setup-key", "DIR", "--licensing-id", licensing_id, "--product", world.oldest)
    assert given.code == 0, given
    last = bench.shown(given.data["keyid"])["history"][-1]
    assert (last["what"], last["why"]) == ("delivered by telephone", "asked")
    assert (last["caller"], last["proof"]) == ("Kari Nordmann", "invoice 17")
    media = bench.media(licensing_id, world.oldest)
    assert written(media) == given.data["key"]


def test_f03_service_media_take_an_empty_folder(bench: Bench, world: World, media: Media) -> None:
    """F03: media are written whole into a folder that is not there yet, and nothing is written over."""
    before = {path: path.read_bytes() for path in media.folder.iterdir()}
    words = ("--licensing-id", bench.owner_of(world.oldest), "--product", world.oldest)
    assert bench.run("media", "DIR", media.folder, *words).code == 2
    assert {path: path.read_bytes() for path in media.folder.iterdir()} == before


def test_f34_service_no_host_key_and_no_mak_for_the_oldest(bench: Bench, world: World) -> None:
    """F34: products from before activation have only a setup key, under every program."""
    for product in (world.oldest, world.old_server):
        licensing_id = bench.owner_of(product)
        for kind in ("mak", "host"):
            error(bench.issues(licensing_id, product, kind), "kind_not_offered")
        assert bench.issues(licensing_id, product, "setup").code == 0


def test_f40_service_no_face_shows_a_key_that_is_on_the_media(bench: Bench, world: World) -> None:
    """F40: where the key comes on the media, neither the desk nor the center gives one, bought or as a downgrade."""
    for bought in (world.box_before, world.box):
        licensing_id = bench.owner_of(bought)
        words = ("--licensing-id", licensing_id, "--product", world.box_before)
        for said in (
            bench.issues(licensing_id, world.box_before, "setup"), bench.center("setup-key", "DIR", *words),
        ):  # fmt: skip
            assert "media" in error(said, "kind_not_offered")["detail"]
        assert bench.done("agreement", "show", "DIR", licensing_id)["keys"] == []


def test_f40_service_access_licenses_need_a_key_or_nothing(bench: Bench, world: World) -> None:
    """F40: the access licenses of the earlier box have no key, and those of the oldest one's have, bought or not."""
    licensing_id = bench.owner_of(world.box_before)
    for kind in ("cal", "mak", "setup"):
        error(bench.issues(licensing_id, world.box_before_access, kind), "kind_not_offered")
    issued = bench.issue(bench.owner_of(world.box), world.box_oldest_access, "cal")
    assert (issued["kind"], issued["allowance"]) == ("cal", 1)


def test_f46_client_a_preinstalled_product_opens_offline(bench: Bench, world: World) -> None:
    """F46: a preinstalled product is opened by its own key and grant without a network, and no other channel by it."""
    licensing_id = bench.owner_of(world.client_new)
    issued = bench.issue(licensing_id, world.client_new, "oem")
    media = bench.media(licensing_id, world.client_new, "--oem")
    grant = ("--grant", str(media.grant))
    pc = bench.computer(world.client_new, channel="oem", publisher_file=media.publisher_file)
    assert pc.status()["state"] == "unlicensed"
    assert pc.run("install-key", issued["key"], *grant).code == 0
    status = pc.status("+9000d")
    assert (status["state"], status["method"], status["expires"]) == ("licensed", "oem", None)
    for channel in ("volume", "retail"):
        other = bench.computer(world.client_new, channel=channel, publisher_file=media.publisher_file)
        error(other.run("install-key", issued["key"], *grant), "wrong_channel")
    assert bench.running == []


def test_f46_client_a_setup_key_is_of_the_volume_channel(bench: Bench, world: World, media: Media) -> None:
    """F46: a setup key opens no installation of a product that is sold otherwise."""
    pc = bench.computer(world.client_new, channel="oem")
    assert pc.run("install-key", written(media), "--grant", str(media.grant)).code == 1
    assert pc.status()["state"] == "unlicensed"
