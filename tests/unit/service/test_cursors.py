"""Cursors of the management API: a place in a list that comes back as it was, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.credential.encoding import b64
from volact.errors import Refused
from volact.service.management.shapes import page, read_cursor, write_cursor

KINDS = ((int,), (str, int, int))
numbers = st.integers(-(1 << 62) + 1, (1 << 62) - 1)
ids = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=64)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(ids, numbers, numbers)
def test_a_place_comes_back_as_it_was(id: str, at: int, row: int) -> None:
    """What a page gave is read as the place that it stands for, and as no place of a list that is counted otherwise."""
    assert read_cursor(write_cursor([id, at, row]), kinds=(str, int, int)) == [id, at, row]
    assert read_cursor(write_cursor([row]), kinds=(int,)) == [row]
    for place, kinds in (([id, at, row], (int,)), ([row], (str, int, int)), ([row, at], (int,))):
        with pytest.raises(Refused) as caught:
            read_cursor(write_cursor(place), kinds=kinds)  # type: ignore[arg-type]
        assert caught.value.code == "cursor_invalid"


@given(values | st.tuples(ids, numbers, numbers).map(list) | st.tuples(numbers).map(list), st.sampled_from(KINDS))
def test_a_cursor_of_anything_is_a_place_that_can_be_asked_for_or_refused(value: Any, kinds: tuple[type, ...]) -> None:
    """A cursor that somebody wrote is a place if it is of the list's kinds and every database can hold its values;
    else it is refused."""
    text = b64(json.dumps(value).encode())
    if isinstance(value, list) and tuple(map(type, value)) == kinds and all(map(is_held, value)):
        assert read_cursor(text, kinds=kinds) == value
    else:
        with pytest.raises(Refused) as caught:
            read_cursor(text, kinds=kinds)
        assert caught.value.code == "cursor_invalid"


def is_held(value: str | int) -> bool:
    """Whether an integer of 64 bits, or a text of printable ASCII."""
    return re.fullmatch("[ -~]*", value) is not None if isinstance(value, str) else abs(value) < 1 << 62


@given(st.text(max_size=200) | st.binary(max_size=100).map(b64), st.sampled_from(KINDS))
def test_rubbish_is_no_cursor(text: str, kinds: tuple[type, ...]) -> None:
    """What is no base64url of a list is `cursor_invalid`, and no defect."""
    with pytest.raises(Refused) as caught:
        read_cursor(text, kinds=kinds)
    assert caught.value.code == "cursor_invalid"


@given(st.lists(numbers, unique=True, max_size=30), st.integers(1, 7))
def test_pages_hold_every_row_once(rows: list[int], limit: int) -> None:
    """From page to page by their cursors each row is told once, in order, and the last page has no next one."""
    seen: list[int] = []
    cursor: str | None = None
    rows.sort()
    while True:
        after = read_cursor(cursor, kinds=(int,))
        found = [row for row in rows if after is None or row > after[0]][: limit + 1]
        told = page("rows", found, limit=limit, say=lambda row: row, place=lambda row: [row])
        assert len(told["rows"]) <= limit
        seen += told["rows"]
        cursor = told["next"]
        if cursor is None:
            break
    assert seen == rows
