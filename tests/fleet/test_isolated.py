"""Computers in a network namespace without any route: only files cross."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import VOLACT, Said, declare, shifted, volact
from tests.support.service import Place

PRODUCT = "tracer-9"
NAMESPACE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--net", "--map-root-user")


@dataclass(frozen=True, slots=True)
class Isolated:
    """A computer each of whose programs runs in a network namespace of its own, where there is nothing."""

    home: Path

    @classmethod
    def make(cls, folder: Path, name: str, *, publisher_file: Path, key: str) -> Isolated:
        """A computer with one product and its key."""
        computer, identity = cls(folder / name), declare(folder / f"{name}.identity", name)
        words = ("--product", PRODUCT, "--publisher", publisher_file, "--identity", identity)
        assert computer.run("init", *words).code == 0
        assert computer.run("install-key", "-", text=key).code == 0
        return computer

    def run(self, *words: object, text: str = "", shift: str | None = None) -> Said:
        """`volact client` there."""
        command = [*NAMESPACE, str(VOLACT), "client", "--home", str(self.home), *map(str, words), "--json"]
        env = {**os.environ, **shifted(shift)}
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False, env=env)
        return Said(done.returncode, done.stdout, done.stderr)

    @property
    def state(self) -> str:
        """The state of its product's license."""
        return str(self.run("status").product["state"])


def routes_there() -> str:
    """What routes and addresses the namespace has."""
    words = [*NAMESPACE, "sh", "-c", "cat /proc/net/route | tail -n +2; cat /proc/net/fib_trie; cat /proc/net/if_inet6"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def fleet(tmp_path: Path) -> tuple[Place, list[Isolated], Path]:
    """Four isolated computers of a publisher whose key activates three, and the folder that is carried."""
    place, file = Place.make(tmp_path / "service"), tmp_path / "publisher.json"
    assert volact("service", "publisher-file", place.folder, file).code == 0
    key = place.key(PRODUCT, "mak", activations=3).text
    computers = [Isolated.make(tmp_path, f"pc-{number}", publisher_file=file, key=key) for number in range(4)]
    carried = tmp_path / "stick"
    carried.mkdir()
    return place, computers, carried


def test_f24_proxy_bundle_activates_computers_without_any_route(
    fleet: tuple[Place, list[Isolated], Path], tmp_path: Path
) -> None:
    """Computers that have no route at all are activated by one bundle; of what they are only the file crosses."""
    place, computers, carried = fleet
    assert routes_there() == ""
    for number, computer in enumerate(computers):
        assert computer.run("activate", "--request", carried / f"{number}.request").code == 0
    assert volact("fleet", "proxy", "export", carried, tmp_path / "bundle").code == 0
    with place.running() as running:
        alone = computers[0].run("activate", "--service", running.url)
        assert alone.refused == "service_unreachable"  # it runs, and not for them
        words = ("--service", running.url, "--out", tmp_path / "answer")
        asked = volact("fleet", "proxy", "request", tmp_path / "bundle", *words)
    assert (asked.code, asked.data["activated"]) == (0, 3)
    imported = volact("fleet", "proxy", "import", carried, tmp_path / "answer")
    assert (imported.code, imported.data["written"]) == (0, 3)
    for number, computer in enumerate(computers):
        response = carried / f"{number}.response"
        if response.exists():
            assert computer.run("activate", "--response", response).product["state"] == "licensed"
    assert sorted(each.state for each in computers) == ["grace", *["licensed"] * 3]


def test_f24_proxy_response_is_for_its_own_computer_and_good_a_year_later(
    fleet: tuple[Place, list[Isolated], Path], tmp_path: Path
) -> None:
    """A response is believed by no other computer, and by its own also a year later, and twice."""
    place, computers, carried = fleet
    for number, computer in enumerate(computers[:2]):
        assert computer.run("activate", "--request", carried / f"{number}.request").code == 0
    assert volact("fleet", "proxy", "export", carried, tmp_path / "bundle").code == 0
    assert volact("service", "answer", place.folder, tmp_path / "bundle", "--out", tmp_path / "answer").code == 0
    assert volact("fleet", "proxy", "import", carried, tmp_path / "answer").code == 0
    own, other = carried / "0.response", carried / "1.response"
    assert computers[0].run("activate", "--response", other).refused in ("answer_untrusted", "hardware_changed")
    assert computers[0].state == "grace"
    for _ in range(2):
        late = computers[0].run("activate", "--response", own, shift="+366d")
        assert late.product["state"] == "licensed", late
    edited = json.loads(own.read_text())
    edited["credential"] = edited["credential"][:-8] + "AAAAAAAA"
    shutil.copy(own, tmp_path / "edited")
    (tmp_path / "edited").write_text(json.dumps(edited))
    assert computers[0].run("activate", "--response", tmp_path / "edited").code == 1
