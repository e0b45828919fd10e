"""One key for several products of one home."""

import pytest

from tests.support.clients import ask, look, make_world
from volact.client.keyring import install_key

PRODUCTS = ("windows-7-enterprise", "windows-7-professional")


@pytest.fixture
def world(root, tmp_path):
    """A world of the reference catalog."""
    return make_world(root, tmp_path, catalog="reference", group="windows-7")


def test_a_key_activates_every_product_that_it_is_installed_for(world):
    """A multiple activation key licenses each product of its group on a computer, takes one, and is then used up."""
    mak = world.publisher.issue("mak", "windows-7")
    computer = world.computer(PRODUCTS[0])
    world.install(computer, PRODUCTS[1])
    assert install_key(computer, mak.text) == PRODUCTS
    for product in PRODUCTS:
        ask(computer, product)
    assert [look(computer, each).state for each in PRODUCTS] == ["licensed", "licensed"]
    assert (mak.remaining, computer.vault.proof(mak.keyid)) == (9, None)
