"""A host that is activated by telephone, from its administrator's first command to its computers' licenses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.commands import Said, volact
from tests.support.hosts import HostPlace, code
from tests.support.service import Key, Place
from volact.service.usecases import catalogs

PRODUCT = "solver-server-9"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A publisher founded from demo.toml, whose publisher file lies beside it."""
    place = Place.make(tmp_path / "service")
    with place.opened() as service:
        data, _ = catalogs.publisher_file(service)
    (tmp_path / "publisher.volact").write_bytes(data)
    return place


def made(place: Place, key: Key, name: str = "host") -> HostPlace:
    """A host with that key installed, that knows no service."""
    host = HostPlace.make(place.folder.with_name(name), place.folder.with_name("publisher.volact"), "--platform", "linux")
    assert host.run("install-key", "-", text=key.text).code == 0
    return host


def center(place: Place, digits: list[str], *more: str) -> Said:
    """What the center answers to digits that are read out."""
    call = ("--caller", "Kari", "--proof", "agreement 1001", "--reason", "a plant", *more)
    return volact("service", "center", "confirm", str(place.folder), " ".join(digits), *call)


def test_f24_telephone_host_is_activated_and_serves(place: Place) -> None:
    """F24: a host is activated with digits alone, gives leases when the threshold is met, and says until when."""
    key = place.key(PRODUCT, "host")
    host = made(place, key)
    told = host.run("installation-id").data
    assert (len(told["groups"]), told["product_group"]) == (8, PRODUCT)
    given = center(place, told["groups"])
    assert (given.data["role"], given.data["used"]) == ("host", 1)
    assert host.run("confirm", "-", text=" ".join(given.data["groups"])).data["certificates"][0]["host_id"]
    status = host.status()
    assert (status["activated"], status["organization"]) == (True, None)
    assert status["certificates"][0]["by_telephone"]
    with host.running() as running:
        assert running.fill(PRODUCT, 6) == ["count_insufficient"] * 4 + [None, None]
        (shown,) = running.get("/v1/certificates").json()["certificates"]
        assert shown.startswith('{"jwk":')
        assert "activated by telephone" in running.get("/").text
