"""The running service, put together: a connection that reads, one that writes, and the door before both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from volact.service.admission.book import Ask, Granted
from volact.service.devices.api import DeviceApi
from volact.service.devices.desk import Desk
from volact.service.devices.proofs import ProofKeys
from volact.service.devices.published import Shelf
from volact.service.devices.telemetry import Telemetry, json_log
from volact.service.ports import Service
from volact.service.signing import sign_pending
from volact.serving.asgi import Door
from volact.serving.batch import GroupCommit

__all__ = ["App", "compose"]


@dataclass(frozen=True, slots=True)
class App:
    """A service that answers: `door` is the ASGI application, `api` its handlers, `commit` its one writer."""

    door: Door
    api: DeviceApi
    commit: GroupCommit[Ask, Granted]
    reader: Service
    writer: Service

    async def close(self) -> None:
        """Finishes what has been asked and closes both connections."""
        await self.commit.close()
        self.reader.ledger.close()
        self.writer.ledger.close()

    async def close_at_end(self) -> None:
        """Waits until the program ends, then closes: work to run alongside the server."""
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()


def compose(open_service: Callable[[], Service]) -> App:
    """Puts a service together from two of its connections; signs first what a crash may have left unsigned.

    Raises Damaged for a record that cannot be read, before anything listens.
    """
    reader, writer = open_service(), open_service()
    sign_pending(writer)
    shelf = Shelf(reader)
    _ = shelf.newest
    telemetry = Telemetry(json_log())
    commit: GroupCommit[Ask, Granted] = GroupCommit(Desk(writer).decide)
    api = DeviceApi(service=reader, commit=commit, shelf=shelf, proofs=ProofKeys(reader), telemetry=telemetry)
    return App(Door(api.routes, report=telemetry.defect), api, commit, reader, writer)
