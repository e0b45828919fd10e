"""Homes that become images: what every copy draws for itself."""

import shutil

from tests.support.clients import HOST, ask, look
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import generalize, set_host
from volact.client.records import Identity
from volact.credential.request import parse_request


def copies(world):
    """Two computers made of one generalized home that is named by a random id."""
    image = world.computer(name="image")
    image.home.save(Identity(random="A" * 22))
    ask(image)
    generalize(image)
    for name in ("one", "two"):
        shutil.copytree(image.home.path, world.folder / name)
    return [_computer(world, name) for name in ("one", "two")]


def test_each_copy_of_a_generalized_home_is_another_computer(world):
    """Copies of a generalized home that nothing but a random id names are different computers to their host."""
    for computer in copies(world):
        set_host(computer, HOST)
        ask(computer)
        assert look(computer).state == "licensed"
    asked = [parse_request(data).request.dev for data in world.network.requests(HOST)]
    assert len(set(asked)) == 3


def test_a_copy_stays_who_it_is(world):
    """A copy of a generalized home keeps the random id that it drew at its first use."""
    computer = copies(world)[0]
    set_host(computer, HOST)
    ask(computer)
    ask(computer)
    asked = [parse_request(data).request.dev for data in world.network.requests(HOST)]
    assert asked[1] == asked[2]


def _computer(world, name):
    return Computer(Home(world.folder / name), world.clock, world.network.connect, world.random)
