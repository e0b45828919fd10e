"""A host by telephone that gets a network: it keeps its place, and is renewed by itself from then on."""

from __future__ import annotations

from pathlib import Path

from tests.support.commands import volact
from tests.support.hosts import HostPlace
from tests.support.service import Place

PRODUCT = "solver-server-9"
_CALL = ("--caller", "Kari", "--proof", "agreement 1001", "--reason", "a plant")


def test_a_host_by_telephone_that_is_activated_online_keeps_its_place(tmp_path: Path) -> None:
    """The command `host activate` gives a host by telephone a certificate in the organization's name and takes nothing;
    `host update` before that renews nothing, and a host that runs asks nobody to."""
    place, file = Place.make(tmp_path / "service"), tmp_path / "publisher.json"
    assert volact("service", "publisher-file", place.folder, file).code == 0
    key = place.key(PRODUCT, "host", activations=1)
    with place.running() as service:
        host = HostPlace.make(tmp_path / "host", file, "--platform", "linux", "--service", service.url)
        assert host.run("install-key", "-", text=key.text).code == 0
        groups = " ".join(host.run("installation-id").data["groups"])
        told = volact("service", "center", "confirm", place.folder, groups, *_CALL).data
        assert host.run("confirm", "-", text=" ".join(told["groups"])).code == 0
        assert host.run("update").code == 0
        assert host.status()["organization"] is None
        (given,) = host.run("activate").data["certificates"]
        assert given["host_id"] == told["host_id"]
        status = host.status()
        assert status["organization"] is not None
        assert [each["by_telephone"] for each in status["certificates"]] == [False]  # type: ignore[attr-defined]
        assert host.run("activate").data["certificates"][0]["renewed"]
    assert place.row(key).used == 1
