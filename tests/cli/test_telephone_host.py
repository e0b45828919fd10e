"""The commands of a host for the telephone: what is read out, what is typed, which key, and what is said."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.commands import declare
from tests.support.hosts import HostPlace
from tests.support.publisher import Publisher
from volact.credential.telephone.confirmation import Role, month_of
from volact.testing.telephone import FakeCenter

SERVER, REPORTS = "solver-server-9", "report-studio-9"


class Site:
    """A publisher with an activation center, and a host that reaches neither."""

    def __init__(self, folder: Path) -> None:
        self.publisher = Publisher.of("demo", now=int(time.time()))
        self.center = FakeCenter(self.publisher)
        file = folder / "publisher.json"
        folder.mkdir(exist_ok=True)
        file.write_bytes(self.publisher.file())
        self.host = HostPlace.make(folder / "host", file, "--platform", "linux")
        self.install(SERVER)

    def install(self, group: str) -> None:
        """Installs another host key."""
        assert self.host.run("install-key", "-", text=self.publisher.issue("host", group).text).code == 0

    def told(self, *words: str, months: int = 6) -> list[str]:
        """The groups that the center reads back to what the host reads out."""
        groups = self.host.run("installation-id", *words).data["groups"]
        last = month_of(self.publisher.clock()) + months
        return list(self.center.confirm(" ".join(groups), role=Role.HOST, last_month=last).groups)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A host with one key, which was not activated."""
    return Site(tmp_path)


def test_the_installation_id_of_a_host_is_the_same_every_time(site: Site) -> None:
    """The command `host installation-id` tells eight groups, the keyboard form and the center; again, the same."""
    told = site.host.run("installation-id").data
    assert [len(group) for group in told["groups"]] == [7] * 8
    assert (told["product_group"], told["center"]["number"]) == (SERVER, "+47 55 50 01 42")
    assert site.host.run("installation-id", "--country", "GB").data["center"]["country"] == "GB"
    assert site.host.run("installation-id").data["keyboard"] == told["keyboard"]


def test_a_host_is_activated_in_one_call(site: Site) -> None:
    """The command `host activate --phone` says what to read out, and takes the confirmation group by group, naming the
    group that is wrong."""
    groups = site.told()
    wrong = groups[2][:-1] + str((int(groups[2][-1]) + 1) % 10)
    said = site.host.run("activate", "--phone", text="\n".join([*groups[:2], wrong, *groups[2:]]) + "\n")
    assert said.data["certificates"][0]["product_group"] == SERVER
    assert "Call the activation center: +47 55 50 01 42" in said.err
    assert said.err.count("group 3 does not fit") == 1
    assert site.host.status()["activated"]
    assert site.host.run("activate", "--phone", "--request", "x").error == "usage"


def test_a_confirmation_of_another_key_or_computer_is_refused(site: Site) -> None:
    """A confirmation that is mistyped, is another host's, or holds longer than twelve months is refused and changes
    nothing; typed again, the right one counts."""
    groups = site.told()
    assert site.host.run("confirm", " ".join(groups[:19])).refused == "confirmation_mistyped"
    other = Site(site.host.folder.parent / "other")
    assert site.host.run("confirm", " ".join(other.told())).refused == "confirmation_invalid"
    assert site.host.run("confirm", " ".join(site.told(months=13))).refused == "confirmation_invalid"
    assert not site.host.status()["activated"]
    for _ in range(2):
        assert site.host.run("confirm", "-", text=" ".join(groups)).code == 0
    assert len(site.host.status()["certificates"]) == 1  # type: ignore[arg-type]


def test_each_of_several_host_keys_is_confirmed_by_itself(site: Site) -> None:
    """Of several host keys one is named for its installation ID; whose confirmation it is the host finds by itself."""
    site.install(REPORTS)
    assert site.host.run("installation-id").error == "usage"
    assert site.host.run("installation-id", "--product-group", "mesher-9").error == "usage"
    for group in (REPORTS, SERVER):
        said = site.host.run("confirm", " ".join(site.told("--product-group", group)))
        assert said.data["certificates"][0]["product_group"] == group
    ends = site.host.status()["certificates"]
    assert {each["product_group"] for each in ends} == {REPORTS, SERVER}  # type: ignore[attr-defined]


def test_without_a_host_key_nothing_is_read_out(tmp_path: Path) -> None:
    """A host without a key has no installation ID, and takes no confirmation."""
    site = Site(tmp_path)
    groups = site.told()
    bare = HostPlace.make(tmp_path / "bare", tmp_path / "publisher.json", "--platform", "linux")
    assert bare.run("installation-id").refused == "host_not_activated"
    assert bare.run("confirm", " ".join(groups)).refused == "host_not_activated"


def test_on_other_hardware_a_host_calls_anew_and_at_home_it_is_itself_again(site: Site) -> None:
    """A host whose folder went to another machine has another installation ID there; back home its certificate counts
    as before."""
    assert site.host.run("confirm", " ".join(site.told())).code == 0
    home = site.host.run("installation-id").data["groups"]
    identity = site.host.folder.with_suffix(".identity")
    kept = identity.read_bytes()
    declare(identity, "another machine")
    assert site.host.run("installation-id").data["groups"] != home
    assert not site.host.status()["activated"]
    identity.write_bytes(kept)
    assert site.host.status()["activated"]
    assert site.host.run("installation-id").data["groups"] == home
