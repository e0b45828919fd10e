"""Trials: an activation that ends, and is no license from then on."""

import pytest
from msgspec import structs

from tests.support.clients import HOST, SERVICE, ask, look
from volact.client import agent
from volact.client.answerfile import read_response, write_request
from volact.client.installation import generalize, set_host
from volact.client.keyring import install_key
from volact.errors import Refused

PRODUCT, DAYS = "tracer-9", 30


def code_of(act, *words, **more):
    """The code with which something is refused."""
    with pytest.raises(Refused) as caught:
        act(*words, **more)
    return caught.value.code


@pytest.fixture
def trial(world):
    """A trial key of 10."""
    return world.publisher.issue("trial", PRODUCT)


def tried(world, key, *, channel="volume", name="pc"):
    """A computer on trial."""
    computer = world.computer(name=name, host=None)
    world.install(computer, PRODUCT, name=name, channel=channel)
    install_key(computer, key.text)
    ask(computer)
    return computer


@pytest.mark.parametrize("channel", ["volume", "retail", "oem"])
def test_f46_client_trial_key_suits_every_channel(world, trial, channel):
    """F46: a trial key licenses an installation of any channel, for the days that the catalog gives."""
    status = look(tried(world, trial, channel=channel))
    assert (status.state, status.method, status.days_left) == ("licensed", "trial", DAYS)
    assert trial.remaining == 9


@pytest.mark.parametrize(("channel", "state"), [("volume", "notification"), ("retail", "unlicensed")])
def test_an_ended_trial_is_no_license(world, trial, channel, state):
    """After its days a trial is no license, and the product is where it would be without one."""
    computer = tried(world, trial, channel=channel)
    world.clock.move(days=DAYS)
    assert (look(computer).state, look(computer).reason) == (state, "not_activated")
    assert code_of(ask, computer) == "trial_ended"
    assert look(computer).state == state


def test_asking_again_never_lengthens_a_trial(world, trial):
    """Asking again, typing the key again and a new request all leave the end of a trial where it was."""
    computer = tried(world, trial)
    end = look(computer).expires
    world.clock.move(days=10)
    ask(computer)
    install_key(computer, trial.text)
    ask(computer)
    request = write_request(computer, PRODUCT)
    read_response(computer, PRODUCT, data=world.publisher.answer_file(request))
    assert (look(computer).expires, look(computer).days_left, trial.remaining) == (end, DAYS - 10, 9)


def test_an_ended_trial_by_file(world, trial):
    """An answer file with a trial that has ended is refused with `trial_ended`, and stores nothing."""
    computer = world.computer(host=None)
    install_key(computer, trial.text)
    answer = world.publisher.answer_file(write_request(computer, PRODUCT))
    world.clock.move(days=DAYS)
    assert code_of(read_response, computer, PRODUCT, data=answer) == "trial_ended"
    assert look(computer).state == "notification"


def test_the_agent_lets_an_ended_trial_be(world, trial):
    """The agent does not ask again for a trial that has ended."""
    computer = tried(world, trial)
    world.clock.move(days=DAYS + 1)
    asked = len(world.network.requests(SERVICE))
    assert agent.turn(computer, at_once=True) == ()
    assert len(world.network.requests(SERVICE)) == asked


def test_a_key_follows_a_trial(world, trial):
    """A multiple activation key that is typed during or after a trial licenses for good."""
    computer = tried(world, trial)
    world.clock.move(days=DAYS + 5)
    install_key(computer, world.publisher.issue("mak", PRODUCT).text)
    ask(computer)
    world.clock.move(days=1000)
    assert (look(computer).state, look(computer).method) == ("licensed", "mak")


def test_a_host_follows_a_trial(world, trial):
    """A lease that a host gives after a trial counts, also while the trial's key is still the newest."""
    computer = tried(world, trial)
    world.clock.move(days=DAYS)
    ask(computer, method="host", host="http://host")
    assert (look(computer).state, look(computer).method) == ("licensed", "host")


def test_f37_client_generic_key_sets_a_trial_aside(world, trial):
    """F37: `generic` turns a computer on trial into a client of a host again."""
    computer = tried(world, trial)
    install_key(computer, "generic")
    assert (look(computer).state, look(computer).method) == ("grace", "host")


def test_a_trial_of_a_generalized_home_is_gone(world, trial):
    """After `generalize` nothing is left of a trial, and each copy counts as a computer of its own."""
    computer = tried(world, trial)
    generalize(computer)
    assert look(computer).state == "grace"


def test_f42_client_revoked_trial_has_grace_until_its_end(world, trial):
    """F42: a trial whose key is blocked goes to grace, and is nothing at all once its days are over."""
    computer = tried(world, trial, channel="retail")
    world.publisher.revoke(trial)
    agent.refresh(computer)
    assert (look(computer).state, look(computer).reason) == ("grace", "revoked")
    world.clock.move(days=DAYS)
    assert (look(computer).state, look(computer).reason) == ("unlicensed", "not_activated")


def test_a_newer_key_is_spoken_of_and_not_the_old_trial(world, trial):
    """After a trial a key that is typed and not activated yet decides the method, and what is said."""
    computer = tried(world, trial)
    world.clock.move(days=DAYS - 1)
    install_key(computer, world.publisher.issue("mak", PRODUCT).text)
    assert (look(computer).state, look(computer).method) == ("licensed", "trial")
    world.clock.move(days=1)
    assert (look(computer).state, look(computer).method) == ("notification", "mak")


def test_a_lease_beside_an_ended_trial_keeps_its_grace(world, trial):
    """Once a trial has ended, a revoked lease beside it is judged as if there had been no trial."""
    computer = tried(world, trial)
    set_host(computer, HOST)
    ask(computer, method="host")
    world.clock.move(days=DAYS)
    assert (look(computer).state, look(computer).method) == ("licensed", "host")
    world.publisher.revoke(world.host.key)
    agent.refresh(computer)
    assert (look(computer).state, look(computer).reason, look(computer).days_left) == ("grace", "revoked", 30)


def test_a_trial_outlives_a_lease(world, trial):
    """A trial that is longer than a lease licenses the product once the lease has run out."""
    product = structs.replace(world.publisher.catalog.products[PRODUCT], trial_days=365)
    catalog = world.publisher.catalog
    world.publisher.publish(structs.replace(catalog, products={**catalog.products, PRODUCT: product}))
    computer = tried(world, trial)
    set_host(computer, HOST)
    ask(computer, method="host")
    assert look(computer).method == "host"
    world.clock.move(days=200)
    assert (look(computer).state, look(computer).method, look(computer).days_left) == ("licensed", "trial", 165)
    world.clock.move(days=165)
    assert (look(computer).state, look(computer).reason) == ("notification", "lease_expired")
