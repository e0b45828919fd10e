"""The running service, put together: a connection that reads, one that writes, one that watches, and the door."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from volact.errors import VolactError
from volact.service.admission.book import Ask, Granted
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.devices.api import DeviceApi
from volact.service.devices.bundles import BundleApi
from volact.service.devices.desk import Desk
from volact.service.devices.figures import Watch
from volact.service.devices.logbook import LogApi
from volact.service.devices.proofs import ProofKeys
from volact.service.devices.published import Shelf
from volact.service.devices.telemetry import Log, Telemetry
from volact.service.opening import opened
from volact.service.ports import Service
from volact.service.usecases.denying import record_denials
from volact.service.usecases.sequencing import sequence, sequenced
from volact.service.usecases.tallying import tally
from volact.service.webhooks.courier import Courier
from volact.service.webhooks.sender import Sender
from volact.service.webhooks.targets import Allowed
from volact.serving.asgi import Door
from volact.serving.batch import GroupCommit
from volact.serving.callers import Callers, Network

SEQUENCE_SECONDS = 10  # from one look at what the log lacks to the next
NONE = Allowed()


@dataclass(frozen=True, slots=True)
class App:
    """A service that answers: `door` is the ASGI application, `api` its handlers, `commit` leads to its one writer."""

    door: Door
    api: DeviceApi
    bundles: BundleApi
    commit: GroupCommit[Ask, Granted]
    writer: Service
    courier: Courier

    async def work(self) -> None:
        """Sequences the log, records denials and delivers to webhooks until the program ends, then finishes.

        Runs alongside the server.
        """
        delivering = asyncio.create_task(self.courier.work())
        try:
            while True:
                await asyncio.sleep(SEQUENCE_SECONDS)
                await self.sequence()
                await self.record_denials()
                await self.tally()
                await self.courier.forget()
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
            await self.finish()

    async def finish(self) -> None:
        """Finishes what has been asked, and puts on record what was refused."""
        await self.record_denials()
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

    async def tally(self) -> None:
        """Counts for reports what was activated since; what fails is told, and tried again with the next one."""
        try:
            while await self.commit.between(lambda: tally(self.writer)):
                pass
        except VolactError as err:
            self.api.telemetry.not_counted(err)
        except Exception as err:  # a defect of this work stops no answer
            self.api.telemetry.defect("the tallies", err)

    async def record_denials(self) -> None:
        """Puts on record what was refused since the last time; what cannot be written waits for the next one."""
        try:
            await self.commit.between(self._record_denials)
        except VolactError as err:
            self.api.telemetry.not_counted(err)
        except Exception as err:  # a defect of this work stops no answer
            self.api.telemetry.defect("the denials", err)

    def _record_denials(self) -> None:
        with self.api.denials.taken() as counts:
            record_denials(self.writer, counts)


def compose(
    reader: Service,
    writer: Service,
    *,
    watcher: Service,
    log: Log,
    trusted: Sequence[Network] = (),
    allowed: Allowed = NONE,
) -> App:
    """Puts a service together from three of its connections; raises Damaged for a record that cannot be read.

    `watcher` reads what takes its time, in a thread of its own. `trusted` are the networks of proxies whose word on
    the caller's address is believed, `allowed` the targets of webhooks beside public ones.
    """
    shelf = Shelf(reader)
    _ = shelf.newest  # before anything listens
    telemetry = Telemetry(log)
    commit: GroupCommit[Ask, Granted] = GroupCommit(Desk(writer).parts, tell=telemetry.batch)
    api = DeviceApi(
        service=reader,
        commit=commit,
        shelf=shelf,
        proofs=ProofKeys(reader),
        telemetry=telemetry,
        callers=Callers(tuple(trusted)),
        watch=Watch(watcher),
    )
    bundles = BundleApi(api)
    routes = {**api.routes, **bundles.routes, **LogApi(reader, shelf).routes}
    courier = Courier(writer, commit, sender=Sender(allowed), telemetry=telemetry)
    return App(Door(routes, report=telemetry.defect), api, bundles, commit, writer, courier)


@contextmanager
def composed(
    folder: Folder,
    *,
    log: Log,
    clock: SigningClock | None = None,
    trusted: Sequence[Network] = (),
    allowed: Allowed = NONE,
) -> Iterator[App]:
    """The service in a folder, ready to answer; raises what `opened` raises."""
    clock = clock or SigningClock()  # one for both, so that a jump is seen whoever looks
    with (
        opened(folder, clock) as writer,
        opened(folder, clock) as reader,
        opened(folder, clock) as watcher,
        sequenced(writer),
    ):
        yield compose(reader, writer, watcher=watcher, log=log, trusted=trusted, allowed=allowed)
