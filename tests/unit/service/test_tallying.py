"""Activations are counted for reports a little at a time, each once; a report is exact whether or not they were."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import DAY, Office
from volact.service.ledger import tallies
from volact.service.usecases.keys import IssuedKey
from volact.service.usecases.tallying import MOST_DAYS, MOST_TURNS, activations_by_month, month_of, month_start, tally

Sum = Counter[tuple[int, str, str]]


def counted(office: Office, *keys: IssuedKey, since: int = month_of(0)) -> Sum:
    """What a report says that these keys' agreements gave."""
    seen = tuple(key.row.licensing_id for key in keys)
    found = activations_by_month(office.service, seen, since=since)
    return Counter({(each.month, each.product, each.channel): each.number for each in found})


def give(office: Office, key: IssuedKey, into: Sum) -> None:
    """One more activation, noted as a report has it."""
    activated(office, key)
    into[month_of(office.service.clock.now()), key.row.product, "online"] += 1


def finished(office: Office) -> int:
    """Counts until nothing is left; gives in how many steps."""
    steps = 0
    while tally(office.service):
        steps += 1
        assert steps < 1_000, "counting comes to an end"
    return steps


def test_a_report_is_the_same_however_often_it_was_counted_before(office: Office) -> None:
    """A report says each activation once at any moment, the latest as well, whether all, some or none were tallied."""
    first, second, expected = issued(office, activations=9), issued(office, activations=9), Sum()
    for key in (first, second, first, first):
        give(office, key, expected)
        assert counted(office, first, second) == expected
        office.time.go(20 * DAY)
        finished(office)
        assert counted(office, first, second) == expected
        give(office, key, expected)
        assert counted(office, first, second) == expected
    assert sum(each.number for each in tallies.kept(office.service.ledger, seen_of(first, second), since=0)) > 0


def test_a_report_has_its_own_agreements_and_months_alone(office: Office) -> None:
    """What other agreements gave, and what was given before the first month that is asked for, is not in a report."""
    mine, others, expected = issued(office, activations=9), issued(office, activations=9), Sum()
    give(office, mine, Sum())
    give(office, others, Sum())
    office.time.go(62 * DAY)
    this = month_of(office.service.clock.now())
    give(office, mine, expected)
    assert counted(office, mine, since=this) == expected
    finished(office)
    assert counted(office, mine, since=this) == expected
    assert counted(office) == Sum()


def test_nothing_is_counted_before_its_day_is_over(office: Office) -> None:
    """Days that may still get an activation are left for later, so that none is missed by a clock that fell back."""
    key, expected = issued(office, activations=9), Sum()
    give(office, key, expected)
    finished(office)
    office.time.wall -= 30  # within what signing bridges
    give(office, key, expected)
    office.time.go(3 * DAY)
    give(office, key, expected)
    finished(office)
    assert counted(office, key) == expected
    assert finished(office) == 0


def test_a_clock_far_ahead_that_signs_nothing_settles_nothing(office: Office) -> None:
    """A wall clock that is a year ahead makes no day complete: only what was signed does."""
    key, expected = issued(office, activations=9), Sum()
    give(office, key, expected)
    office.time.wall += 365 * DAY
    finished(office)
    office.time.wall -= 365 * DAY
    give(office, key, expected)
    assert counted(office, key) == expected


def test_many_agreements_are_counted_in_parts(office: Office) -> None:
    """Agreements with months between their activations are counted whole, in more than one transaction where there
    are many."""
    found, expected = [issued(office, activations=9) for _ in range(4)], Sum()
    for key in found:
        give(office, key, expected)
    office.time.go(13 * MOST_DAYS * DAY)
    for key in found:
        give(office, key, expected)
    assert finished(office) >= 1 + 4 * 13 // MOST_TURNS
    assert counted(office, *found) == expected


@pytest.mark.parametrize("seconds", [0, 951_782_399, 951_868_800, 1_767_225_599, 1_767_225_600])
def test_a_month_begins_where_it_is_counted(seconds: int) -> None:
    """Every time lies between the beginning of its month and of the next."""
    month = month_of(seconds)
    assert month_start(month) <= seconds < month_start(month + 1)


def seen_of(*keys: IssuedKey) -> tuple[str, ...]:
    """The Licensing IDs of keys."""
    return tuple(key.row.licensing_id for key in keys)
