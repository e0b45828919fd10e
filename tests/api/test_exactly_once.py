"""What must never happen: more activations than the key allows, an answer lost, a request counted twice."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.support.commands import VOLACT
from tests.support.service import Device, Key, Place, Running, start
from volact.service.ledger import documents

Found = Callable[[Path], Place]


def ask_all(running: Running, bodies: list[bytes], *, threads: int) -> list[httpx.Response]:
    """Sends every request, over as many connections at once as there are threads."""
    with (
        httpx.Client(timeout=30, limits=httpx.Limits(max_connections=threads)) as client,
        ThreadPoolExecutor(threads) as pool,
    ):
        return list(pool.map(lambda body: running.post(body, client=client), bodies))


def answer_file(place: Place, body: bytes, at: Path) -> subprocess.CompletedProcess[bytes]:
    """Lets `volact service answer` answer a request file."""
    at.write_bytes(body)
    command = [VOLACT, "service", "answer", place.folder, at, "--out", at.with_suffix(".response"), "--json"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def test_parallel_requests_never_pass_the_allowance(found: Found, tmp_path: Path) -> None:
    """A key of ten activates ten out of many that ask at once, by a running service and by files beside it."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    bodies = [Device(place.publisher).activate(key, "tracer-9") for _ in range(60)]
    files = [Device(place.publisher).activate(key, "tracer-9") for _ in range(6)]
    with place.running() as running, ThreadPoolExecutor(2) as pool:
        by_file = [
            pool.submit(answer_file, place, body, tmp_path / f"{number}.request") for number, body in enumerate(files)
        ]
        # Every request comes twice: a repetition may be in the same batch as the first one.
        replies = ask_all(running, bodies + bodies, threads=16)
        written = [each.result().returncode == 0 for each in by_file]
        online = {reply.json()["credential"] for reply in replies if reply.status_code == 200}
    assert len(online) + sum(written) == place.row(key).used == 10
    assert {reply.json()["code"] for reply in replies if reply.status_code != 200} == {"mak_exhausted"}
    assert [tmp_path.joinpath(f"{number}.response").exists() for number in range(6)] == written


def test_two_services_on_one_folder_never_pass_the_allowance(found: Found, tmp_path: Path) -> None:
    """Two running services on one record share its allowance, and repeat what the other one answered."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    bodies = [Device(place.publisher).activate(key, "tracer-9") for _ in range(40)]
    with place.running() as one, place.running() as other, ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda running: ask_all(running, bodies, threads=8), (one, other))
    granted = [
        {at: reply.json()["credential"] for at, reply in enumerate(replies) if reply.status_code == 200}
        for replies in (first, second)
    ]
    assert granted[0] == granted[1]
    assert len(granted[0]) == place.row(key).used == 10


def test_slots_hold_under_parallel_requests(found: Found, tmp_path: Path) -> None:
    """A host key sets up six hosts out of many that ask at once."""
    place = found(tmp_path / "service")
    key = place.key("solver-server-9", "host")
    with place.running() as running:
        replies = ask_all(running, [Device(place.publisher).host(key) for _ in range(20)], threads=10)
    assert sum(reply.status_code == 200 for reply in replies) == place.row(key).used == 6
    assert {reply.json()["code"] for reply in replies if reply.status_code != 200} == {"host_limit_reached"}


class Load:
    """Devices that ask one after the other until the service is gone; `answered` is what each got."""

    def __init__(self, place: Place, key: Key) -> None:
        self._place, self._key = place, key
        self.answered: dict[bytes, str] = {}
        self.unanswered: list[bytes] = []
        self._lock = threading.Lock()

    def run(self, running: Running) -> None:
        with httpx.Client() as client:
            while True:
                body = Device(self._place.publisher).activate(self._key, "tracer-9")
                try:
                    reply = running.post(body, client=client)
                except httpx.TransportError:
                    with self._lock:
                        self.unanswered.append(body)
                    return
                with self._lock:
                    self.answered[body] = reply.json()["credential"]


def test_kill_in_the_middle_of_load_loses_nothing(found: Found, tmp_path: Path) -> None:
    """After a kill under load everything that was answered is on record, and repeating it gives the same credential."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100_000)
    answered: dict[bytes, str] = {}
    unanswered: list[bytes] = []
    for _ in range(3):
        running = start(place.folder)
        load = Load(place, key)
        threads = [threading.Thread(target=load.run, args=(running,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        threading.Event().wait(0.7)
        running.kill()
        for thread in threads:
            thread.join(30)
        answered |= load.answered
        unanswered += load.unanswered
    assert len(answered) > 50
    with place.running() as running:
        for body, reply in zip(answered, ask_all(running, list(answered), threads=8), strict=True):
            assert reply.json()["credential"] == answered[body]
        again = ask_all(running, unanswered, threads=4)
        assert all(reply.status_code == 200 for reply in again)
    assert place.row(key).used == len(answered) + len(unanswered)


def test_list_that_a_crash_left_unsigned_is_signed_at_the_next_start(found: Found, tmp_path: Path) -> None:
    """A revocation list on record without its signature is signed as it stands, by whatever opens the record next."""
    place = found(tmp_path / "service")
    key = place.key("solver-server-9", "host")
    host = Device(place.publisher)
    with place.running() as running:
        running.post(host.host(key))
        running.post(host.reinstalled().host(key))
        served = httpx.get(f"{running.url}/v1/revocations").text
    with place.opened() as service:
        row = documents.newest(service.ledger, "revocations")
        assert row is not None
        service.ledger.execute("UPDATE documents SET text = NULL WHERE kind = 'revocations' AND version = 2")
    with place.running() as running:
        assert httpx.get(f"{running.url}/v1/revocations").text == served
