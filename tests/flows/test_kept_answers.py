"""Answer files that were kept, and what became of them since."""

import pytest

from tests.support.clients import HOST, ask, look
from volact.client import agent
from volact.client.answerfile import read_response, write_request
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import set_host
from volact.client.keyring import install_key
from volact.errors import Refused, Untrusted

PRODUCT = "tracer-9"


def test_a_revoked_answer_replaces_no_license(world):
    """An answer file of a key that was revoked since is not believed, and the license that is there stays."""
    mak = world.publisher.issue("mak", PRODUCT)
    computer = world.computer()
    install_key(computer, mak.text)
    answer = world.publisher.answer_file(write_request(computer, PRODUCT))
    world.publisher.revoke(mak)
    install_key(computer, "generic")
    set_host(computer, HOST)
    ask(computer)
    agent.refresh(computer)
    install_key(computer, mak.text)
    with pytest.raises(Untrusted) as caught:
        read_response(computer, PRODUCT, data=answer)
    assert caught.value.code == "answer_untrusted"
    assert (look(computer).state, computer.vault.proof(mak.keyid) is None) == ("licensed", False)


def test_a_kept_answer_may_be_older_than_the_list(world):
    """An answer file is believed by a computer that has come by a newer revocation list since."""
    mak = world.publisher.issue("mak", PRODUCT)
    computer = world.computer()
    install_key(computer, mak.text)
    answer = world.publisher.answer_file(write_request(computer, PRODUCT))
    world.publisher.revoke(world.publisher.issue("mak", "mesher-9"))
    agent.refresh(computer)
    read_response(computer, PRODUCT, data=answer)
    assert (look(computer).state, look(computer).method) == ("licensed", "mak")
    assert computer.home.trust().versions == world.publisher.versions


@pytest.mark.parametrize(("kind", "channel"), [("mak", "retail"), ("mak", "oem"), ("retail", "volume")])
def test_f46_client_kept_answer_of_another_channel(world, kind, channel):
    """F46: a kept activation is refused where the product is installed for another channel than its key."""
    key = world.publisher.issue(kind, PRODUCT)
    first = world.computer()
    world.install(first, PRODUCT, channel="retail" if kind == "retail" else "volume")
    install_key(first, key.text)
    answer = world.publisher.answer_file(write_request(first, PRODUCT))
    read_response(first, PRODUCT, data=answer)
    other = Computer(Home(world.folder / "other"), world.clock, world.network.connect, world.random)
    world.install(other, PRODUCT, channel=channel)
    with pytest.raises(Refused) as caught:
        read_response(other, PRODUCT, data=answer)
    assert caught.value.code == "wrong_channel"
    assert look(other).state != "licensed"
