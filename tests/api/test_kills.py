"""Services and commands that are killed at any moment while they write: nothing answered is lost, nothing counts twice.

In CI a service is killed 20 times on each database; by `scripts/test --by-hand tests/api/test_kills.py` 200 times.
"""

from __future__ import annotations

import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.api.test_exactly_once import ask_all
from tests.api.test_log import sequencer
from tests.support.commands import VOLACT, volact
from tests.support.service import Device, Key, Place, Running, start
from volact.credential import claims
from volact.credential.claims import Activation
from volact.service.ports import Service
from volact.service.usecases.sequencing import catch_up

SERVICES, ASKERS = 2, 8
SLOTS, REACTIVATIONS = 6, 9  # of a host key of the demonstration's catalog
KEYS_AT_ONCE = 3
MOST_KEPT = 100  # so many of the checkpoints that were given out are compared


@dataclass(slots=True)
class Trade:
    """Computers and hosts that ask any of the services, each until it has its answer; `answered` is what it got."""

    place: Place
    wide: Key
    narrow: Key
    hosts: Key
    services: list[Running] = field(default_factory=list)
    answered: dict[bytes, str] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    activations: list[str] = field(default_factory=list)
    checkpoints: dict[str, None] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, number: int) -> None:
        """One new computer after the other, and now and then a host that lost its device key."""
        random, host = Random(number), Device(self.place.publisher)
        with httpx.Client(timeout=30) as client:
            for turn in count():
                if self.over.is_set():
                    return
                if number < SLOTS and turn % 20 == 0:
                    key, body = self.hosts, host.host(self.hosts)
                    host = host.reinstalled()
                else:
                    key = self.narrow if turn % 3 == 0 else self.wide
                    body = Device(self.place.publisher).activate(key, "tracer-9")
                for _ in range(2 if random.random() < 0.2 else 1):
                    self._note(body, key, reply=self._reply(body, random=random, client=client))

    def command(self, number: int) -> None:
        """One command after the other that writes; every second one is killed at any moment."""
        random, folder = Random(number), self.place.folder
        order = ("--licensing-id", self.place.licensing_id, "--product", "mesher-9", "--kind", "mak")
        for turn in count():
            if self.over.wait(0.02):
                return
            words: tuple[object, ...] = ("key", "issue", folder, *order, "--count", KEYS_AT_ONCE)
            if turn % 4 > 1 and self.activations:
                credential = random.choice(self.activations)
                jti = claims.parse(Activation, credential)[0].jti
                words = ("activation", "retire", folder, jti, "--reason", "scrapped")
            command = [str(word) for word in (VOLACT, "service", *words)]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                if turn % 2:
                    self.over.wait(0.1 + random.random() / 2)
                    process.kill()
                assert process.wait(60) in (0, 1, -9)  # 1: no more of this key come back within a year

    def kill(self, times: int) -> None:
        """Kills one service at any moment, now and then all at once, and starts others in their places."""
        random = Random(times)
        for number in range(times):
            both = sequencer(self.place)  # a program that does nothing but add to the log and sign
            threading.Event().wait(random.random() / 2)
            killed = list(self.services) if number % 5 == 4 else [random.choice(self.services)]
            for process in (both, *(each.process for each in killed)):
                process.kill()
            with both:
                both.wait(10)
            for running in killed:
                running.kill()
                self.services[self.services.index(running)] = start(self.place.folder)

    def _reply(self, body: bytes, *, random: Random, client: httpx.Client) -> httpx.Response:
        while True:
            try:
                return random.choice(self.services).post(body, client=client)
            except httpx.TransportError:
                threading.Event().wait(0.02)

    def _note(self, body: bytes, key: Key, *, reply: httpx.Response) -> None:
        said = reply.json()
        with self.lock:
            if reply.status_code != 200:
                assert body not in self.answered, said
                self.refused[key.keyid, said["code"]] += 1
                return
            if body not in self.answered:
                self.given[key.keyid] += 1
                self.answered[body] = said["credential"]
                if key is self.wide:
                    self.activations.append(said["credential"])
            assert self.answered[body] == said["credential"]
            if "checkpoint" in said:
                self.checkpoints[said["checkpoint"]] = None


