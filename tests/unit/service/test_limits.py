"""How often one may ask: never more than the quota in any window, and all of it again when the window is over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.errors import Refused
from volact.service.management.limits import WINDOW_SECONDS, Limit, checked, headers, limits

steps = st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=120)


@given(st.integers(1, 50), steps)
def test_no_window_has_more_than_twice_the_quota_and_none_in_a_row_more_than_it(quota: int, waits: list[float]) -> None:
    """At once no more than the quota is let in, and in a window no more than that and what came back meanwhile."""
    limit, now, let_in = Limit("token", quota), 1_000.0, []
    for wait in waits:
        now += wait
        if not limit.take("a", now=now).wait:
            let_in.append(now)
    for at in let_in:
        assert sum(at <= each < at + WINDOW_SECONDS for each in let_in) <= 2 * quota
        assert sum(each == at for each in let_in) <= quota


@given(st.integers(1, 500))
def test_the_quota_is_there_at_once_and_again_after_the_window(quota: int) -> None:
    """All of the quota may be used at once, one more waits as long as is said, and after the window all is there."""
    limit = Limit("token", quota)
    assert [limit.take("a", now=5.0).wait for _ in range(quota)] == [0] * quota
    over = limit.take("a", now=5.0)
    assert (over.remaining, 1 <= over.wait <= WINDOW_SECONDS) == (0, True)
    assert limit.take("b", now=5.0).wait == 0
    assert limit.take("a", now=5.0 + over.wait).wait == 0
    assert limit.left("a", now=5.0 + 2 * WINDOW_SECONDS).remaining == quota


def test_names_without_number_cost_no_memory_for_ever() -> None:
    """Names that have all of their quota again are forgotten when there are too many."""
    limit = Limit("address", 60)
    for number in range(100_010):
        limit.take(str(number), now=number * 10.0)
    assert len(limit._until) <= 100_000


def test_answers_say_what_is_left_and_refusals_how_long() -> None:
    """The headers name each limit with its quota and what is left of it; who is over is told the seconds to wait."""
    found = limits(600)
    taken = {"token": found.token.take("t", now=0.0), "key": found.key.take("k", now=0.0)}
    assert headers(taken) == (
        ("ratelimit-policy", '"token";q=600;w=60, "key";q=60;w=60'),
        ("ratelimit", '"token";r=599;t=1, "key";r=59;t=1'),
    )
    assert headers({}) == ()
    small = limits(1)
    checked(small.token.take("t", now=0.0))
    with pytest.raises(Refused) as caught:
        checked(small.token.take("t", now=0.0))
    assert (caught.value.code, caught.value.fields["retry_after"]) == ("too_many_requests", 60)
