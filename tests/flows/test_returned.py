"""Activations that were given back: grace, and a new request when the key is typed again."""

import pytest

from tests.support.clients import SERVICE, ask, look
from volact.client import agent
from volact.client.answerfile import read_response, write_request
from volact.client.keyring import install_key
from volact.client.records import ActivationHeld, Device, Pending
from volact.credential.keys import PublicKey
from volact.errors import Refused, Unreachable, Untrusted
from volact.testing import Hostile

PRODUCT = "tracer-9"


@pytest.fixture
def mak(world):
    """A multiple activation key of 2."""
    return world.publisher.issue("mak", PRODUCT, activations=2)


def activated(world, key):
    """A computer that was activated with a key."""
    computer = world.computer(host=None)
    install_key(computer, key.text)
    ask(computer)
    return computer


def retired(world, key, computer):
    """Gives a computer's activation back, and lets the computer learn it."""
    device = computer.home.load(Device)
    world.publisher.retire(key, PublicKey.from_jwk(device.jwk).kid)
    agent.refresh(computer)


def test_f25_client_returned_activation_goes_to_grace(world, mak):
    """F25: a computer whose activation was given back has 30 days of grace, then notification."""
    computer = activated(world, mak)
    retired(world, mak, computer)
    assert (look(computer).state, look(computer).reason, look(computer).days_left) == ("grace", "revoked", 30)
    world.clock.move(days=30)
    assert look(computer).state == "notification"
    assert mak.remaining == 2


def test_without_the_key_it_is_said_what_to_do(world, mak):
    """Asking again without the key is `no_key`, every time, and takes nothing."""
    computer = activated(world, mak)
    retired(world, mak, computer)
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            ask(computer)
        assert caught.value.code == "no_key"
        assert "install the key again" in caught.value.detail
    assert mak.remaining == 2


def test_the_agent_does_not_ask_for_it(world, mak):
    """The agent repeats no request whose answer was given back."""
    computer = activated(world, mak)
    retired(world, mak, computer)
    asked = len(world.network.requests(SERVICE))
    world.clock.move(days=1)
    assert agent.turn(computer, at_once=True) == ()
    assert len(world.network.requests(SERVICE)) == asked


def test_the_key_typed_again_takes_a_new_one(world, mak):
    """With the key typed again a new request is made, which takes one activation and licenses for good."""
    computer = activated(world, mak)
    retired(world, mak, computer)
    install_key(computer, mak.text)
    assert ask(computer) is None
    assert (look(computer).state, mak.remaining) == ("licensed", 1)
    first, repeated, fresh = world.network.requests(SERVICE)
    assert (first == repeated, fresh != first) == (True, True)
    assert ask(computer) is None
    assert mak.remaining == 1


def test_a_lost_record_does_not_repeat_it_for_ever(world, mak):
    """Where the answer itself is lost, a new request is made all the same."""
    computer = activated(world, mak)
    retired(world, mak, computer)
    computer.home.product(PRODUCT).drop(ActivationHeld)
    install_key(computer, mak.text)
    ask(computer)
    assert (look(computer).state, mak.remaining) == ("licensed", 1)


def test_an_unanswered_new_request_is_repeated_by_the_agent(world, mak):
    """The new request is on disk when it is lost, and the agent repeats those bytes."""
    computer = activated(world, mak)
    retired(world, mak, computer)
    install_key(computer, mak.text)
    old = computer.home.product(PRODUCT).load(Pending).request.encode()

    def lose_the_new_one(step, reply):
        if step.body not in (None, old):
            raise Unreachable("lost")
        return reply

    world.network.places[SERVICE] = Hostile(world.publisher, lose_the_new_one)
    with pytest.raises(Unreachable):
        ask(computer)
    world.network.places[SERVICE] = world.publisher
    assert [done.refusal for done in agent.turn(computer, at_once=True)] == [None]
    assert (look(computer).state, mak.remaining) == ("licensed", 1)


def test_by_file_a_new_request_is_written(world, mak):
    """A computer without a network writes a new request file when the key is typed again, and is licensed by it."""
    computer = world.computer(host=None)
    install_key(computer, mak.text)
    first = write_request(computer, PRODUCT)
    read_response(computer, PRODUCT, data=world.publisher.answer_file(first))
    retired(world, mak, computer)
    install_key(computer, mak.text)
    second = write_request(computer, PRODUCT)
    assert second != first
    assert write_request(computer, PRODUCT) == second
    read_response(computer, PRODUCT, data=world.publisher.answer_file(second))
    assert (look(computer).state, mak.remaining) == ("licensed", 1)


def test_by_file_a_revoked_answer_is_followed_by_a_new_request(world, mak):
    """An answer file whose activation was given back meanwhile is not believed, and the next request is another."""
    computer = world.computer(host=None)
    install_key(computer, mak.text)
    first = write_request(computer, PRODUCT)
    device = computer.home.load(Device)
    world.publisher.answer_file(first)
    world.publisher.retire(mak, PublicKey.from_jwk(device.jwk).kid)
    with pytest.raises(Untrusted):
        read_response(computer, PRODUCT, data=world.publisher.answer_file(first))
    assert write_request(computer, PRODUCT) != first


def test_a_blocked_key_takes_no_new_one(world, mak):
    """With a key that is blocked besides, asking is `key_blocked`, and no new request is made."""
    computer = activated(world, mak)
    retired(world, mak, computer)
    world.publisher.revoke(mak)
    with pytest.raises(Refused) as caught:
        ask(computer)
    assert caught.value.code == "key_blocked"
    assert len(set(world.network.requests(SERVICE))) == 1
