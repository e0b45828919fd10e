"""Group commit: many requests share one transaction, and none is answered before that is on disk (spec P-6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

from volact.errors import Refusal, Refused, VolactError

DEEPEST = 10_000  # requests that wait: some seconds of work, and a bound on memory

Item = TypeVar("Item")
Result = TypeVar("Result")
Found = TypeVar("Found")
Steps = Generator[None, None, Sequence[Result | VolactError]]
Commit = Callable[[Sequence[Item]], Steps[Result]]
Tell = Callable[[int, float], None]


def whole(steps: Generator[None, None, Result]) -> Result:
    """Runs all parts of a transaction, one after the other, in the caller's thread."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


class GroupCommit(Generic[Item, Result]):
    """Hands what has gathered since the last commit to `commit`, in arrival order, one batch at a time.

    `commit` makes one transaction of all items and returns a result or an error for each, in their order; an
    exception of it is everyone's. It is a generator whose parts, between its yields, run in turn in the writer's
    thread and in the event loop's: waiting and writing belong in the first and third, deciding in the second, so that
    threads do not contend while there is something to compute. While one batch is on its way to the disk, the next
    one gathers. `tell` hears of each batch how many it was and how many seconds it took, whatever came of it.
    """

    def __init__(self, commit: Commit[Item, Result], *, most: int = 256, tell: Tell | None = None) -> None:
        self._commit = commit
        self._tell = tell
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._turn = asyncio.Lock()
        self._closed = False

    async def ask(self, item: Item) -> Result:
        """Waits until the item's batch is durable and gives its result; raises the item's VolactError.

        Refuses with `too_many_requests` where too many wait already, and with `not_ready` after `close`.
        """
        if self._closed:
            raise Refused(Refusal("not_ready", "the program is stopping"))
        if len(self._waiting) >= DEEPEST:
            raise Refused(Refusal("too_many_requests", f"{DEEPEST} requests are waiting already; come again later"))
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def between(self, work: Callable[[], Found]) -> Found:
        """Does other work in the writer's thread, between two batches; refuses with `not_ready` after `close`."""
        async with self._turn:
            if self._closed:
                raise Refused(Refusal("not_ready", "the program is stopping"))
            return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def close(self) -> None:
        """Finishes what has been asked and ends the writer thread."""
        self._closed = True
        if self._running is not None:
            await self._running
        async with self._turn:  # what runs between two batches is finished too
            self._writer.shutdown()

    async def _run(self) -> None:
        await asyncio.sleep(0)  # let everything that is ready join the first batch
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            results: Sequence[Result | BaseException]
            try:
                async with self._turn:
                    results = await self._committed([item for item, _ in batch])
            except Exception as err:
                results = [err] * len(batch)
            for (_, answer), result in zip(batch, results, strict=True):
                if answer.done():  # the caller went away; what was recorded for it is answered when it asks again
                    continue
                if isinstance(result, BaseException):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)
        self._running = None

    async def _committed(self, items: Sequence[Item]) -> Sequence[Result | VolactError]:
        loop, steps, writing = asyncio.get_running_loop(), self._commit(items), True
        began = loop.time()
        try:
            while True:
                part = partial(_advance, steps)
                results = await loop.run_in_executor(self._writer, part) if writing else part()
                if results is not None:
                    return results
                writing = not writing
        finally:
            if self._tell is not None:
                self._tell(len(items), loop.time() - began)


def _advance(steps: Steps[Result]) -> Sequence[Result | VolactError] | None:
    """Runs the next part; gives the results after the last one."""
    try:
        next(steps)
    except StopIteration as end:
        results: Sequence[Result | VolactError] = end.value
        return results
    return None
