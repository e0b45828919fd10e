"""Activations that come back: exactly once each, whoever is killed and however many settle and ask at once."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.api.test_exactly_once import ask_all
from tests.support.commands import VOLACT, shifted, volact
from tests.support.service import Device, Key, Place, now, start
from volact.service.ledger import audit, given, retirements, revoked
from volact.service.usecases.retiring import retire

Found = Callable[[Path], Place]

LATER = "+31d"
LATER_SECONDS = 31 * 86_400


def activate_all(place: Place, key: Key, *, count: int) -> list[str]:
    """Activates so many new computers; gives the ids of the key's activations."""
    with place.answering() as answering:
        for _ in range(count):
            body = Device(place.publisher).activate(key, "tracer-9")
            assert answering.answer("POST", "/v1/requests", body).status == 200
    with place.opened() as service:
        return [row.activation_id for row in given.activations_of(service.ledger, key.keyid)]


def killed(words: list[object], *, after: float, shift: str | None = None) -> None:
    """Starts a command, and kills it after so many seconds."""
    command = [VOLACT, "service", *(str(word) for word in words)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **shifted(shift)}
    ) as it:
        threading.Event().wait(after)
        it.kill()


def check_books(place: Place, key: Key) -> tuple[int, int]:
    """What holds and what is on its way back; the books have to agree with what the key says is used."""
    with place.opened() as service:
        ledger = service.ledger
        holding = {row.activation_id for row in given.activations_of(ledger, key.keyid)}
        back = {row.activation_id for row in retirements.returning(ledger, key.keyid)}
        ended = {line.id for line in revoked.lines(ledger) if line.kind == "activation"}
        acts = [row.act for row in audit.history(ledger, key.keyid)]
    assert not holding & ended
    assert back <= ended
    assert acts.count("activation retired") == len(ended)
    assert acts.count("activation credited") == len(ended) - len(back)
    assert place.row(key).used == len(holding) + len(back)
    return len(holding), len(back)


def test_f25_killed_retirements_and_credits_count_exactly(found: Found, tmp_path: Path) -> None:
    """Commands that are killed while they retire and credit leave each activation held, on its way, or back, once."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    found = activate_all(place, key, count=10)
    began = time.monotonic()
    assert volact("service", "key", "show", place.folder, key.keyid).data["used"] == 10
    took = time.monotonic() - began
    for number, jti in enumerate(found):
        killed(["activation", "retire", place.folder, jti, "--reason", "scrapped"], after=took * (0.7 + 0.05 * number))
        check_books(place, key)
    for jti in found:
        with place.opened() as service:
            retire(service, jti, reason="scrapped", act=now())
    assert check_books(place, key) == (0, 10)
    for number in range(8):
        killed(["key", "show", place.folder, key.keyid], after=took * (0.7 + 0.06 * number), shift=LATER)
    assert volact("service", "key", "show", place.folder, key.keyid, shift=LATER).data["used"] == 0
    assert check_books(place, key) == (0, 0)


def test_two_services_credit_once_and_never_pass_the_allowance(found: Found, tmp_path: Path) -> None:
    """Two running services and a command that settle at once give a key back exactly what was retired, and no more."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    found = activate_all(place, key, count=10)
    with place.opened() as service:
        for jti in found[:6]:
            retire(service, jti, reason="scrapped", act=now())
    asked = int(time.time()) + LATER_SECONDS
    bodies = [Device(place.publisher).activate(key, "tracer-9", iat=asked) for _ in range(30)]
    one, other = (start(place.folder, env=shifted(LATER)) for _ in range(2))
    try:
        with ThreadPoolExecutor(4) as pool:
            shown = [
                pool.submit(volact, "service", "key", "show", place.folder, key.keyid, shift=LATER) for _ in range(2)
            ]
            first, second = pool.map(lambda running: ask_all(running, bodies, threads=6), (one, other))
            assert [each.result().code for each in shown] == [0, 0]
    finally:
        one.stop()
        other.stop()
    granted = [{at for at, reply in enumerate(replies) if reply.status_code == 200} for replies in (first, second)]
    assert granted[0] == granted[1]
    assert len(granted[0]) == 6
    assert check_books(place, key) == (10, 0)


def test_kill_under_load_loses_no_returned_activation(found: Found, tmp_path: Path) -> None:
    """A service that is killed while it credits and activates has, started again, given back each activation once."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    found = activate_all(place, key, count=10)
    with place.opened() as service:
        for jti in found:
            retire(service, jti, reason="scrapped", act=now())
    asked = int(time.time()) + LATER_SECONDS
    bodies = [Device(place.publisher).activate(key, "tracer-9", iat=asked) for _ in range(10)]
    running = start(place.folder, env=shifted(LATER))
    with ThreadPoolExecutor(10) as pool:
        asks = [pool.submit(running.post, body) for body in bodies]
        threading.Event().wait(0.05)
        running.kill()
        assert all(ask.exception() or ask.result() for ask in asks)
    running = start(place.folder, env=shifted(LATER))
    try:
        assert {reply.status_code for reply in ask_all(running, bodies, threads=5)} == {200}
    finally:
        running.stop()
    assert check_books(place, key) == (10, 0)
