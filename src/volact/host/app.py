"""The running host, put together: store, desk, group commit, door, gate, upkeep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from volact.errors import Refused, VolactError
from volact.host.api import HostApi
from volact.host.config import DEFAULT_BIND
from volact.host.gate import Gate
from volact.host.journal import Journal, open_journal
from volact.host.leases import Desk
from volact.host.machine import check_machine
from volact.host.metrics import Metrics
from volact.host.records import Granted, LeaseAsk
from volact.host.setup import Host, opened
from volact.host.state import Told
from volact.host.store_book import SqliteBook
from volact.host.upkeep import Upkeep
from volact.serving.asgi import Door
from volact.serving.batch import GroupCommit, Steps
from volact.serving.run import Tls, serve

Answered = tuple[Granted, Told]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a host answers: address, who may ask beside private addresses, TLS."""

    bind: str = DEFAULT_BIND
    allow: tuple[str, ...] = ()
    tls: Tls | None = None


class Writer:
    """The writing side of a host: one transaction for many requests, over the state as it stands then."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._state = host.state()
        self._book = SqliteBook(host.store.database)

    def commit(self, asks: Sequence[LeaseAsk]) -> Steps[Answered]:
        """Answers requests in their order; what is answered is on disk when this ends."""
        with self._host.store.database.writing():
            yield  # its turn on the database has come; what follows computes
            if self._host.store.generation() != self._state.generation:
                self._state = self._host.state()
            outcomes = Desk(self._state, self._book, self._host.vault, self._host.random).answer_all(asks)
            yield  # what follows waits for the disk
        told = self._state.told
        return [each if isinstance(each, VolactError) else (each, told) for each in outcomes]


@contextmanager
def compose(folder: Path, *, journal: Journal | None = None, metrics: Metrics | None = None) -> Iterator[Door]:
    """The door of the host in a folder, with what stands behind it; raises Damaged, Refused `hardware_changed`."""
    with opened(folder) as reader, opened(folder, check=False) as writing:
        moved = check_machine(reader.store.settings())
        if moved is not None:
            raise Refused(moved)
        log = journal or open_journal()
        batches: GroupCommit[LeaseAsk, Answered] = GroupCommit(Writer(writing).commit)
        api = HostApi(reader, batches.ask, metrics=metrics or Metrics())
        yield Door(api.routes, report=lambda instance, err: log.error("defect", instance=instance, exc_info=err))


def run(folder: Path, options: RunOptions, *, ready: Callable[[str], None]) -> None:
    """Serves a host until it is told to stop; raises Damaged, Refused `hardware_changed`, `port_in_use`."""
    journal, metrics = open_journal(), Metrics()
    upkeep = Upkeep(folder, journal, metrics)
    with compose(folder, journal=journal, metrics=metrics) as door:
        gate = Gate(door, options.allow)
        serve(gate, bind=options.bind, tls=options.tls, ready=ready, alongside=(upkeep.run,))
