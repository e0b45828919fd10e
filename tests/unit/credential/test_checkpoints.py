"""Entries of the log and checkpoints: one spelling for each entry, and what is written is read back."""

from hypothesis import assume, given
from hypothesis import strategies as st
from vectors.log import CHECKPOINT, signed

from vectors import cast
from volact.credential import checkpoint
from volact.credential.checkpoint import Checkpoint, Entry, contradiction, entry_leaf

NUMBERS = st.integers(-(2**63), 2**63 - 1)
ENTRIES = st.builds(Entry, NUMBERS, NUMBERS, st.text(), st.text(), st.text(), st.text())
HASHES = st.binary(min_size=32, max_size=32).map(cast.b64)
CHECKPOINTS = st.builds(
    Checkpoint, iss=st.just("acme.example"), size=st.integers(1, 4), root=HASHES, iat=st.integers(0, 3)
)
SALT = bytes(16)


@given(ENTRIES, ENTRIES)
def test_entries_that_differ_are_spelled_differently(one, other):
    """Two different entries have two different canonical spellings, wherever their texts are cut."""
    assume(one != other)
    assert one.canonical != other.canonical


@given(ENTRIES, st.binary(min_size=16, max_size=16))
def test_the_salt_decides_too(entry, salt):
    """The same entry under another salt has another leaf."""
    assert (entry_leaf(entry, salt) == entry_leaf(entry, SALT)) is (salt == SALT)


@given(CHECKPOINTS)
def test_what_is_signed_is_read_back(said):
    """A checkpoint that was signed is read as it was."""
    assert checkpoint.parse(signed(said))[0] == said


@given(CHECKPOINTS, CHECKPOINTS)
def test_a_contradiction_has_no_order(one, other):
    """Two checkpoints contradict one another whichever came first, and no checkpoint contradicts itself."""
    assert contradiction(one, other) == contradiction(other, one)
    assert contradiction(one, one) is None


def test_a_contradiction_is_told_in_figures():
    """What contradicts is told by the sizes that were signed."""
    assert "9 entries" in str(contradiction(CHECKPOINT, Checkpoint(
        iss=CHECKPOINT.iss, size=9, root=cast.digest(b"x"), iat=CHECKPOINT.iat)))  # fmt: skip
