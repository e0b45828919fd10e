"""A record on a server that goes away, comes back, cuts sessions off, or has no room: told, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest
from postgres import USER, Server, programs

from tests.api.test_exactly_once import ask_all
from tests.support.commands import volact
from tests.support.service import Device, Place, Running

DURABLE = ("fsync=on",)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own, which keeps what it has committed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with Server.running(*DURABLE) as server:
        yield server


def answered(running: Running, body: bytes) -> httpx.Response:
    """Asks as a client does that is told to come back: again and again, up to 20 seconds."""
    deadline = time.monotonic() + 20
    while True:
        reply = running.post(body)
        if reply.status_code == 200 or time.monotonic() > deadline:
            return reply
        assert (reply.status_code, reply.json()["code"]) == (503, "not_ready"), reply.text
        assert reply.headers["retry-after"]
        time.sleep(0.2)


def until_away(running: Running, bodies: list[bytes], *, away: Callable[[], None]) -> dict[bytes, str]:
    """Asks by eight at once until the database is `away`, after less than a second; gives what was answered."""
    given: dict[bytes, str] = {}

    def ask(mine: list[bytes]) -> None:
        with httpx.Client(timeout=30) as client:
            for body in mine:
                reply = running.post(body, client=client)
                if reply.status_code != 200:
                    assert reply.json()["code"] == "not_ready", reply.text
                    return
                given[body] = reply.json()["credential"]

    threads = [threading.Thread(target=ask, args=(bodies[number::8],)) for number in range(8)]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.7)
    away()
    for thread in threads:
        thread.join(30)
    assert 20 < len(given) < len(bodies)
    return given


def test_database_that_was_away_is_told_and_nothing_counts_twice(server: Server, tmp_path: Path) -> None:
    """While its database is away a service says `not_ready` and when to come back; then each request counts once."""
    place = Place.make(tmp_path / "service", database=server.database())
    key = place.key("tracer-9", "mak", activations=10)
    bodies = [Device(place.publisher).activate(key, "tracer-9") for _ in range(4)]
    with place.running() as running:
        first = running.post(bodies[0]).json()["credential"]
        server.stop()
        for body in bodies:
            reply = running.post(body)
            assert (reply.status_code, reply.json()["code"]) == (503, "not_ready")
            assert reply.headers["retry-after"]
        assert httpx.get(f"{running.url}/healthz").status_code == 200
        assert httpx.get(f"{running.url}/readyz").status_code == 503
        assert httpx.get(f"{running.url}/metrics").status_code == 200
        refused = volact("service", "key", "show", place.folder, key.keyid)
        assert refused.refused == "not_ready"
        server.start()
        assert answered(running, bodies[0]).json()["credential"] == first
        assert [answered(running, body).status_code for body in bodies] == [200] * 4
        assert httpx.get(f"{running.url}/readyz").status_code == 200
    assert place.row(key).used == 4


def loses_nothing(place: Place, *, away: Callable[[], object], back: Callable[[], object]) -> None:
    """Has the database end under load and be back, and finds everything answered, and no request counted twice."""
    key = place.key("tracer-9", "mak", activations=100_000)
    bodies = [Device(place.publisher).activate(key, "tracer-9") for _ in range(3_000)]
    with place.running() as running:
        given = until_away(running, bodies, away=away)
        back()
        asked = bodies[: len(given) + 50]
        assert answered(running, bodies[-1]).status_code == 200  # a new one: reader and writer are back
        again = ask_all(running, asked, threads=8)
        repeated = ask_all(running, list(given), threads=8)
    assert all(reply.status_code == 200 for reply in again)
    assert [reply.json()["credential"] for reply in repeated] == list(given.values())
    assert place.row(key).used == len({*asked, *given, bodies[-1]})


def test_database_killed_under_load_loses_nothing_that_was_answered(server: Server, tmp_path: Path) -> None:
    """A database that ends as in a power cut has, started again, everything answered, and no request twice."""
    place = Place.make(tmp_path / "service", database=server.database())
    loses_nothing(place, away=lambda: server.stop(at_once=True), back=server.start)


def test_standby_that_takes_over_has_everything_that_was_answered(tmp_path: Path, by_hand: bool) -> None:
    """A synchronous standby that takes over from a server that died under load has everything answered, once, under a
    log that holds."""
    for turn in range(20 if by_hand else 1):
        with Server.running(*DURABLE) as server, server.standby() as standby:
            name = server.database().rpartition("/")[2]
            url = f"postgresql://{USER}@127.0.0.1:{server.port},127.0.0.1:{standby.port}/{name}"
            place = Place.make(tmp_path / f"service-{turn}", database=url)
            loses_nothing(place, away=partial(server.stop, at_once=True), back=standby.promote)
            assert volact("service", "audit", "verify", place.folder).code == 0


def test_sessions_that_are_cut_off_are_made_again_unnoticed(server: Server, tmp_path: Path) -> None:
    """A service whose idle sessions were ended by the database's operator answers the next request all the same."""
    url = server.database()
    place = Place.make(tmp_path / "service", database=url)
    key = place.key("tracer-9", "mak", activations=10)
    with place.running() as running:
        for _ in range(3):
            assert running.post(Device(place.publisher).activate(key, "tracer-9")).status_code == 200
            with psycopg.connect(url, autocommit=True) as operator:
                ended = operator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'volact'"
                ).fetchall()
            assert len(ended) >= 2  # who reads and who writes; the one that watches is back when it is asked
    assert place.row(key).used == 3


