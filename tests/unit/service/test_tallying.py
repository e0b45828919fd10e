"""Activations are counted for reports a little at a time, each once, on both databases."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import DAY, Office
from volact.service.ledger import recent, tallies
from volact.service.ledger.recent import Sought
from volact.service.usecases import tallying
from volact.service.usecases.tallying import month_of, month_start, tally


def test_every_activation_is_counted_once(office: Office) -> None:
    """However often it is counted, a report has each activation once, in its month; the last minute's come later."""
    first, second = issued(office, activations=9), issued(office, activations=9)
    expected: Counter[tuple[str, int]] = Counter()
    for key in (first, first, second):
        activated(office, key)
        expected[key.row.keyid, month_of(office.service.clock.now())] += 1
        office.time.go(31 * DAY)
        tally(office.service)
    activated(office, second)
    assert not tally(office.service)
    ids = (first.row.licensing_id, second.row.licensing_id)
    found = tallies.of_agreements(office.service.ledger, ids, since=0)
    assert Counter({(row.keyid, row.month): row.number for row in found}) == expected
    assert tallies.of_agreements(office.service.ledger, (), since=0) == ()


def test_the_newest_activations_come_first_page_by_page(office: Office) -> None:
    """Activations of several keys are read in one order, the newest first, none left out and none twice."""
    keys = [issued(office, activations=9) for _ in range(3)]
    for number in range(8):
        activated(office, keys[number % 3])
        office.time.go(number % 2)
    ids, seen, after = [key.row.keyid for key in keys], [], None
    while rows := recent.activations(office.service.ledger, ids, sought=Sought(), after=after, limit=3):
        seen += rows
        after = (rows[-1].at, rows[-1].activation_id)
    assert len({row.activation_id for row in seen}) == 8
    assert [(row.at, row.activation_id) for row in seen] == sorted(
        ((row.at, row.activation_id) for row in seen), reverse=True
    )
    few = recent.activations(office.service.ledger, ids[:1], sought=Sought(live=False), after=None, limit=3)
    assert few == []


def test_many_keys_are_read_in_the_same_order(office: Office) -> None:
    """Beyond some number of keys the newest are sought among all, with the same result."""
    key = issued(office, activations=9)
    for _ in range(4):
        activated(office, key)
        office.time.go(5)
    many = [key.row.keyid, *[f"{number:010}" for number in range(recent.FEW_KEYS)]]
    found = recent.activations(office.service.ledger, many, sought=Sought(), after=None, limit=9)
    assert found == recent.activations(office.service.ledger, many[:1], sought=Sought(), after=None, limit=9)


@pytest.mark.parametrize("seconds", [0, 951_782_399, 951_868_800, 1_767_225_599, 1_767_225_600])
def test_a_month_begins_where_it_is_counted(seconds: int) -> None:
    """Every time lies between the beginning of its month and of the next."""
    month = month_of(seconds)
    assert month_start(month) <= seconds < month_start(month + 1)


def test_so_many_at_a_time(office: Office) -> None:
    """What one transaction counts is bounded, and what is left is counted by the next ones."""
    key = issued(office, activations=9)
    for _ in range(5):
        activated(office, key)
    office.time.go(DAY)
    ledger, before = office.service.ledger, office.service.clock.now() - tallying.SETTLED_SECONDS
    found = tallies.uncounted(ledger, before=before, most=3)
    assert len(found.rows) == 3
    tallies.add(ledger, [], upto=found.upto)
    assert len(tallies.uncounted(ledger, before=before, most=3).rows) == 2
