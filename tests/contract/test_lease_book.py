"""The lease book in SQLite and in memory keep the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.book import MemoryBook
from tests.support.desk import TestDesk, asked, code
from tests.support.publisher import NOW, Publisher
from volact.host.ports import LeaseBook
from volact.host.records import Entry, Granted
from volact.host.store import Database
from volact.host.store_book import SqliteBook
from volact.host.store_view import HostView

SERVER = "windows-server-2008-r2-standard"


@pytest.fixture(params=["sqlite file", "sqlite memory", "model"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LeaseBook]:
    """Each side of the seam."""
    if request.param == "model":
        yield MemoryBook()
        return
    database = Database.create(tmp_path / "host.db") if request.param == "sqlite file" else Database.in_memory()
    yield SqliteBook(database)
    database.close()


def test_what_was_written_is_found(book: LeaseBook) -> None:
    """A recorded answer, a counted computer and an earlier lease are found again; nothing else is."""
    ask, other = asked("s1", SERVER), asked("s2", SERVER)
    assert book.look_up([ask], ["windows"])[0].recorded is None
    book.write([Entry(ask, "windows", b'{"\xc3\xa9":1}', "C1", NOW + 9), Entry(other, "windows")], {("renewed", 1): 2})
    found, without = book.look_up([ask, other], ["windows", "office"])
    assert found.recorded is not None
    assert (found.recorded.digest, found.recorded.payload, found.recorded.certificate) == (
        ask.digest, b'{"\xc3\xa9":1}', "C1",
    )  # fmt: skip
    assert (found.last_counted, found.leased) == (NOW, True)
    assert (without.recorded, without.last_counted, without.leased) == (None, None, False)


def test_the_count_is_of_distinct_computers_since_a_moment(book: LeaseBook) -> None:
    """A computer counts once, at the last time it was seen, up to the number that is asked for."""
    entries = [Entry(asked(f"s{number}", SERVER, now=NOW + number), "windows") for number in range(100)]
    book.write([*entries, Entry(asked("s0", SERVER, now=NOW + 200), "windows")], {})
    assert book.count("windows", since=NOW, most=1000) == 100
    assert book.count("windows", since=NOW + 51, most=1000) == 50
    assert book.count("windows", since=NOW, most=25) == 25
    assert book.count("office", since=0, most=25) == 0


def test_order_and_sizes_of_batches(book: LeaseBook) -> None:
    """Answers about a batch come in its order, whatever its size."""
    for size in (1, 2, 63, 64, 65, 131):
        asks = [asked(f"{size} {number}", SERVER) for number in range(size)]
        book.write([Entry(ask, "windows", f"{place}".encode(), "C", NOW) for place, ask in enumerate(asks)], {})
        found = book.look_up(asks, ["windows"] * size)
        assert [each.recorded.payload for each in found if each.recorded] == [b"%d" % place for place in range(size)]


@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.sampled_from([SERVER, "office-2010"]), st.integers(0, 2), st.integers(1, 5)),
        max_size=40,
    )
)
def test_a_desk_over_either_book_gives_the_same_answers(steps: list[tuple[int, str, int, int]]) -> None:
    """Whatever is asked, a desk gives the same answers over SQLite as over the model."""
    publisher = Publisher.of()
    database = Database.in_memory()
    sides = [TestDesk(publisher, "windows-server-2008-r2-b", "office-2010", book=SqliteBook(database))]
    sides.append(TestDesk(publisher))
    sides[1].state = sides[0].state
    now = NOW
    while steps:
        size = steps[0][3]
        now += steps[0][2] * 10 * 86_400
        batch = [
            asked(f"d{who}", what, now=now, rid=f"{who:021}A" if day else None) for who, what, day, _ in steps[:size]
        ]
        steps = steps[size:]
        told = [side.ask(batch) for side in sides]
        assert [_told(each) for each in told[0]] == [_told(each) for each in told[1]]
    database.close()


def _told(outcome: object) -> object:
    if isinstance(outcome, Granted):
        return outcome.payload, outcome.renewed
    return code(outcome), dict(outcome.fields)  # type: ignore[arg-type, attr-defined]


def test_a_device_key_that_comes_back_is_a_clone() -> None:
    """A computer is a clone once a device key came back after another one was used, not by a new key alone."""
    database = Database.in_memory()
    book, view = SqliteBook(database), HostView(database)
    for name, key in (("a", "1"), ("a", "2"), ("b", "1"), ("b", "1")):
        book.write([Entry(asked(name, SERVER, key=key), None)], {})
    assert view.clones() == 0
    book.write([Entry(asked("a", SERVER, key="1"), None)], {})
    assert view.clones() == 1
    back_in_one_batch = [Entry(asked("c", SERVER, key=key), None) for key in ("1", "2", "1")]
    book.write(back_in_one_batch, {})
    assert view.clones() == 2
    database.close()


def test_the_inventory_lists_what_asked() -> None:
    """A computer is listed with its name, products, first and last time, and its lease that ends last."""
    database = Database.in_memory()
    book, view = SqliteBook(database), HostView(database)
    book.write([Entry(asked("a", SERVER), "windows", b"{}", "C", NOW + 50)], {("activated", 3): 1})
    book.write([Entry(asked("a", "office-2010", now=NOW + 9, virtual=True), "office")], {("activated", 3): 1})
    (found,) = view.computers()
    assert (found.hint, found.products, found.virtual) == ("a", ("office-2010", SERVER), True)
    assert (found.first_seen, found.last_seen, found.lease_expires) == (NOW, NOW + 9, NOW + 50)
    assert (view.tally(3), view.computers_known()) == ({"activated": 2}, 1)
    book.forget_answers(NOW + 1)
    assert book.look_up([asked("a", SERVER)], ["windows"])[0].recorded is None
    database.close()
