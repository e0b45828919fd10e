"""The files of a home: whole or named as damaged."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.client import files
from volact.errors import Damaged, VolactError


@given(st.binary(max_size=200), st.data())
def test_any_truncation_is_noticed(body, data):
    """A file that was cut short anywhere is damaged, and the error names it."""
    whole = files.seal(body)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Damaged) as caught:
        files.unseal(whole[:cut], "lease")
    assert caught.value.fields["file"] == "lease"


@given(st.binary(max_size=200), st.data())
def test_any_changed_byte_is_noticed(body, data):
    """A file in which one byte changed is damaged, wherever the byte is."""
    whole = bytearray(files.seal(body))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Damaged):
        files.unseal(bytes(whole), "lease")


@given(st.binary(max_size=200))
def test_a_whole_file_is_read_as_it_was_written(body):
    """What is written is read again byte for byte."""
    assert files.unseal(files.seal(body), "lease") == body


def test_a_write_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    """A file is replaced as a whole, and no temporary file stays."""
    path = tmp_path / "lease"
    for body in (b"one", b"two"):
        files.write(path, body)
    assert (files.read(path), os.listdir(tmp_path)) == (b"two", ["lease"])


@pytest.mark.parametrize("mode", [files.SECRET, files.OPEN])
def test_rights_do_not_depend_on_the_umask(tmp_path, mode):
    """A secret is 0600 and everything else 0644, whatever the umask says."""
    before = os.umask(0o027)
    try:
        files.write(tmp_path / "file", b"", mode=mode)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_a_file_that_is_not_there_is_no_damage(tmp_path):
    """A file that is not there is none, and not a damaged one."""
    assert files.read(tmp_path / "none") is None


def test_a_folder_that_cannot_be_written_has_its_own_code(tmp_path):
    """A home that cannot be written is refused with `home_not_writable`."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(VolactError) as caught:
        files.write(tmp_path / "file" / "lease", b"")
    assert caught.value.code == "home_not_writable"
