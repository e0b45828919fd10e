"""The FAQ's rules that an activation host keeps, through its commands and its API, from reference.toml."""

from __future__ import annotations

import itertools
import shutil
import time
from pathlib import Path

import pytest

from tests.support.commands import volact
from tests.support.computer import Asker
from tests.support.hosts import HostPlace, code
from tests.support.service import Place

CLIENT, SERVER, OFFICE = "windows-7-professional", "windows-server-2008-r2-standard", "office-2010"
ROOT = Path(__file__).resolve().parents[2]


class World:
    """A publisher with its service and any number of hosts, all real programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = Place.make(folder / "service", catalog="reference")
        self.file = folder / "publisher.json"
        self._numbers = itertools.count(1)
        self.refresh_file()

    def refresh_file(self) -> None:
        """Writes the publisher file anew."""
        assert volact("service", "publisher-file", str(self.place.folder), str(self.file)).code == 0

    def host(self, *words: str, platform: str = "windows-server-2008-r2") -> HostPlace:
        """A new host machine."""
        folder = self.folder / f"host-{next(self._numbers)}"
        return HostPlace.make(folder, self.file, "--platform", platform, *words)

    def installs(self, host: HostPlace, product: str) -> str | None:
        """Installs a new host key; gives the code of the refusal."""
        return host.run("install-key", "-", text=self.place.key(product, "host").text).error

    def activated(self, *products: str, **more: str) -> HostPlace:
        """A host with host keys for these products, activated at the service."""
        host = self.host(**more)
        for product in products:
            assert self.installs(host, product) is None
        with self.place.running() as service:
            self.serve(host, service.url)
        return host

    def serve(self, host: HostPlace, url: str) -> None:
        """Activates a host at a service, by file: hosts of these tests know no URL."""
        for _ in range(3):
            request, answer = host.folder.with_suffix(".request"), host.folder.with_suffix(".answer")
            if host.run("activate", "--request", str(request)).code != 0:
                return
            assert volact("service", "answer", str(self.place.folder), str(request), "--out", str(answer)).code == 0
            assert host.run("activate", "--response", str(answer)).code == 0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A publisher of the FAQ's products."""
    return World(tmp_path_factory.mktemp("faq-host"))


@pytest.fixture(scope="module")
def served(world: World) -> HostPlace:
    """A host of Server 2008 R2 B and Office 2010 whose publisher's service is stopped."""
    return world.activated(SERVER, OFFICE)


@pytest.fixture
def fresh(served: HostPlace, tmp_path: Path) -> HostPlace:
    """That host before anybody asked it."""
    folder = tmp_path / "host"
    shutil.copytree(served.folder, folder)
    return HostPlace(folder, served.publisher)


def test_f12_host_answers_with_the_service_stopped(fresh: HostPlace) -> None:
    """F12: computers are activated by the host, with no key typed, while the publisher's service is stopped."""
    with fresh.running() as host:
        assert host.fill(SERVER, 5)[-1] is None
        assert host.get("/v1/catalog").status_code == 200


@pytest.mark.parametrize(("product", "threshold"), [(SERVER, 5), (CLIENT, 25), (OFFICE, 5)])
def test_f13_host_thresholds(fresh: HostPlace, product: str, threshold: int) -> None:
    """F13: the fifth server, the twenty-fifth client and the fifth office computer are the first to be activated."""
    with fresh.running() as host:
        replies = [host.ask(f"pc-{number}", product) for number in range(threshold)]
    assert [code(each) for each in replies] == ["count_insufficient"] * (threshold - 1) + [None]
    assert [each.json()["count"] for each in replies[:-1]] == list(range(1, threshold))
    assert {each.json()["threshold"] for each in replies[:-1]} == {threshold}


def test_f13_host_servers_and_clients_add_to_one_count(fresh: HostPlace) -> None:
    """F13: with 4 servers counted a server is the 5th to be activated, and clients are refused until the 25th."""
    with fresh.running() as host:
        assert host.fill(SERVER, 5) == ["count_insufficient"] * 4 + [None]
        assert host.fill(CLIENT, 20, start=5) == ["count_insufficient"] * 19 + [None]
        assert code(host.ask("pc-6", CLIENT)) is None
        assert fresh.count("windows") == 25
        assert fresh.count("office") == 0


def test_f13_host_counts_a_computer_once(fresh: HostPlace) -> None:
    """F13: a computer with Office and Project counts once among the office products, and apart from Windows."""
    with fresh.running() as host:
        for product in (OFFICE, "project-2010", "visio-2010", CLIENT):
            host.ask("pc-1", product)
        assert (fresh.count("office"), fresh.count("windows")) == (1, 1)


def test_f13_host_refuses_renewals_below_the_threshold(fresh: HostPlace) -> None:
    """F13: when computers are not seen for 30 days the count falls, and renewals are refused as well."""
    with fresh.running() as host:
        assert host.fill(SERVER, 5)[-1] is None
    with fresh.running(shift="+31d") as host:
        refused = host.ask("pc-4", SERVER, now=int(time.time()) + 31 * 86_400)
    assert (code(refused), refused.json()["count"]) == ("count_insufficient", 1)


def test_f14_host_serves_several_families(fresh: HostPlace) -> None:
    """F14: one host, one process, one port and one folder serve servers, clients and office products at once."""
    with fresh.running() as host:
        host.fill(CLIENT, 25)
        host.fill(OFFICE, 5)
        assert [code(host.ask("pc-1", product)) for product in (SERVER, CLIENT, OFFICE)] == [None] * 3
    assert len(fresh.status()["certificates"]) == 2  # type: ignore[arg-type]


