"""Who may do what with the files of a home."""

import os

import pytest

from volact.client import files
from volact.client.home import Home
from volact.client.records import Host


@pytest.fixture
def private_umask():
    """An administrator whose umask keeps everything to himself."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def rights(path):
    """The rights of a file or folder, as an octal text."""
    return f"{path.stat().st_mode & 0o777:o}"


def test_the_lock_is_its_owners(tmp_path):
    """Nobody but the owner of a home can open its lock, and so nobody else can hold it against the owner."""
    with files.locked(tmp_path):
        assert rights(tmp_path / "home.lock") == "600"


def test_an_ordinary_user_reaches_the_files(tmp_path, private_umask):
    """The folders of a home can be read by everybody, whatever the umask of who makes them."""
    home = Home(tmp_path / "home")
    home.make()
    home.product("tracer-9").save(Host(url="http://host"))
    folders = (home.path, home.path / "products", home.path / "products" / "tracer-9")
    assert [rights(each) for each in folders] == ["755", "755", "755"]
