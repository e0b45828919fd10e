"""Documents of the publisher that are damaged on disk: what is fetched anew sets nothing else back."""

import pytest

from tests.support.clients import HOST, ask, look
from volact.client import agent
from volact.client.installation import Setup, init
from volact.client.records import CatalogText
from volact.protocol.flows import Reply
from volact.testing import Hostile

PRODUCT = "tracer-9"


@pytest.fixture
def behind(world):
    """A computer with a newer list than its host and an older publisher file have, and a damaged catalog."""
    computer = world.computer()
    ask(computer)
    old_file, old_list = world.publisher.file(), world.publisher.document("/v1/revocations")
    world.publisher.revoke(world.publisher.issue("mak", PRODUCT))
    agent.refresh(computer)

    def older(step, reply):
        return Reply(200, old_list) if step.path == "/v1/revocations" else reply

    world.network.places[HOST] = Hostile(world.host, older)
    (computer.home.path / "catalog").write_bytes(b"spoiled")
    return computer, old_file


def test_healing_takes_no_revocation_back(world, behind):
    """A list that is whole stays when the catalog is fetched anew from a host that has an older list."""
    computer, _ = behind
    agent.heal(computer)
    assert computer.home.trust().revocations.version == world.publisher.revoked.version
    assert look(computer).state == "licensed"


def test_installing_again_takes_no_revocation_back(world, behind):
    """A list that is whole stays when a product is set up anew by an older publisher file."""
    computer, old_file = behind
    init(computer, Setup(PRODUCT, old_file, identity=world.identity("pc")))
    assert computer.home.load(CatalogText) is not None
    assert computer.home.trust().revocations.version == world.publisher.revoked.version
