"""Folders and words that can be given by mistake."""

from pathlib import Path

import pytest

from tests.support.publisher import Publisher
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import Setup, init
from volact.errors import VolactError
from volact.host import setup

PRODUCT = "tracer-9"


def test_words_that_are_no_text_leave_no_computer(world):
    """An edition that cannot be written as text is wrong usage, and no computer is set up by it."""
    computer = Computer(Home(world.folder / "new"), world.clock, world.network.connect, world.random)
    with pytest.raises(VolactError) as caught:
        init(computer, Setup(PRODUCT, world.publisher.file(), arch="\udcff", identity=world.identity("pc")))
    assert (caught.value.code, computer.home.products()) == ("usage", ())
    assert not (computer.home.path / "publisher").exists()


def test_a_path_may_hold_any_letters(world):
    """An identity file may lie on a path of any language, wide spaces included."""
    path = world.folder / "設定\u3000一\u00a0två"
    path.write_text('{"id": "pc"}', "utf-8")
    computer = Computer(Home(world.folder / "new"), world.clock, world.network.connect, world.random)
    init(computer, Setup(PRODUCT, world.publisher.file(), identity=path))
    assert computer.home.products() == (PRODUCT,)


def test_a_folder_that_goes_in_circles_is_named(tmp_path):
    """A home whose folder cannot be read is `state_damaged`, which names it."""
    (tmp_path / "home").symlink_to("home")
    with pytest.raises(VolactError) as caught:
        Home(tmp_path / "home").products()
    assert caught.value.code == "state_damaged"


@pytest.mark.parametrize(
    ("folder", "service", "code"),
    [("file", None, "home_not_writable"), ("new", "http://[", "usage"), ("new", "http://\udcff", "usage")],
)
def test_a_host_is_made_of_words_that_can_be(tmp_path: Path, folder, service, code):
    """A file in a host's place, or a service's address that is none, is refused, and nothing is made."""
    publisher, identity = tmp_path / "publisher", tmp_path / "identity"
    publisher.write_bytes(Publisher.of().file())
    identity.write_text('{"id": "host"}', "utf-8")
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(VolactError) as caught:
        setup.init(tmp_path / folder, setup.Wish(publisher, service, "windows-7-volume", identity=identity))
    assert (caught.value.code, (tmp_path / "new").exists()) == (code, False)
    assert (tmp_path / "file").read_bytes() == b"mine"
