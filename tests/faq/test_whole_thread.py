"""Rules of the FAQ that need publisher, host and computers together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.commands import declare, volact
from tests.support.estate import Estate

OFFICE = "office-2010"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The reference catalog's publisher and a host for Office 2010, both running."""
    with Estate.open(tmp_path_factory.mktemp("estate"), catalog="reference", product=OFFICE) as estate:
        yield estate


def test_f16_host_refusal_names_the_ways_out(estate: Estate) -> None:
    """Office 2010 on a Server 2008 host is refused with the platforms that may, and the key that needs no host."""
    host, identity = estate.folder / "host-2008", declare(estate.folder / "host-2008.identity", "host-2008")
    words = (
        "--publisher",
        str(estate.publisher_file),
        "--platform",
        "windows-server-2008",
        "--identity",
        str(identity),
    )
    assert volact("host", "init", str(host), *words).code == 0
    said = volact("host", "install-key", str(host), estate.place.key(OFFICE, "host").text)
    assert said.error == "host_platform_unsupported"
    ways = {way["platform"]: way for way in said.data["error"]["ways_out"]}
    assert set(ways) == {
        "windows-server-2003",
        "windows-server-2003-v1.1",
        "windows-7-volume",
        "windows-server-2008-r2",
    }
    assert ways["windows-server-2003-v1.1"]["virtual"] is True
    assert "fewer than 50 computers, a multiple activation key" in said.data["error"]["detail"]


def test_f27_client_virtual_computers_take_one_each(estate: Estate) -> None:
    """Every computer takes one activation of a key, a virtual one as a physical one, and none when it asks again."""
    mak = estate.place.key("windows-7-professional", "mak", activations=2)
    for number, virtual in enumerate((False, True)):
        pc = estate.computer(init=False)
        more = ("--virtual",) if virtual else ()
        assert estate.init(pc, "windows-7-professional", *more).code == 0
        assert pc.run("install-key", "-", text=mak.text).code == 0
        for _ in range(2):
            assert pc.run("activate", "--service", estate.service).code == 0
        assert estate.place.row(mak).used == number + 1


def test_f25_client_is_told_of_a_blocked_key_and_keeps_its_license(estate: Estate) -> None:
    """Activating again with a key that was blocked since is refused with `key_blocked`, and what it gave goes on."""
    mak = estate.place.key("windows-7-professional", "mak", activations=2)
    pc = estate.computer("windows-7-professional")
    assert pc.run("install-key", "-", text=mak.text).code == 0
    assert pc.run("activate", "--service", estate.service).code == 0
    estate.place.block(mak)
    assert pc.run("activate", "--service", estate.service).error == "key_blocked"
    assert (pc.status()["state"], estate.place.row(mak).used) == ("licensed", 1)


def test_f30_client_key_and_host_side_by_side(estate: Estate) -> None:
    """One computer is activated with a key and others by the host, in one organization at the same time."""
    mak = estate.place.key(OFFICE, "mak", activations=5)
    with_key, with_host = estate.computer(OFFICE), estate.computer(OFFICE)
    assert with_key.run("install-key", "-", text=mak.text).code == 0
    assert with_key.run("activate", "--service", estate.service).code == 0
    estate.fill(OFFICE, 4)
    assert with_host.run("activate", "--host", estate.host).code == 0
    assert [pc.status()["method"] for pc in (with_key, with_host)] == ["mak", "host"]