# F17's table: host key by platform; y yes, u update, - never.
TABLE = {
    "windows-server-2003": "yuuu---y-",
    "windows-server-2003-v1.1": "yyuu---y-",
    "windows-vista-sp1": "y-u------",
    "windows-server-2008": "yyuu-----",
    "windows-7-volume": "y-y-u-uyy",
    "windows-server-2008-r2": "yyyyuuuyy",
    "windows-8-volume": "y-y-y-u-y",
    "windows-server-2012": "yyyyyyu-y",
}
KEYS = (
    "windows-vista-business", "windows-server-2008-standard", CLIENT, SERVER, "windows-8-pro",
    "windows-server-2012-standard", "windows-10-pro", OFFICE, "office-2013",
)  # fmt: skip
CODES = {"y": None, "u": "host_update_required", "-": "host_platform_unsupported"}


@pytest.mark.parametrize("platform", TABLE)
def test_f15_host_platforms(world: World, platform: str) -> None:
    """F15: which platform takes which host key is a table of the catalog; what it does not name is never."""
    host = world.host(platform=platform)
    assert [world.installs(host, product) for product in KEYS] == [CODES[word] for word in TABLE[platform]]


def test_f17_host_update(tmp_path: Path) -> None:
    """F17: an update is a newer catalog, which only `host update` brings; after it the new key installs."""
    world = World(tmp_path)
    host = world.host(platform="windows-server-2008")
    assert world.installs(host, CLIENT) == "host_update_required"
    catalog = ROOT / "catalogs" / "reference.toml"
    assert volact("service", "catalog", "publish", str(world.place.folder), str(catalog)).code == 0
    assert world.installs(host, CLIENT) == "host_update_required"
    assert world.installs(host, OFFICE) == "host_platform_unsupported"
    world.refresh_file()
    assert host.run("update", "--file", str(world.file)).data["versions"]["catalog"] == 2
    assert world.installs(host, CLIENT) is None
    assert world.installs(host, OFFICE) == "host_platform_unsupported"
    world.serve(host, "")
    with host.running() as running:
        assert running.fill(CLIENT, 25)[-1] is None


def test_f18_host_six_hosts_a_key(world: World) -> None:
    """F18: a host key sets up six hosts, physical or virtual, and the seventh is told the center to call."""
    key = world.place.key(SERVER, "host").text
    with world.place.running() as service:
        said = []
        for number in range(7):
            host = world.host("--service", service.url, *(("--virtual",) if number % 2 else ()))
            host.run("install-key", "-", text=key)
            said.append(host.run("activate"))
    assert [each.error for each in said] == [None] * 6 + ["host_limit_reached"]
    assert said[-1].data["error"]["center"]["number"]


@pytest.mark.parametrize(
    ("key", "activates", "refused"),
    [
        (CLIENT, [CLIENT, "windows-vista-business"], ["windows-8-pro", SERVER]),
        ("windows-vista-business", ["windows-vista-business"], [CLIENT]),
        (
            SERVER,
            [SERVER, "windows-server-2008-r2-web", "windows-server-2008-standard", CLIENT, "windows-vista-business"],
            ["windows-server-2008-r2-datacenter", "windows-8-pro"],
        ),
        ("project-2010", [OFFICE, "project-2010", "visio-2010"], ["office-2013"]),
    ],
)
def test_f19_host_keys_are_hierarchical(world: World, key: str, activates: list[str], refused: list[str]) -> None:
    """F19: a host key activates its own group, the earlier generations and the lower groups, and nothing above."""
    place = world.activated(key)
    with place.running() as host:
        host.fill(activates[0], 25)
        assert [code(host.ask("pc-1", product)) for product in activates] == [None] * len(activates)
        assert {code(host.ask("pc-1", product)) for product in refused} == {"product_not_served"}


@pytest.mark.parametrize(
    ("platform", "product", "expected"),
    [
        ("windows-vista", "windows-vista-business", "host_platform_unsupported"),
        ("windows-server-2003", "windows-vista-business", "host_platform_unsupported"),
        ("windows-vista-sp1", "windows-vista-business", None),
        ("windows-server-2003-v1.1", "windows-vista-business", None),
        ("windows-server-2008", "windows-vista-business", None),
        ("windows-7-volume", CLIENT, None),
        ("windows-server-2012", SERVER, None),
    ],
)
def test_f20_host_may_be_virtual(world: World, platform: str, product: str, expected: str | None) -> None:
    """F20: a virtual machine may be a host from Vista SP1, Server 2008 and Server 2003 with host version 1.1 on."""
    assert world.installs(world.host("--virtual", platform=platform), product) == expected


def test_f21_host_counts_virtual_computers(fresh: HostPlace) -> None:
    """F21: an earlier virtual computer is not counted but activated once the count is met; later ones count."""
    early, later = "windows-server-2008-standard", "windows-server-2008-standard-sp2"
    with fresh.running() as host:
        first = host.ask("vm-early", early, virtual=True)
        assert (code(first), first.json()["count"]) == ("count_insufficient", 0)
        replies = [host.ask(f"vm-{number}", later, virtual=True) for number in range(5)]
        assert [code(each) for each in replies] == ["count_insufficient"] * 4 + [None]
        assert code(host.ask("vm-early", early, virtual=True)) is None
        assert fresh.count("windows") == 5
        assert code(host.ask(Asker("pc", publisher=host.publisher), early)) is None
        assert fresh.count("windows") == 6


def test_f22_host_takes_host_keys_alone(world: World) -> None:
    """F22: a host takes host keys, and any other key is refused with `key_wrong_kind`."""
    host = world.host()
    for kind in ("mak", "retail"):
        assert host.run("install-key", "-", text=world.place.key(CLIENT, kind).text).error == "key_wrong_kind"
