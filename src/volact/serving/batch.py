"""Group commit: many requests share one transaction, and none is answered before that is on disk (spec P-6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from volact.errors import Refusal, Refused, VolactError

Item = TypeVar("Item")
Result = TypeVar("Result")
Commit = Callable[[Sequence[Item]], Sequence[Result | VolactError]]


class GroupCommit(Generic[Item, Result]):
    """Hands what has gathered since the last commit to `commit`, in arrival order, in one writer thread.

    `commit` makes one transaction of all items and returns a result or an error for each, in their order; an
    exception of it is everyone's. While one batch is on its way to the disk, the next one gathers.
    """

    def __init__(self, commit: Commit[Item, Result], *, most: int = 256) -> None:
        self._commit = commit
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._closed = False

    async def ask(self, item: Item) -> Result:
        """Waits until the item's batch is durable and gives its result; raises the item's VolactError."""
        if self._closed:
            raise Refused(Refusal("not_ready", "the program is stopping"))
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Finishes what has been asked and ends the writer thread."""
        self._closed = True
        if self._running is not None:
            await self._running
        self._writer.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)  # let everything that is ready join the first batch
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            results: Sequence[Result | BaseException]
            try:
                results = await loop.run_in_executor(self._writer, self._commit, [item for item, _ in batch])
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