def test_services_with_copies_of_one_folder_are_one(server: Server, tmp_path: Path) -> None:
    """Services that each have a copy of the folder share one record: its allowance, and the answers in it."""
    place = Place.make(tmp_path / "service", database=server.database())
    key = place.key("tracer-9", "mak", activations=10)
    shutil.copytree(place.folder, tmp_path / "copy")
    bodies = [Device(place.publisher).activate(key, "tracer-9") for _ in range(20)]
    with place.running() as one, Place(tmp_path / "copy", place.publisher).running() as other:
        first = [running.post(body) for body, running in zip(bodies, (one, other) * 10, strict=True)]
        second = [running.post(body) for body, running in zip(bodies, (other, one) * 10, strict=True)]
    answers = [[reply.json().get("credential") for reply in replies] for replies in (first, second)]
    assert answers[0] == answers[1]
    assert sum(answer is not None for answer in answers[0]) == place.row(key).used == 10


@pytest.fixture
def small(server: Server) -> Iterator[Path]:
    """A disk of a few megabytes that the server may put databases on."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    disk = server.folder / "small"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", disk], check=True)
    try:
        (disk / "space").mkdir()
        shutil.chown(disk / "space", USER, USER)
        with psycopg.connect(server.url("postgres"), autocommit=True) as operator:
            operator.execute(f"CREATE TABLESPACE small LOCATION '{disk / 'space'}'")
            operator.execute("CREATE DATABASE small TABLESPACE small")
        yield disk
    finally:
        server.stop()
        subprocess.run(["umount", "-l", disk], check=True)


def test_full_disk_of_the_database_is_told_and_recovers(server: Server, small: Path, tmp_path: Path) -> None:
    """On a full disk new requests are `storage_full` and recorded ones answered; when there is room it goes on."""
    place = Place.make(tmp_path / "service", database=server.url("small"))
    key = place.key("tracer-9", "mak", activations=1_000)
    with place.running() as running:
        first = Device(place.publisher).activate(key, "tracer-9")
        answer = running.post(first).json()["credential"]
        with (small / "ballast").open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        refused = []
        for _ in range(100):
            body = Device(place.publisher).activate(key, "tracer-9")
            reply = running.post(body)
            if reply.status_code != 200:
                refused.append(body)
                assert (reply.status_code, reply.json()["code"]) == (503, "storage_full")
                assert reply.headers["retry-after"]
        assert refused
        assert running.post(first).json()["credential"] == answer
        (small / "ballast").unlink()
        assert all(running.post(body).status_code == 200 for body in refused)
    assert place.row(key).used == 101
