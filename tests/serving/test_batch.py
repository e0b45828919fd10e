"""Group commit: order, sharing, failures, the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.errors import Refusal, Refused, StorageFull, VolactError
from volact.serving.batch import DEEPEST, Commit, GroupCommit, Steps


def _in_writer(commit: Callable[[Sequence[int]], Sequence[int | VolactError]]) -> Commit[int, int]:
    def steps(items: Sequence[int]) -> Steps[int]:
        yield from ()
        return commit(items)

    return steps


def _double(items: Sequence[int]) -> Sequence[int | VolactError]:
    return [Refused(Refusal("replayed", "odd")) if item % 2 else item * 2 for item in items]


async def _gather(batch: GroupCommit[int, int], items: Sequence[int]) -> list[int | BaseException]:
    found = await asyncio.gather(*(batch.ask(item) for item in items), return_exceptions=True)
    await batch.close()
    return list(found)


@given(st.lists(st.integers(0, 1000), max_size=40), st.integers(1, 7))
def test_each_asker_gets_its_own_result(items: list[int], most: int) -> None:
    """However requests are batched, each one gets the result or the refusal of its own item, in arrival order."""
    seen: list[int] = []
    sizes: list[int] = []

    def commit(batch: Sequence[int]) -> Sequence[int | VolactError]:
        seen.extend(batch)
        sizes.append(len(batch))
        return _double(batch)

    found = asyncio.run(_gather(GroupCommit(_in_writer(commit), most=most), items))
    assert seen == items
    assert all(size <= most for size in sizes)
    for item, result in zip(items, found, strict=True):
        assert isinstance(result, Refused) if item % 2 else result == item * 2


def test_each_batch_is_told_of() -> None:
    """Of each batch its size and its seconds are told, of one that failed too."""
    told: list[tuple[int, float]] = []

    def commit(batch: Sequence[int]) -> Sequence[int]:
        if 9 in batch:
            raise StorageFull("full")
        return batch

    batch = GroupCommit(_in_writer(commit), most=3, tell=lambda size, seconds: told.append((size, seconds)))
    found = asyncio.run(_gather(batch, [1, 2, 3, 4, 9]))
    assert found[:3] == [1, 2, 3]
    assert [type(each) for each in found[3:]] == [StorageFull, StorageFull]
    assert [size for size, _ in told] == [3, 2]
    assert all(seconds >= 0 for _, seconds in told)


def test_requests_that_wait_share_one_commit() -> None:
    """Requests that arrive together are committed together."""
    sizes: list[int] = []

    def commit(batch: Sequence[int]) -> Sequence[int]:
        sizes.append(len(batch))
        return list(batch)

    asyncio.run(_gather(GroupCommit(_in_writer(commit)), list(range(100))))
    assert sizes == [100]


def test_a_failed_commit_fails_everybody_in_it_and_nobody_after() -> None:
    """When a transaction fails, all of its requests are refused, and the next batch is committed as ever."""
    broken = [True]

    def commit(batch: Sequence[int]) -> Sequence[int]:
        if broken.pop() if broken else False:
            raise StorageFull("no room")
        return list(batch)

    async def story() -> tuple[list[int | BaseException], int]:
        batch: GroupCommit[int, int] = GroupCommit(_in_writer(commit))
        first = await asyncio.gather(batch.ask(1), batch.ask(2), return_exceptions=True)
        second = await batch.ask(3)
        await batch.close()
        return list(first), second

    first, second = asyncio.run(story())
    assert [type(error) for error in first] == [StorageFull, StorageFull]
    assert second == 3


def test_after_the_end_nothing_is_asked() -> None:
    """A program that is stopping refuses what comes, and has committed what came."""

    async def story() -> None:
        batch: GroupCommit[int, int] = GroupCommit(_in_writer(list))
        await batch.ask(1)
        await batch.close()
        with pytest.raises(Refused) as caught:
            await batch.ask(2)
        assert caught.value.code == "not_ready"

    asyncio.run(story())


def test_the_parts_of_a_transaction_take_turns_between_two_threads() -> None:
    """A transaction waits and writes in the writer's thread, and decides in the event loop's."""
    names: list[str] = []

    def commit(batch: Sequence[int]) -> Steps[int]:
        names.append(threading.current_thread().name)
        yield
        names.append(threading.current_thread().name)
        yield
        names.append(threading.current_thread().name)
        return list(batch)

    assert asyncio.run(_gather(GroupCommit(commit), [1, 2])) == [1, 2]
    assert [name.startswith("writer") for name in names] == [True, False, True]


def test_more_than_can_wait_is_refused() -> None:
    """A request that finds ten thousand others waiting is refused, and those that wait are answered."""
    found = asyncio.run(_gather(GroupCommit(_in_writer(list)), range(DEEPEST + 5)))
    refused = [result for result in found if isinstance(result, Refused)]
    assert [each.code for each in refused] == ["too_many_requests"] * 5
    assert found[:DEEPEST] == list(range(DEEPEST))


def test_other_work_of_the_writer_comes_between_batches() -> None:
    """Work between batches runs in the writer's thread, never inside of a batch, and not after the end."""
    inside: list[bool] = [False]
    threads: set[str] = set()

    def commit(items: Sequence[int]) -> Steps[int]:
        inside[0] = True
        yield
        yield
        inside[0] = False
        threads.add(threading.current_thread().name)
        return list(items)

    def work() -> bool:
        threads.add(threading.current_thread().name)
        return inside[0]

    async def both() -> list[bool]:
        batch: GroupCommit[int, int] = GroupCommit(commit, most=2)
        asked = [asyncio.create_task(batch.ask(item)) for item in range(20)]
        found = [await batch.between(work) for _ in range(10)]
        await asyncio.gather(*asked)
        await batch.close()
        with pytest.raises(Refused):
            await batch.between(work)
        return found

    assert asyncio.run(both()) == [False] * 10
    assert len(threads) == 1
