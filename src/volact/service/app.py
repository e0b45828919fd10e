"""The running service, put together: a connection that reads, one that writes, and the door before both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from volact.errors import VolactError
from volact.service.admission.book import Ask, Granted
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.devices.api import DeviceApi
from volact.service.devices.desk import Desk
from volact.service.devices.logbook import LogApi
from volact.service.devices.proofs import ProofKeys
from volact.service.devices.published import Shelf
from volact.service.devices.telemetry import Log, Telemetry
from volact.service.opening import opened
from volact.service.ports import Service
from volact.service.usecases.sequencing import sequence, sequenced
from volact.serving.asgi import Door
from volact.serving.batch import GroupCommit, in_writer

SEQUENCE_SECONDS = 10  # from one look at what the log lacks to the next


@dataclass(frozen=True, slots=True)
class App:
    """A service that answers: `door` is the ASGI application, `api` its handlers, `commit` leads to its one writer."""

    door: Door
    api: DeviceApi
    commit: GroupCommit[Ask, Granted]
    writer: Service

    async def work(self) -> None:
        """Sequences the log until the program ends, then finishes what has been asked: runs alongside the server."""
        try:
            while True:
                await asyncio.sleep(SEQUENCE_SECONDS)
                await self.sequence()
        finally:
            await self.commit.close()

    async def sequence(self) -> None:
        """One look after another while there is more; what is wrong is told, and tried again with the next one."""
        try:
            while await self.commit.between(lambda: sequence(self.writer)):
                pass
        except VolactError as err:
            self.api.telemetry.not_sequenced(err)
        except Exception as err:  # a defect of this work stops no answer
            self.api.telemetry.defect("the log's sequencer", err)


def compose(reader: Service, writer: Service, *, log: Log) -> App:
    """Puts a service together from two of its connections; raises Damaged for a record that cannot be read."""
    shelf = Shelf(reader)
    _ = shelf.newest  # before anything listens
    telemetry = Telemetry(log)
    commit: GroupCommit[Ask, Granted] = GroupCommit(in_writer(Desk(writer).decide))
    api = DeviceApi(service=reader, commit=commit, shelf=shelf, proofs=ProofKeys(reader), telemetry=telemetry)
    routes = {**api.routes, **LogApi(reader, shelf).routes}
    return App(Door(routes, report=telemetry.defect), api, commit, writer)


@contextmanager
def composed(folder: Folder, *, log: Log, clock: SigningClock | None = None) -> Iterator[App]:
    """The service in a folder, ready to answer; raises what `opened` raises."""
    clock = clock or SigningClock()  # one for both, so that a jump is seen whoever looks
    with opened(folder, clock) as writer, opened(folder, clock) as reader, sequenced(writer):
        yield compose(reader, writer, log=log)
