"""One look for what is asked in one turn of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from volact.errors import Damaged
from volact.serving.turn import OncePerTurn


def test_one_look_serves_all_that_is_asked_in_one_turn_and_each_gets_its_own() -> None:
    """Requests that come in one turn of the event loop cost one look together, and each gets what is its own."""
    looks: list[list[int]] = []

    def look(items: Sequence[int]) -> list[int]:
        looks.append(list(items))
        return [item * item for item in items]

    async def asked() -> list[int]:
        turn = OncePerTurn(look)
        first = await asyncio.gather(*(turn.ask(number) for number in range(3)))
        return [*first, await turn.ask(3)]

    assert asyncio.run(asked()) == [0, 1, 4, 9]
    assert looks == [[0, 1, 2], [3]]


def test_a_look_that_fails_fails_for_all_who_asked_and_for_nobody_after() -> None:
    """Where the record cannot be read, each who asked in that turn is told so, and the next turn looks again."""
    fails = [True]

    def look(items: Sequence[int]) -> list[int]:
        if fails.pop():
            raise Damaged("the record cannot be read")
        return list(items)

    async def asked() -> None:
        turn = OncePerTurn(look)
        answers = await asyncio.gather(turn.ask(1), turn.ask(2), return_exceptions=True)
        assert [type(each) for each in answers] == [Damaged, Damaged]
        fails.append(False)
        assert await turn.ask(3) == 3

    asyncio.run(asked())


def test_who_went_away_is_not_looked_for() -> None:
    """A request whose caller went away in the same turn is left out of the look; the others get their answers."""
    looks: list[list[int]] = []

    def look(items: Sequence[int]) -> list[int]:
        looks.append(list(items))
        return list(items)

    async def asked() -> int:
        turn = OncePerTurn(look)
        gone, stays = asyncio.ensure_future(turn.ask(1)), asyncio.ensure_future(turn.ask(2))
        asyncio.get_running_loop().call_soon(gone.cancel)  # both have asked by then, and nobody has looked
        found = await stays
        with pytest.raises(asyncio.CancelledError):
            await gone
        return found

    assert asyncio.run(asked()) == 2
    assert looks == [[2]]
