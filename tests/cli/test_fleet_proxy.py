"""Proxy activation by a bundle: from a folder of requests to a service and back, by the commands alone (F24)."""

from __future__ import annotations

import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.support.commands import VOLACT, Said, volact
from tests.support.service import Device, Key, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A publisher."""
    return Place.make(tmp_path / "service")


def computers(place: Place, folder: Path, key: Key, *, names: tuple[str, ...]) -> dict[str, Path]:
    """Real homes of computers that see no network, each with its request in a folder; gives the homes by name."""
    publisher = folder.with_suffix(".publisher")
    assert volact("service", "publisher-file", place.folder, publisher).code == 0
    folder.mkdir(exist_ok=True)
    homes = {}
    for name in names:
        home, declared = folder.with_name(f"home-{name}"), folder.with_name(f"{name}.json")
        declared.write_text(f'{{"id": "{name}", "virtual": false, "components": {{}}}}')
        words = ("client", "--home", home)
        made = volact(*words, "init", "--product", "tracer-9", "--publisher", publisher, "--identity", declared)
        assert made.code == 0, made.out
        assert volact(*words, "install-key", "-", text=key.text).code == 0
        assert volact(*words, "activate", "--request", folder / f"{name}.request").code == 0
        homes[name] = home
    return homes


def drawn(place: Place, folder: Path, key: Key, *, count: int) -> None:
    """Requests of so many computers in a folder."""
    folder.mkdir()
    for number in range(count):
        body = Device(place.publisher).activate(key, "tracer-9", via="file")
        (folder / f"pc-{number:05}.request").write_bytes(body)


def proxy(*words: object) -> Said:
    """One command of the proxy."""
    return volact("fleet", "proxy", *words)


def test_f24_proxy_activates_many_by_one_bundle(place: Place, tmp_path: Path) -> None:
    """A bundle goes out without names, addresses or keys, its answers come back, each computer takes its own, and the
    key has as many less; a second time nothing more is taken."""
    key = place.key("tracer-9", "mak", activations=9)
    folder, bundle, answers = tmp_path / "requests", tmp_path / "plant.bundle", tmp_path / "plant.answers"
    homes = computers(place, folder, key, names=("press-7", "robot-3"))
    (folder / "notes.request").write_text("buy milk")
    exported = proxy("export", folder, bundle)
    told = {row["row"]: (row["result"], row["code"]) for row in exported.data["rows"]}
    assert told == {
        "press-7": ("exported", None),
        "robot-3": ("exported", None),
        "notes": ("left out", "request_malformed"),
    }
    content = bundle.read_bytes()
    for name in (b"press-7", b"robot-3", key.text.encode(), key.text.replace("-", "").encode(), b"milk", b"home"):
        assert name not in content
    requests = {(folder / f"{name}.request").read_bytes().strip() for name in homes}
    assert set(content.splitlines()[1:-1]) == requests
    with place.running() as running:
        for _ in range(2):
            asked = proxy("request", bundle, "--service", running.url, "--out", answers)
            assert [row["result"] for row in asked.data["rows"]] == ["activated"] * 2
    assert place.row(key).used == 2
    for _ in range(2):
        written = proxy("import", folder, answers)
        assert sorted(row["row"] for row in written.data["rows"]) == ["press-7", "robot-3"]
    for name, home in homes.items():
        assert volact("client", "--home", home, "activate", "--response", folder / f"{name}.response").code == 0
        (status,) = volact("client", "--home", home, "status").data["products"]
        assert (status["state"], status["method"]) == ("licensed", "mak")


def test_f24_proxy_center_answers_an_uploaded_bundle(place: Place, tmp_path: Path) -> None:
    """A bundle that came as a file is answered without a network, the rows that the key has no more room for say so,
    and the answers are those that a running service would give."""
    key = place.key("tracer-9", "mak", activations=300)
    drawn(place, tmp_path / "many", key, count=400)
    bundle, answers = tmp_path / "b", tmp_path / "a"
    assert proxy("export", tmp_path / "many", bundle).code == 0
    said = volact("service", "answer", place.folder, bundle, "--out", answers)
    assert (said.data["activated"], said.data["refused"]) == (300, {"mak_exhausted": 100})
    results = [row["result"] for row in proxy("import", tmp_path / "many", answers).data["rows"]]
    assert (results.count("written"), results.count("refused")) == (300, 100)
    place.allow(key, 400)
    with place.running() as running:
        asked = proxy("request", bundle, "--service", running.url, "--out", answers)
    assert {row["result"] for row in asked.data["rows"]} == {"activated"}
    assert place.row(key).used == 400


def test_a_bundle_that_was_stopped_goes_on_and_counts_once(place: Place, tmp_path: Path) -> None:
    """Killed again and again, the same command goes on from what was answered, and nothing counts twice."""
    key = place.key("tracer-9", "mak", activations=5_000)
    drawn(place, tmp_path / "many", key, count=1_500)
    bundle, answers = tmp_path / "b", tmp_path / "a"
    assert proxy("export", tmp_path / "many", bundle).code == 0
    sizes = []
    with place.running() as running:
        command = [VOLACT, "fleet", "proxy", "request", bundle, "--service", running.url, "--out", answers]
        for turn in range(3):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
                threading.Event().wait(0.7 + 0.15 * turn)
                it.send_signal(signal.SIGKILL)
            part = answers.with_name("a.part")
            sizes.append(part.stat().st_size if part.exists() else 0)
        done = proxy("request", bundle, "--service", running.url, "--out", answers)
    assert sizes == sorted(sizes)
    assert len(done.data["rows"]) == 1_500
    assert {row["result"] for row in done.data["rows"]} == {"activated"}
    assert place.row(key).used == 1_500


def test_what_is_wrong_with_a_bundle_is_said_before_anything_is_asked(place: Place, tmp_path: Path) -> None:
    """Cut in half, edited, of another publisher, or answered by nobody: each has its code, and nothing is counted."""
    key = place.key("tracer-9", "mak", activations=9)
    drawn(place, tmp_path / "few", key, count=3)
    bundle, answers = tmp_path / "b", tmp_path / "a"
    assert proxy("export", tmp_path / "few", bundle).code == 0
    whole = bundle.read_bytes()
    other = Place.make(tmp_path / "other", publisher="other.example")
    with place.running() as running, other.running() as stranger:
        for damaged in (whole[: len(whole) // 2], whole.replace(b'"rows":3', b'"rows":2'), b"", b"{}\n"):
            bundle.write_bytes(damaged)
            assert proxy("request", bundle, "--service", running.url, "--out", answers).refused == "bundle_damaged"
            assert volact("service", "answer", place.folder, bundle, "--out", answers).code == 1
        bundle.write_bytes(whole)
        strange = proxy("request", bundle, "--service", stranger.url, "--out", answers)
        assert strange.refused == "bundle_of_other_publisher"
    assert volact("service", "answer", other.folder, bundle, "--out", answers).refused == "bundle_of_other_publisher"
    assert not answers.exists()
    assert place.row(key).used == 0
    assert proxy("import", tmp_path / "few", bundle).refused == "bundle_damaged"


def test_f24_proxy_serves_computers_that_have_no_route_at_all(place: Place, tmp_path: Path) -> None:
    """In a network namespace without any route a computer writes its request and takes its answer; only the file
    crosses."""
    key = place.key("tracer-9", "mak", activations=2)
    publisher, folder, home = tmp_path / "publisher", tmp_path / "stick", tmp_path / "isolated"
    assert volact("service", "publisher-file", place.folder, publisher).code == 0
    folder.mkdir()

    def isolated(*words: object, text: str = "") -> None:
        command = ["unshare", "--net", str(VOLACT), "client", "--home", str(home), *(str(word) for word in words)]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr

    (tmp_path / "me.json").write_text('{"id": "submarine", "virtual": false, "components": {}}')
    isolated("init", "--product", "tracer-9", "--publisher", publisher, "--identity", tmp_path / "me.json")
    isolated("install-key", "-", text=key.text)
    isolated("activate", "--request", folder / "submarine.request")
    assert proxy("export", folder, tmp_path / "b").code == 0
    with place.running() as running:
        assert proxy("request", tmp_path / "b", "--service", running.url, "--out", tmp_path / "a").code == 0
    assert proxy("import", folder, tmp_path / "a").code == 0
    isolated("activate", "--response", folder / "submarine.response")
    (status,) = volact("client", "--home", home, "status").data["products"]
    assert (status["state"], status["method"]) == ("licensed", "mak")
    assert place.row(key).used == 1