@contextmanager
def under_load(trade: Trade) -> Iterator[None]:
    """Services that are asked and commands that write, until the end of the block; what went wrong is raised."""
    trade.services += [start(trade.place.folder) for _ in range(SERVICES)]
    with ThreadPoolExecutor(ASKERS + 1) as pool:
        work = [pool.submit(trade.ask, number) for number in range(ASKERS)] + [pool.submit(trade.command, ASKERS)]
        try:
            yield
        finally:
            trade.over.set()
    for running in trade.services:
        running.stop()
    for each in work:
        each.result()


def counted(service: Service, statement: str) -> dict[str, int]:
    """What a statement counts by a text."""
    return dict(service.ledger.execute(statement).fetchall())


def audited(trade: Trade, folder: Path) -> dict[str, object]:
    """What `volact service audit verify` says, beside checkpoints that were given out all along."""
    kept = list(trade.checkpoints)
    kept = kept[:: len(kept) // MOST_KEPT + 1] + kept[-1:]
    folder.mkdir()
    files = [folder / str(number) for number in range(len(kept))]
    for file, text in zip(files, kept, strict=True):
        file.write_text(text)
    words = [word for file in files for word in ("--from", file)]
    with trade.place.opened() as service:
        catch_up(service)
    return volact("service", "audit", "verify", trade.place.folder, *words).data


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_kills_under_load_lose_nothing_and_count_nothing_twice(
    found: Callable[[Path], Place], tmp_path: Path, by_hand: bool
) -> None:
    """However often services and commands are killed while they write, what was answered is on record, each request
    counts once, no key gives more than it allows, and the log fits every checkpoint that was given out."""
    kills = 200 if by_hand else 20
    place = found(tmp_path / "service")
    wide, narrow = (place.key("tracer-9", "mak", activations=most) for most in (1_000_000, 10 * kills))
    trade = Trade(place, wide, narrow, place.key("tracer-9", "host"))
    with under_load(trade):
        trade.kill(kills)
    with place.running() as running:
        again = ask_all(running, list(trade.answered), threads=8)
    assert [reply.json()["credential"] for reply in again] == list(trade.answered.values())
    assert {code for _, code in trade.refused} == {"mak_exhausted", "host_limit_reached"}
    assert trade.given[narrow.keyid] == 10 * kills
    assert trade.given[trade.hosts.keyid] == SLOTS * (1 + REACTIVATIONS)
    with place.opened() as service:
        used = counted(service, "SELECT keyid, used FROM keys WHERE used > 0")
        held = counted(service, "SELECT keyid, count(*) FROM activations GROUP BY keyid")
        held |= counted(service, "SELECT keyid, count(*) FROM slots GROUP BY keyid")
        issued = counted(service, "SELECT product, count(*) FROM keys GROUP BY product")
        ended = counted(service, "SELECT kind, count(*) FROM revoked GROUP BY kind")
        returned = counted(service, "SELECT 'activation', count(*) FROM retirements")
    assert used == held
    assert used == dict(trade.given) | {trade.hosts.keyid: SLOTS}
    assert issued["mesher-9"] % KEYS_AT_ONCE == 0
    assert ended == returned | {"host": SLOTS * REACTIVATIONS}
    found_whole = audited(trade, tmp_path / "kept")
    assert (found_whole["fits"], found_whole["waiting"], found_whole["size"]) == (True, 0, found_whole["entries"])
    assert len(trade.checkpoints) > kills
    print(f"{kills} kills: {len(trade.answered)} answers, {sum(trade.refused.values())} refusals, ", end="")
    print(f"{issued['mesher-9']} keys, {returned['activation']} returned, {len(trade.checkpoints)} checkpoints")
