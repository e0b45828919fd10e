from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.commands import VOLACT
from tests.support.service import Device, Place, Running, start
from volact.credential import strictjson


@contextlib.contextmanager
def full_disk(running: Running, folder: Path) -> Iterator[Callable[[], None]]:
    """Takes away the room that the service could write to, and gives what makes room again.

    As root the folder is a small file system of its own; else the process may let no file grow.
    """
    if os.path.ismount(folder):
        ballast = folder / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        yield ballast.unlink
    else:
        limits = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
        yield lambda: resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, limits)  # type: ignore[func-returns-value]


@pytest.fixture(params=["disk", "limit"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that can be filled; where this user may mount none, a plain folder."""
    if request.param == "disk" and os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", tmp_path], check=True)
        try:
            yield tmp_path
        finally:
            subprocess.run(["umount", "-l", tmp_path], check=True)
    else:
        yield tmp_path


def test_full_disk_is_told_and_recovers(disk: Path) -> None:
    """On a full disk new requests get `storage_full` with a time to come back, old ones their answer; room mends it."""
    place = Place.make(disk / "service")
    key = place.key("tracer-9", "mak", activations=100)
    with place.running() as running:
        first = Device(place.publisher).activate(key, "tracer-9")
        answer = running.post(first).json()["credential"]
        with full_disk(running, disk) as make_room:
            refused = []
            for _ in range(50):
                body = Device(place.publisher).activate(key, "tracer-9")
                reply = running.post(body)
                if reply.status_code != 200:
                    refused.append((body, reply))
            assert refused
            for _, reply in refused:
                assert (reply.status_code, reply.json()["code"]) == (503, "storage_full")
                assert reply.headers["retry-after"]
            assert running.post(first).json()["credential"] == answer
            assert httpx.get(f"{running.url}/healthz").status_code == 200
            make_room()
        assert all(running.post(body).status_code == 200 for body, _ in refused)
    assert place.row(key).used == 51


def service(*words: str | Path) -> tuple[int, dict[str, object]]:
    """Runs a command of the service and gives exit code and JSON."""
    done = subprocess.run([VOLACT, "service", *words, "--json"], capture_output=True, timeout=60, check=False)
    return done.returncode, strictjson.loads(done.stdout)


@pytest.mark.parametrize("left", [0, 50, 4096, 0.5, 0.9])
def test_truncated_database_is_told(tmp_path: Path, left: float) -> None:
    """A database that was cut short is `state_damaged` at the start, exit 1, with the file's name."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak")
    file = tmp_path / "computer.request"
    file.write_bytes(Device(place.publisher).activate(key, "tracer-9"))
    ledger = place.folder / "ledger.db"
    assert not ledger.with_name("ledger.db-wal").exists()
    size = ledger.stat().st_size
    os.truncate(ledger, int(left if left > 1 else size * left))
    for words in (
        ("run", place.folder, "--bind", "127.0.0.1:0"),
        ("answer", place.folder, file, "--out", tmp_path / "r"),
    ):
        status, said = service(*words)
        assert (status, said["error"]["code"]) == (1, "state_damaged")  # type: ignore[index]
        assert "ledger.db" in said["error"]["detail"]  # type: ignore[index]
    assert not (tmp_path / "r").exists()


def test_database_cut_under_a_running_service_makes_no_server_error(tmp_path: Path) -> None:
    """A database that is cut while the service runs is told as damaged or away, and the service stays up."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100)
    with place.running() as running:
        assert running.post(Device(place.publisher).activate(key, "tracer-9")).status_code == 200
        for name in ("ledger.db", "ledger.db-wal"):
            os.truncate(place.folder / name, 0)
        for _ in range(5):
            reply = running.post(Device(place.publisher).activate(key, "tracer-9"))
            assert reply.json()["code"] in ("state_damaged", "not_ready"), reply.text
        assert httpx.get(f"{running.url}/metrics").status_code == 200


def test_clock_that_went_back_signs_nothing(tmp_path: Path) -> None:
    """A service whose clock lies before what it signed refuses what is new and repeats what is recorded."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100)
    first = Device(place.publisher).activate(key, "tracer-9")
    with place.running() as running:
        answer = running.post(first).json()["credential"]
    faked = {"LD_PRELOAD": faketime(), "FAKETIME": "-3d", "DONT_FAKE_MONOTONIC": "1"}
    running = start(place.folder, env=faked)
    try:
        reply = running.post(Device(place.publisher).activate(key, "tracer-9"))
        assert (reply.status_code, reply.json()["code"]) == (409, "signing_clock")
        assert running.post(first).json()["credential"] == answer
        assert place.row(key).used == 1
    finally:
        running.stop()


def faketime() -> str:
    """The library that moves a program's clock."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        pytest.skip("libfaketime is not installed")
    return str(found[0])


def test_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """A port that another program has is `port_in_use`, exit 1."""
    place = Place.make(tmp_path / "service")
    with place.running() as running:
        status, said = service("run", place.folder, "--bind", running.url.removeprefix("http://"))
    assert (status, said["error"]["code"]) == (1, "port_in_use")  # type: ignore[index]


def test_plain_http_is_for_loopback_only(tmp_path: Path) -> None:
    """A service that others could reach without TLS is refused with its reason before anything listens."""
    place = Place.make(tmp_path / "service")
    status, said = service("run", place.folder, "--bind", "0.0.0.0:0")
    assert (status, said["error"]["code"]) == (2, "usage")  # type: ignore[index]
    assert "--tls-cert" in str(said["error"]["detail"])  # type: ignore[index]


def test_sigterm_ends_it_within_20_seconds(tmp_path: Path) -> None:
    """A service that is told to stop ends with exit 0 and leaves a database in one file."""
    place = Place.make(tmp_path / "service")
    running = start(place.folder)
    with httpx.Client() as client:
        assert client.get(f"{running.url}/healthz").status_code == 200  # a connection that stays open
        assert running.stop() == 0
    assert not (place.folder / "ledger.db-wal").exists()
