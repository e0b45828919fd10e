"""Call sheets beyond the vectors: what else is none."""

from contextlib import suppress

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from vectors.callsheets import SHEET, TEXT
from vectors.telephone import KEYS

from vectors import cast
from volact.errors import Malformed
from volact.protocol.callsheets import read_call_sheet, telephone_keys


def test_a_call_sheet_is_read_as_it_was_written():
    """A call sheet that was written and read says the same, and names every telephone key of the root by its slot."""
    assert read_call_sheet(msgspec.json.encode(SHEET)) == SHEET
    assert [key.slot for key in SHEET.keys] == [3, 4, 6]
    assert telephone_keys(cast.root(2, KEYS[:1])) == ()


@given(st.integers(0, len(TEXT) - 1), st.binary(max_size=3))
def test_a_call_sheet_that_was_changed_is_none_or_says_something_else(at, put):
    """Whatever is put into a call sheet, it is read strictly or not at all."""
    data = TEXT.encode()
    with suppress(Malformed):
        sheet = read_call_sheet(data[:at] + put + data[at + len(put) :])
        assert sheet.subject.installation == sheet.installation_id
