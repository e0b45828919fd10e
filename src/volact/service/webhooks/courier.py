"""Sends what waits for webhooks, beside the device API in its event loop: side by side, a slow target for itself.

Nothing is lost by its end, however it comes: a delivery is claimed for a short time, and is somebody's again after it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from volact.errors import VolactError
from volact.service.admission.book import Ask, Granted
from volact.service.devices.telemetry import Telemetry
from volact.service.ports import Service
from volact.service.usecases.delivering import Claim, Outcome, forget, secrets_of, turn
from volact.service.webhooks.sender import DEADLINE, Sender
from volact.service.webhooks.signature import headers
from volact.service.webhooks.targets import read_target
from volact.serving.batch import GroupCommit

EACH, EACH_FAILING = 8, 1  # deliveries at once to one webhook, and to one that did not take the last one
MOST = 128  # deliveries at once: one to each of the webhooks that there may be, should all but a few of them fail
MOST_BEGUN = 16  # deliveries in one turn, of which there are 20 a second: computers that ask come first
IDLE_SECONDS = 1.0  # from one look at what is due to the next
PACE_SECONDS = 0.05  # in which outcomes gather, so that they share a transaction
AWAY_SECONDS = 10.0  # after a look that failed


class Courier:
    """Delivers until it is cancelled; database work is done in the writer's thread, between two batches."""

    def __init__(
        self, service: Service, commit: GroupCommit[Ask, Granted], *, sender: Sender, telemetry: Telemetry
    ) -> None:
        self._service, self._commit, self._sender, self._telemetry = service, commit, sender, telemetry
        self._sending: dict[asyncio.Task[None], str] = {}
        self._outcomes: list[Outcome] = []
        self._failing: set[str] = set()
        self._news = asyncio.Event()

    async def work(self) -> None:
        """Looks, sends, and puts on record what came of it; when it is cancelled it finishes what is on its way."""
        try:
            while True:
                done = await self._turn(MOST - len(self._sending))
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS if done else AWAY_SECONDS):
                        await self._news.wait()
                        await asyncio.sleep(PACE_SECONDS)
        finally:
            if self._sending:
                await asyncio.wait(self._sending, timeout=DEADLINE + 1)
            await self._turn(0)

    async def forget(self) -> None:
        """Forgets events that are too old."""
        try:
            await self._commit.between(lambda: forget(self._service))
        except VolactError as err:
            self._telemetry.not_told(err)
        except Exception as err:  # a defect of this work stops no answer
            self._telemetry.defect("the webhooks", err)

    async def _turn(self, most: int) -> bool:
        """Puts on record what came of deliveries and begins others; what fails is told, and tried again."""
        self._news.clear()
        outcomes, self._outcomes = self._outcomes, []
        busy = Counter(self._sending.values())

        def room(webhook_id: str) -> int:
            return (EACH_FAILING if webhook_id in self._failing else EACH) - busy[webhook_id]

        try:
            claims = await self._commit.between(
                lambda: turn(self._service, outcomes, room=room, most=min(most, MOST_BEGUN))
            )
        except BaseException as err:
            self._outcomes = outcomes + self._outcomes
            if isinstance(err, VolactError):
                self._telemetry.not_told(err)
            elif isinstance(err, Exception):  # a defect of this work stops no answer
                self._telemetry.defect("the webhooks", err)
            else:
                raise
            return False
        for claim in claims:
            task = asyncio.create_task(self._deliver(claim))
            self._sending[task] = claim.webhook.webhook_id
            task.add_done_callback(self._delivered)
        return True

    def _delivered(self, task: asyncio.Task[None]) -> None:
        del self._sending[task]
        self._news.set()

    async def _deliver(self, claim: Claim) -> None:
        due, webhook = claim.due, claim.webhook
        now = self._service.clock.now()
        status: int | None = None
        error: str | None = "internal"
        try:
            signed = headers(due.event_id, due.body, secrets=secrets_of(self._service, webhook, now=now), at=now)
            status, error = await self._sender.send(read_target(webhook.url), signed, body=due.body)
        except Exception as err:  # of this delivery alone: it is tried again like one that failed
            self._telemetry.defect(f"the delivery of {due.event_id} to {webhook.webhook_id}", err)
        self._outcomes.append(Outcome(claim, status, error))
        (self._failing.discard if error is None else self._failing.add)(webhook.webhook_id)
        self._telemetry.tried(webhook.webhook_id, event=due.event_id, attempt=due.attempts, status=status, error=error)
