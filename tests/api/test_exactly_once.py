"""What must never happen: more activations than the key allows, an answer lost, a request counted twice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.support.commands import VOLACT
from tests.support.service import Device, Place, Running
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
