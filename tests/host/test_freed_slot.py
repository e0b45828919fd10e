"""A host whose slot the activation center freed: it renews nothing, and takes another slot when it is activated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.hosts import HostPlace
from tests.support.service import Key, Place, now
from volact.service.ledger import given
from volact.service.ports import Call
from volact.service.usecases import catalogs
from volact.service.usecases.center import free_slot

CALL = Call("Kari Nordmann", "invoice of May", "the machine burnt")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A publisher founded from demo.toml, whose publisher file lies beside it."""
    place = Place.make(tmp_path / "service")
    with place.opened() as service:
        data, _ = catalogs.publisher_file(service)
    (tmp_path / "publisher.volact").write_bytes(data)
    return place


def made(place: Place, key: Key, name: str, *, url: str) -> HostPlace:
    """A host with that key installed, not activated yet."""
    file = place.folder.with_name("publisher.volact")
    host = HostPlace.make(place.folder.with_name(name), file, "--platform", "linux", "--service", url)
    assert host.run("install-key", "-", text=key.text).code == 0
    return host


def taken(place: Place, key: Key) -> list[str]:
    """The host ids of the slots that are taken, the first one first."""
    with place.opened() as service:
        return [each.slot.host_id for each in given.hosts_of(service.ledger, key.keyid) if each.slot.live]


def test_f18_freed_host_takes_another_slot_while_one_is_left(place: Place) -> None:
    """A freed host renews nothing by itself; activated, it takes a slot that is left, and is refused where none is."""
    key = place.key("solver-server-9", "host", activations=1)
    with place.running() as service:
        first, second = (made(place, key, name, url=service.url) for name in ("one", "two"))
        assert first.run("activate").code == 0
        assert second.run("activate").refused == "host_limit_reached"
        (freed,) = taken(place, key)
        with place.opened() as desk:
            free_slot(desk, key.keyid, host_id=freed, call=CALL, act=now())
        assert [each["code"] for each in first.run("update").data["warnings"]] == ["host_slot_freed"]
        assert first.run("activate").code == 0
        (again,) = taken(place, key)
        assert again != freed
        assert first.run("activate").code == 0
        assert "warnings" not in first.run("update").data
        assert taken(place, key) == [again]
        with place.opened() as desk:
            free_slot(desk, key.keyid, host_id=again, call=CALL, act=now())
        assert second.run("activate").code == 0
        assert first.run("activate").refused == "host_limit_reached"
        assert first.run("update").code == 0
        assert (first.status()["activated"], second.status()["activated"]) == (False, True)
