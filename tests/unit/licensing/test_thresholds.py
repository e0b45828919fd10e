"""Counting computers, and whether that is enough."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import DAY, code_of, demo, reference
from volact.licensing.catalog import Policy
from volact.licensing.thresholds import Count, check_count, is_counted, judge, window_start


class Ask(NamedTuple):
    """One request for a lease as the count sees it."""

    dev: str
    count_group: str
    threshold: int
    counts: bool


def ask(dev: str, product: str, *, virtual: bool = False) -> Ask:
    """A request of a computer with a product of the reference catalog."""
    group = reference().group_of(product)
    assert group.count_group is not None
    assert group.threshold is not None
    return Ask(dev, group.count_group, group.threshold, is_counted(reference(), product, virtual=virtual))


def told(*asks: Ask) -> list[tuple[int, bool]]:
    """Counts and verdicts of requests that come to a fresh host one after another."""
    record: set[tuple[str, str]] = set()
    answers = []
    for dev, group, threshold, counts in asks:
        counted = sum(1 for known, _ in record if known == group)
        count = judge(counted, threshold=threshold, already=(group, dev) in record, counts=counts)
        record |= {(group, dev)} if counts else set()
        answers.append((count.count, count.met))
    return answers


def test_f13_fifth_server_is_the_first_to_be_activated() -> None:
    """With 4 servers counted the 5th server is activated, and each was told the count with itself."""
    servers = [ask(f"S{number}", "windows-server-2008-r2-standard") for number in range(1, 6)]
    assert told(*servers) == [(1, False), (2, False), (3, False), (4, False), (5, True)]


def test_f13_client_is_refused_until_it_is_the_25th_computer() -> None:
    """Clients add to the servers' count and are refused until they are at least the 25th computer."""
    servers = [ask(f"S{number}", "windows-server-2008-r2-standard") for number in range(5)]
    clients = [ask(f"C{number}", "windows-7-professional") for number in range(21)]
    counts = told(*servers, *clients)
    assert counts[5] == (6, False)
    assert counts[23] == (24, False)
    assert counts[24:] == [(25, True), (26, True)]


def test_f13_office_counts_alone() -> None:
    """Computers running office, Project or Visio add to a count of their own, whose threshold is 5."""
    windows = [ask(f"C{number}", "windows-7-professional") for number in range(4)]
    office = [ask(f"C{number}", "office-2010") for number in range(3)]
    others = [ask("C3", "visio-2013"), ask("C4", "project-2010")]
    assert told(*windows, *office, *others)[4:] == [(1, False), (2, False), (3, False), (4, False), (5, True)]


def test_f13_computer_with_several_products_counts_once() -> None:
    """A computer that asks for several products of one count group, or asks again, counts once."""
    again = [ask("C1", "office-2010"), ask("C1", "visio-2010"), ask("C1", "office-2010"), ask("C2", "office-2010")]
    assert told(*again) == [(1, False), (1, False), (1, False), (2, False)]


def test_f13_renewals_below_the_threshold_are_refused() -> None:
    """A computer on record that renews while the count is below the threshold is refused like a first activation."""
    refusal = check_count(judge(24, threshold=25, already=True, counts=True), retry_after=7200)
    assert code_of(refusal) == "count_insufficient"
    assert refusal is not None
    assert refusal.fields == {"count": 24, "threshold": 25, "retry_after": 7200}
    assert "24 of the 25" in refusal.detail
    assert "1 more computer asks" in refusal.detail
    assert check_count(judge(24, threshold=25, already=False, counts=True), retry_after=7200) is None


def test_refusal_says_how_many_are_missing() -> None:
    """A refusal for the count says how many more computers have to ask."""
    refusal = check_count(Count(3, 25, False), retry_after=60)
    assert refusal is not None
    assert "22 more computers ask" in refusal.detail


def test_f21_early_virtual_computer_is_not_counted_but_activated() -> None:
    """A virtual computer with an early product is told the count without itself, and is activated once it is met."""
    early = ask("V1", "windows-vista-business", virtual=True)
    assert told(early, early) == [(0, False), (0, False)]
    met = judge(25, threshold=25, already=False, counts=early.counts)
    assert met == Count(25, 25, True)
    below = judge(24, threshold=25, already=False, counts=early.counts)
    assert below == Count(24, 25, False)


def test_f21_late_virtual_computer_counts() -> None:
    """A virtual computer with Vista SP2 or later counts like a physical one."""
    assert told(ask("V1", "windows-vista-business-sp2", virtual=True)) == [(1, False)]


def test_virtual_computer_counted_by_one_product_stays_counted() -> None:
    """A virtual computer counted by a later product is not counted again, nor taken away, by an early one."""
    late, early = ask("V", "windows-7-professional", virtual=True), ask("V", "windows-vista-business", virtual=True)
    assert told(late, early, late) == [(1, False), (1, False), (1, False)]


def test_threshold_of_one_asks_for_nothing() -> None:
    """Where the publisher sets a threshold of 1, the first computer is activated."""
    assert judge(0, threshold=1, already=False, counts=True) == Count(1, 1, True)


def test_window_begins_thirty_days_ago() -> None:
    """A computer counts while it was last seen within the policy's window."""
    assert window_start(Policy(), 100 * DAY) == 70 * DAY
    assert window_start(demo().policy, 100 * DAY) == 70 * DAY


@given(counted=st.integers(0, 100), threshold=st.integers(1, 100), already=st.booleans(), counts=st.booleans())
def test_nobody_is_activated_below_the_threshold(counted: int, threshold: int, already: bool, counts: bool) -> None:
    """No computer is activated unless the computers counted, itself included, meet the threshold."""
    count = judge(counted, threshold=threshold, already=already, counts=counts)
    assert count.met == (counted + (1 if counts and not already else 0) >= threshold)
    assert (check_count(count, retry_after=1) is None) == count.met


@pytest.mark.parametrize("virtual", [True, False])
def test_demonstration_counts_every_computer(virtual: bool) -> None:
    """Every computer of the demonstration counts, virtual or not."""
    assert all(is_counted(demo(), product, virtual=virtual) for product in demo().products)
