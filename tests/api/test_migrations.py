"""A ledger that a newer program brings further while this one serves: nothing is lost, and it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg

from tests.support.commands import volact
from tests.support.service import Device, Key, Place, Running
from volact.service.ledger.connection import reading
from volact.service.ledger.migrating import migrate
from volact.service.ledger.schema import MIGRATIONS

PRODUCT = "tracer-9"
NEWER = (
    (
        "ALTER TABLE keys ADD COLUMN ceiling INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE activations ADD COLUMN note TEXT",
        "ALTER TABLE audit ADD COLUMN note TEXT",
        "CREATE TABLE notes (note TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT",
    ),
    ("CREATE INDEX activations_at ON activations (at)", "CREATE INDEX answers_at ON answers (at)"),
)


class Load:
    """Computers that ask by four at once until they are stopped, and come again when they are told to."""

    def __init__(self, place: Place, key: Key, running: Running) -> None:
        self._place, self._key, self._running = place, key, running
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]
        self.given: list[tuple[bytes, str]] = []
        self.later = 0
        self.wrong: list[str] = []
        self.longest = 0.0

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def until(self, more: int) -> None:
        """Waits until so many more have been answered."""
        goal, pause = len(self.given) + more, threading.Event()
        while len(self.given) < goal and not self.wrong:
            pause.wait(0.02)

    def _ask(self) -> None:
        with httpx.Client(timeout=60) as client:
            while not self._over.is_set():
                body = Device(self._place.publisher).activate(self._key, PRODUCT)
                while (reply := self._timed(body, client)).status_code == 503 and "retry-after" in reply.headers:
                    self.later += 1
                    self._over.wait(0.1)
                if reply.status_code != 200:
                    self.wrong.append(reply.text)
                    return
                self.given.append((body, reply.json()["credential"]))

    def _timed(self, body: bytes, client: httpx.Client) -> httpx.Response:
        began = time.perf_counter()
        reply = self._running.post(body, client=client)
        self.longest = max(self.longest, time.perf_counter() - began)
        return reply


def test_an_older_program_serves_while_a_newer_one_migrates(found: Callable[[Path], Place], tmp_path: Path) -> None:
    """Under load the steps of a newer program are taken; every request is answered, the same when it is repeated."""
    place = found(tmp_path / "service")
    key = place.key(PRODUCT, "mak", activations=1_000_000)
    with place.running() as running:
        with Load(place, key, running) as load, place.opened() as newer:
            load.until(50)
            began = time.perf_counter()
            migrate(newer.ledger, steps=(*MIGRATIONS, *NEWER))
            took = time.perf_counter() - began
            load.until(50)
            cut_off(place)
            load.until(50)
        assert load.wrong == []
        for body, credential in load.given[::7]:
            assert running.post(body).json()["credential"] == credential
    print(f"{took:.2f} s; {len(load.given)} answers, {load.later} told to come again, longest {load.longest:.2f} s")
    with place.running() as again, place.opened() as service:  # the older program, started on what is newer
        assert again.post(Device(place.publisher).activate(key, PRODUCT)).status_code == 200
        with reading(service.ledger):
            assert service.ledger.version == len(MIGRATIONS) + len(NEWER)
    assert place.row(key).used == len(load.given) + 1
    assert volact("service", "audit", "verify", place.folder).data["fits"] is True


def cut_off(place: Place) -> None:
    """Ends the sessions of whoever uses the ledger, where there are such."""
    url = place.folder / "database"
    if url.exists():
        with psycopg.connect(url.read_text().strip(), autocommit=True) as operator:
            operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def test_a_program_that_may_not_go_on_is_told(found: Callable[[Path], Place], tmp_path: Path) -> None:
    """A step that every program has to know keeps those out that do not: they say so, and change nothing."""
    place = found(tmp_path / "service")
    with place.opened() as newer:
        migrate(newer.ledger, steps=(*MIGRATIONS, *NEWER), floor=len(MIGRATIONS) + 1)
    said = volact("service", "key", "show", place.folder, "K")
    assert said.refused == "state_damaged"
    assert "newer program" in said.data["error"]["detail"]
