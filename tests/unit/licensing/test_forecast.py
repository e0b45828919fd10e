"""When a key runs out, and how near it is to that."""

from __future__ import annotations

import itertools
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from volact.licensing.agreements import day_of
from volact.licensing.forecast import FARTHEST_DAYS, Extent, Forecast, forecast, level_of, levels_crossed, window_days

NOW, DAY = 1_795_511_600, 86_400  # 24 November 2026, 10:33
numbers = st.integers(1, 1_000_000_000)
windows = st.integers(1, 30)


def out(taken: int, remaining: int, days: int = 30) -> str | None:
    """The day on which a key runs out."""
    return forecast(taken, days=days, remaining=remaining, now=NOW).runs_out


def test_a_key_lasts_as_long_as_its_pace_says() -> None:
    """Sixty activations in thirty days are two a day, and a hundred that are left then last fifty days."""
    assert forecast(60, days=30, remaining=100, now=NOW) == Forecast(60, 30, "2027-01-13")
    assert forecast(60, days=30, remaining=100, now=NOW).per_day == 2.0
    assert forecast(1, days=30, remaining=5, now=NOW).per_day == 0.03


def test_a_key_that_nobody_uses_lasts() -> None:
    """Where nothing was taken there is no end; where nothing is left the end is today, at whatever pace."""
    assert out(0, 100) is None
    assert out(0, 0) == out(50, 0) == day_of(NOW)


@given(numbers, numbers, windows)
def test_the_day_is_exact(taken: int, remaining: int, days: int) -> None:
    """The day is the one in which the last activation goes, by exact fractions, or none beyond a hundred years."""
    ahead = Fraction(remaining * days, taken)
    expected = (Fraction(NOW, DAY) + ahead).__floor__()
    found = out(taken, remaining, days)
    if ahead >= FARTHEST_DAYS:
        assert found is None
    else:
        assert found is not None
        assert (date.fromisoformat(found) - date(1970, 1, 1)).days == expected


@given(numbers, numbers, numbers, windows)
def test_a_faster_pace_never_lasts_longer(taken: int, more: int, remaining: int, days: int) -> None:
    """More taken in the same days ends a key no later, and more left ends it no earlier."""
    end = out(taken, remaining, days) or "9999"
    assert (out(taken + more, remaining, days) or "9999") <= end
    assert (out(taken, remaining + more, days) or "9999") >= end


def test_a_young_key_is_judged_by_its_own_days() -> None:
    """The pace is that of the last thirty days, of a younger key that of its life, and of one day at least."""
    ages = {-5: 1, 0: 1, DAY: 1, DAY + 1: 2, 2 * DAY: 2, 29 * DAY: 29, 30 * DAY - 1: 30, 999 * DAY: 30}
    assert {age: window_days(NOW - age, NOW) for age in ages} == ages


@given(st.integers(0, 1_000_000_000), st.integers(0, 1_000_000_000))
def test_levels_are_reached_exactly(allowance: int, used: int) -> None:
    """A level is reached with the very activation that makes its percentage, and the highest one counts."""
    found, share = level_of(allowance, used), Fraction(used, allowance) * 100 if allowance else 100
    assert found == (100 if share >= 100 else 95 if share >= 95 else 80 if share >= 80 else None)


def test_levels_of_a_key() -> None:
    """Of 50 activations, the 40th reaches 80 percent, the 48th 95, the 50th 100."""
    reached = [level_of(50, used) for used in (0, 39, 40, 47, 48, 49, 50)]
    assert reached == [None, None, 80, 80, 95, 95, 100]
    assert level_of(0, 0) == 100


@given(st.integers(2, 500), st.data())
def test_each_level_is_crossed_once_on_the_way_up(allowance: int, data: st.DataObject) -> None:
    """However the activations of a key are cut into batches, each level is crossed by exactly one of them."""
    cuts = sorted(data.draw(st.sets(st.integers(1, allowance))) | {0, allowance})
    steps = itertools.pairwise(cuts)
    crossed = [levels_crossed(Extent(allowance, before), Extent(allowance, after)) for before, after in steps]
    assert [level for levels in crossed for level in levels] == [80, 95, 100]


def test_levels_are_crossed_upwards_and_by_a_lower_allowance_too() -> None:
    """A lower allowance crosses levels as activations do; a return and a raise cross none; a key for one has none."""
    assert levels_crossed(Extent(100, 50), Extent(60, 50)) == (80,)
    assert levels_crossed(Extent(100, 50), Extent(50, 50)) == (80, 95, 100)
    assert levels_crossed(Extent(50, 48), Extent(50, 47)) == ()
    assert levels_crossed(Extent(50, 48), Extent(100, 48)) == ()
    assert levels_crossed(Extent(50, 47), Extent(50, 48)) == (95,)
    assert levels_crossed(Extent(1, 0), Extent(1, 1)) == ()
