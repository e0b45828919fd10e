"""What a running host does by itself: renews certificates, fetches roots and revocations, forgets old answers.

The wall clock is read anew twice a minute, so that a clock that was set is followed at once; waiting goes by the
event loop. Each piece of work opens the host anew, in a thread that the program's end does not wait for.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from volact.client.computer import Connect, connect_http
from volact.errors import VolactError
from volact.host.journal import Journal
from volact.host.leases import KEPT
from volact.host.metrics import Metrics
from volact.host.ports import Clock
from volact.host.records import DAY, HOUR, Certificate
from volact.host.setup import opened, wall_clock
from volact.host.store_book import SqliteBook
from volact.host.upstream import Upstream

LOOK_SECONDS = 30.0
RETRY_SECONDS = HOUR


@dataclass
class Upkeep:
    """The background work of one host; `tick` does what is due at a time, and tells the journal."""

    folder: Path
    journal: Journal
    metrics: Metrics
    clock: Clock = wall_clock
    connect: Connect = connect_http
    _renewed: int = field(default=-DAY, init=False)
    _refreshed: int = field(default=-DAY, init=False)
    _forgot: int = field(default=-DAY, init=False)

    async def run(self) -> None:
        """Does what is due until it is cancelled."""
        while True:
            try:
                await _in_thread(self.tick)
            except Exception as err:  # a defect, or a log on a full disk: a host that stopped renewing would end
                with contextlib.suppress(OSError):
                    self.journal.error("upkeep stopped short", exc_info=err)
            await asyncio.sleep(LOOK_SECONDS)

    def tick(self) -> None:
        """Does what is due now."""
        now = self.clock()
        with contextlib.suppress(VolactError):  # a damaged or busy database is told by those who need it
            if _is_due(now, self._forgot, every=HOUR):
                self._forgot = now
                self._forget(now)
            if _is_due(now, self._renewed, every=RETRY_SECONDS):
                self._renew(now)
            if _is_due(now, self._refreshed, every=DAY):
                self._refresh(now)

    def _renew(self, now: int) -> None:
        with opened(self.folder, clock=self.clock, check=False) as host:
            due = [each for each in host.state().newest if is_renewal_due(each, now)]
            if not due or host.store.settings().service is None:
                return
            self._renewed = now
            try:
                steps = Upstream(host, self.connect).renew(lambda each: is_renewal_due(each, now))
            except VolactError as err:
                self.metrics.renewal(err.code)
                self.journal.warning("certificate not renewed", code=err.code, detail=err.detail)
                return
            for step in steps:
                code = step.refusal.known.name if step.refusal else "done"  # no code that anybody makes up
                self.metrics.renewal(code)
                log = self.journal.warning if step.refusal else self.journal.info
                log("certificate renewed" if not step.refusal else "certificate not renewed", code=code)

    def _refresh(self, now: int) -> None:
        with opened(self.folder, clock=self.clock, check=False) as host:
            if host.store.settings().service is None:
                return
            try:
                trust = Upstream(host, self.connect).refresh(catalog=False)
                forked = host.watcher.fork()
            except VolactError as err:
                self._refreshed = now - DAY + RETRY_SECONDS
                self.journal.warning("roots and revocations not fetched", code=err.code, detail=err.detail)
                return
            self._refreshed = now
            if forked is not None:
                self.journal.warning("the publisher's log does not fit", code=forked.code, detail=forked.detail)
            self.journal.info(
                "roots and revocations fetched", root=trust.root.version, revocations=trust.revocations.version
            )

    def _forget(self, now: int) -> None:
        with opened(self.folder, clock=self.clock, check=False) as host:
            book, dropped = SqliteBook(host.store.database), 1
            while dropped:  # in parts, so that those who ask meanwhile wait for one part alone
                with host.store.database.writing():
                    dropped = book.forget_answers(now - KEPT)


def is_renewal_due(certificate: Certificate, now: int) -> bool:
    """Whether two thirds of a certificate's life are over; one by telephone is renewed by a person."""
    said = certificate.claims
    return not certificate.by_telephone and now >= said.iat + (said.exp - said.iat) * 2 // 3


def _is_due(now: int, last: int, *, every: int) -> bool:
    """Due after a while, and at once after the clock was set back."""
    return now - last >= every or now < last


async def _in_thread(work: Callable[[], None]) -> None:
    """Runs the work in a thread of its own, which dies with the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def finish(error: BaseException | None) -> None:
        if not done.done():
            done.set_result(None) if error is None else done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except Exception as err:
            error = err
        with contextlib.suppress(RuntimeError):  # the program has ended
            loop.call_soon_threadsafe(finish, error)

    threading.Thread(target=run, name="upkeep", daemon=True).start()
    await done
