"""One look for everything that is asked in one turn of the event loop, where each look has a price of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")


class OncePerTurn(Generic[Item, Found]):
    """Gathers what is asked in one turn of the event loop and hands it to `look`, which blocks the loop.

    `look` gives what it found for each item, in their order; an exception of it is everyone's.
    """

    def __init__(self, look: Callable[[Sequence[Item]], Sequence[Found]]) -> None:
        self._look = look
        self._waiting: list[tuple[Item, asyncio.Future[Found]]] = []

    async def ask(self, item: Item) -> Found:
        """What is found for the item; whatever was there when it was asked is seen."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._end_turn)
        self._waiting.append((item, answer))
        return await answer

    def _end_turn(self) -> None:
        asked, self._waiting = self._waiting, []
        waiting = [(item, answer) for item, answer in asked if not answer.done()]  # the caller may have gone away
        try:
            found = self._look([item for item, _ in waiting])
        except Exception as err:
            for _, answer in waiting:
                answer.set_exception(err)
        else:
            for (_, answer), each in zip(waiting, found, strict=True):
                answer.set_result(each)
