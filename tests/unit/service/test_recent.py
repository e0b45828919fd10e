"""Activations of many keys in one list: the newest first, page by page, and all of them for a sheet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import Office
from volact.service.ledger import keys, recent
from volact.service.ledger.recent import BEGINNING, Sought
from volact.service.ledger.rows import ActivationRow
from volact.service.usecases.keys import IssuedKey, Order, issue


@pytest.fixture
def given(office: Office) -> tuple[Sought, list[IssuedKey]]:
    """Five keys of one agreement that gave 20 activations, several of them within one second."""
    first = issued(office, activations=9)
    order = Order(licensing_id=first.row.licensing_id, product=first.row.product, kind="mak", activations=9, count=4)
    found = [first, *issue(office.service, order, act=office.act)]
    for number in range(20):
        activated(office, found[number * 3 % 5])
        office.time.go(number % 3 // 2)
    return Sought(seen=(first.row.licensing_id,)), found


def listed(office: Office, sought: Sought, *, limit: int) -> list[ActivationRow]:
    """The whole list, by its pages."""
    found: list[ActivationRow] = []
    while rows := recent.activations(
        office.service.ledger, sought, after=(found[-1].at, found[-1].activation_id) if found else None, limit=limit
    ):
        found += rows
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20, 50])
def test_pages_leave_nothing_out(office: Office, given: tuple[Sought, list[IssuedKey]], limit: int) -> None:
    """Whatever a page holds, all pages together have each activation once, the newest first."""
    sought, _ = given
    found = listed(office, sought, limit=limit)
    order = [(row.at, row.activation_id) for row in found]
    assert len(found) == 20
    assert order == sorted(set(order), reverse=True)


def test_a_list_is_narrowed(office: Office, given: tuple[Sought, list[IssuedKey]]) -> None:
    """By key id, first group or Licensing ID, by computer, activation, product, method and state."""
    sought, found = given
    row, everything = found[1].row, listed(office, sought, limit=50)
    of_key = [each for each in everything if each.keyid == row.keyid]
    assert listed(office, replace(sought, key=row.keyid), limit=2) == of_key
    for name in (row.first_group, row.licensing_id):  # those five keys have both in common
        assert recent.has_key(office.service.ledger, replace(sought, key=name))
        assert listed(office, replace(sought, key=name), limit=50) == everything
    one = everything[7]
    assert listed(office, replace(sought, dev=one.dev), limit=50) == [one]
    assert listed(office, replace(sought, activation_id=one.activation_id), limit=50) == [one]
    assert listed(office, replace(sought, product=row.product, channel="online", live=True), limit=50) == everything
    for other in ({"channel": "telephone"}, {"live": False}, {"product": "office-2010"}, {"key": "none"}):
        assert listed(office, replace(sought, **other), limit=50) == []


def test_others_are_not_in_it(office: Office, given: tuple[Sought, list[IssuedKey]]) -> None:
    """Keys under another Licensing ID are in no list, whatever of them is named."""
    _, found = given
    stranger = Sought(seen=(issued(office, activations=9).row.licensing_id,))
    for key in (None, found[0].row.keyid, found[0].row.licensing_id):
        sought = replace(stranger, key=key)
        assert listed(office, sought, limit=50) == []
        assert recent.every(office.service.ledger, sought, after=BEGINNING, limit=9) == ([], None)
    assert not recent.has_key(office.service.ledger, replace(stranger, key=found[0].row.keyid))
    assert listed(office, Sought(seen=()), limit=50) == []


def test_a_sheet_has_all_of_them(office: Office, given: tuple[Sought, list[IssuedKey]]) -> None:
    """Piece by piece a sheet gets each activation once, key by key, with its Licensing ID."""
    sought, _ = given
    found: list[tuple[str, ActivationRow]] = []
    place: recent.Arrival | None = BEGINNING
    while place is not None:
        rows, place = recent.every(office.service.ledger, sought, after=place, limit=3)
        found += rows
    assert {licensing_id for licensing_id, _ in found} == set(sought.seen)
    assert sorted(row.activation_id for _, row in found) == sorted(
        row.activation_id for row in listed(office, sought, limit=50)
    )
    assert [row.keyid for _, row in found] == sorted(row.keyid for _, row in found)


def test_the_fullest_keys_come_first(office: Office, given: tuple[Sought, list[IssuedKey]]) -> None:
    """Of keys that count activations and are active, those come first of which the largest part is used."""
    sought, found = given
    host = Order(licensing_id=sought.seen[0], product=found[0].row.product, kind="host")
    issue(office.service, host, act=office.act)
    rows = keys.fullest(office.service.ledger, sought.seen, limit=9)
    parts = [row.used / row.allowance for row in rows]
    assert parts == sorted(parts, reverse=True)
    assert {row.keyid for row in rows} == {key.row.keyid for key in found}
    assert len(keys.fullest(office.service.ledger, sought.seen, limit=2)) == 2
    assert keys.fullest(office.service.ledger, (), limit=2) == ()
    assert [row.kind for row in keys.host_keys(office.service.ledger, sought.seen, after="", limit=9)] == ["host"]
