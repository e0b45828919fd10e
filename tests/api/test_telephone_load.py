"""The telephone menu beside online use and under kills: the allowance is never passed, and nothing counts twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.support.service import Device, Key, Place
from tests.support.telephone import Menu, installation, menu
from volact.service.telephone.texts import SENTENCES

Found = Callable[[Path], Place]
CONFIRMED, REPEATED, EXHAUSTED = (SENTENCES[name][0] for name in ("confirmed", "repeated", "mak_exhausted"))


def confirmed(line: Menu, key: Key, number: int) -> bool:
    """One caller with a computer: whether it was confirmed, and not exhausted."""
    phone = line.call(number=f"+47220000{number:02}")
    phone.press("1")
    said = phone.type(installation(key, number).groups)
    assert said.startswith((CONFIRMED, EXHAUSTED)), said
    return said.startswith(CONFIRMED)


def test_f25_telephone_menu_and_online_use_never_pass_one_allowance(found: Found, tmp_path: Path) -> None:
    """Callers and computers that take from one key at once get exactly what it allows together; who calls again is
    given the same again."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=20)
    with menu(place) as line:
        bodies = [Device(place.publisher).activate(key, "tracer-9") for _ in range(16)]

        def online(body: bytes) -> bool:
            return line.service.post(body).status_code == 200

        with ThreadPoolExecutor(8) as pool:
            called = [pool.submit(confirmed, line, key, number) for number in range(16)]
            asked = [pool.submit(online, body) for body in bodies]
            by_telephone, by_network = ([each.result() for each in work] for work in (called, asked))
        assert sum(by_telephone) + sum(by_network) == 20
        assert min(sum(by_telephone), sum(by_network)) > 0
        assert place.row(key).used == 20
        with ThreadPoolExecutor(8) as pool:
            again = list(pool.map(lambda number: confirmed(line, key, number), range(16)))
        assert again == by_telephone
        assert place.row(key).used == 20


def test_killed_services_confirm_each_computer_once(found: Found, tmp_path: Path) -> None:
    """Whenever the service is killed, a caller whose call was cut calls again, and each computer counts once."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=1_000)
    heard: Counter[int] = Counter()
    with menu(place) as line:
        for turn in range(6):
            kill = threading.Timer(0.1 + 0.09 * turn, line.service.kill)
            kill.start()
            cut = False
            while not cut:
                number = len(heard)
                try:
                    assert confirmed(line, key, number)
                except httpx.HTTPError:
                    cut = True
                else:
                    heard[number] += 1
            kill.join()
            line.restart()
        for number in range(len(heard) + 1):
            assert confirmed(line, key, number)
    used = place.row(key).used
    with place.opened() as service:
        live = service.ledger.execute("SELECT count(*), count(DISTINCT dev) FROM activations WHERE live = 1").fetchone()
        counted = service.ledger.execute("SELECT count(*) FROM telephone_counts").fetchone()
        answers = service.ledger.execute("SELECT count(*) FROM answers").fetchone()
    assert tuple(live) == (used, used)
    assert (counted[0], answers[0], used) == (used, used, len(heard) + 1)
