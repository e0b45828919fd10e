"""Denials: bounded in memory, bounded on record, forgotten in time."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.service.conftest import DAY, START, Office
from volact.errors import CODES, Refused
from volact.service.devices.denials import MOST, Denials
from volact.service.ledger.denials import MOST_ADDRESSES, OTHERS, Denied
from volact.service.usecases.denying import KEPT_DAYS, denials_of, record_denials

TODAY = START // DAY
ROW = Denied(TODAY, "key_unknown", "", "192.0.2.1")


def address(number: int) -> str:
    """One of many addresses."""
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def rows(office: Office) -> int:
    """How many lines are on record."""
    return int(office.service.ledger.execute("SELECT count(*) FROM denials").fetchone()[0])


@given(st.lists(st.tuples(st.sampled_from(sorted(CODES)), st.sampled_from(["", "K1", "K2"]), st.integers(0, 9))))
def test_counts_are_handed_over_whole(asked: list[tuple[str, str, int]]) -> None:
    """Everything counted is handed over once, and what could not be written is counted with the next ones."""
    counted, expected = Denials(), Counter(Denied(1, code, key, address(place)) for code, key, place in asked)
    for denied in expected.elements():
        counted.count(denied)
    counted.count(ROW)
    with pytest.raises(ZeroDivisionError), counted.taken():
        raise ZeroDivisionError
    with counted.taken() as taken:
        assert taken == expected + Counter([ROW])
    with counted.taken() as taken:
        assert not taken


def test_memory_is_bounded() -> None:
    """However many addresses and keys are refused, a bounded number of lines waits, and none is forgotten."""
    counted = Denials()
    for number in range(3 * MOST):
        counted.count(Denied(TODAY, "key_unknown", "", address(number)))
        counted.count(Denied(TODAY, "key_blocked", f"K{number}", address(number)))
    with counted.taken() as taken:
        assert len(taken) <= 2 * MOST + len(CODES)
        assert sum(taken.values()) == 6 * MOST


def test_lines_add_up(office: Office) -> None:
    """The same code, key and address on one day is one line, whenever it was written."""
    for _ in range(3):
        record_denials(office.service, {ROW: 2, ROW._replace(keyid="K1"): 1})
    assert denials_of(office.service) == ((ROW, 6), (ROW._replace(keyid="K1"), 3))


def test_addresses_of_a_day_are_bounded(office: Office) -> None:
    """A day has a bounded number of addresses on record, and all further ones are counted as the others."""
    for part in range(5):
        record_denials(office.service, {ROW._replace(address=address(500 * part + each)): 1 for each in range(500)})
    assert rows(office) == MOST_ADDRESSES + 1
    found = dict(denials_of(office.service))
    assert found[ROW._replace(address=OTHERS)] == 2_500 - MOST_ADDRESSES
    record_denials(office.service, {ROW._replace(address=address(3)): 1, ROW._replace(day=TODAY + 1): 1})
    assert dict(denials_of(office.service))[ROW._replace(address=address(3))] == 2
    assert rows(office) == MOST_ADDRESSES + 2


def test_old_days_are_forgotten(office: Office) -> None:
    """After ninety days a line is gone, also where nobody is refused any more."""
    record_denials(office.service, {ROW: 1})
    office.time.go((KEPT_DAYS - 1) * DAY)
    record_denials(office.service, {})
    assert rows(office) == 1
    office.time.go(DAY)
    record_denials(office.service, {})
    assert rows(office) == 0


def test_nothing_to_say_writes_nothing(office: Office) -> None:
    """Where nothing was refused and nothing is old, nothing is written."""
    other = office.again().ledger

    def seen() -> object:
        return other.execute(other.dialect.seen).fetchone()

    before = seen()
    record_denials(office.service, {})
    assert seen() == before
    record_denials(office.service, {ROW: 1})
    assert seen() != before


def test_denials_are_asked_for_by_key_code_and_days(office: Office) -> None:
    """Denials come newest day first, then the most frequent, and by key, code and days."""
    older, blocked = ROW._replace(day=TODAY - 1), ROW._replace(keyid="K1", code="key_blocked")
    record_denials(office.service, {older: 9, ROW: 1, blocked: 5})
    assert [each for each, _ in denials_of(office.service)] == [blocked, ROW, older]
    assert [each for each, _ in denials_of(office.service, keyid="K1")] == [blocked]
    assert [each for each, _ in denials_of(office.service, code="key_unknown")] == [ROW, older]
    assert [each for each, _ in denials_of(office.service, days=1, code="key_unknown")] == [ROW]
    for wrong in ({"days": 0}, {"days": KEPT_DAYS + 1}, {"code": "nonsense"}):
        with pytest.raises(Refused) as caught:
            denials_of(office.service, **wrong)  # type: ignore[arg-type]
        assert caught.value.code == "usage"
