"""Clients of a key: activations once and for good, by network and by file."""

import pytest

from tests.support.clients import HOST, SERVICE, ask, look
from volact.client import agent
from volact.client.answerfile import read_response, write_request
from volact.client.installation import generalize, remove
from volact.client.keyring import install_key
from volact.client.records import ActivationHeld, InstalledKey
from volact.credential.request import parse_request
from volact.errors import Refused, Unreachable, Untrusted
from volact.protocol.flows import Reply
from volact.testing import Hostile

PRODUCT = "tracer-9"


def refused(computer, code, **route):
    """Whether activating is refused with that code."""
    with pytest.raises((Refused, Unreachable, Untrusted)) as caught:
        ask(computer, **route)
    return caught.value.code == code


@pytest.fixture
def mak(world):
    """A multiple activation key of 10."""
    return world.publisher.issue("mak", PRODUCT)


def activated(world, key, *, name="pc"):
    """A computer that was activated with a key."""
    computer = world.computer(name=name)
    install_key(computer, key.text)
    ask(computer)
    return computer


def test_an_activation_has_no_end(world, mak):
    """A computer that was activated with a multiple activation key needs no further contact."""
    computer = activated(world, mak)
    world.network.places.clear()
    world.clock.move(days=4000)
    status = look(computer)
    assert (status.state, status.method, status.expires, status.source) == ("licensed", "mak", None, mak.keyid)


def test_asking_again_takes_nothing(world, mak):
    """Asking again with an activated key repeats the same bytes and takes no second activation."""
    computer = activated(world, mak)
    world.clock.move(days=90)
    assert ask(computer) is None
    first, second = world.network.requests(SERVICE)
    assert (first == second, mak.remaining) == (True, 9)


def test_the_key_is_not_kept(world, mak):
    """After the activation nothing in the home holds the key, its random part or what proofs are made of."""
    computer = activated(world, mak)
    kept = b"".join(path.read_bytes() for path in computer.home.path.rglob("*") if path.is_file())
    assert not (computer.home.path / "proof.key").exists()
    assert mak.text.encode() not in kept
    assert mak.text.replace("-", "")[5:].encode() not in kept


def test_an_answer_that_was_lost_takes_nothing(world, mak):
    """An answer that was lost on the way is given again to the same request, and one activation is taken."""
    computer = world.computer()
    install_key(computer, mak.text)

    def lose(step, reply):
        raise Unreachable("lost")

    world.network.places[SERVICE] = Hostile(world.publisher, lose)
    assert refused(computer, "service_unreachable")
    world.network.places[SERVICE] = world.publisher
    assert ask(computer) is None
    assert mak.remaining == 9


def test_an_exhausted_key_names_the_center(world):
    """The computer that finds no activation left is told whom to call, and its grace runs on."""
    key = world.publisher.issue("mak", PRODUCT, activations=1)
    activated(world, key, name="first")
    second = world.computer(name="second")
    install_key(second, key.text)
    with pytest.raises(Refused) as caught:
        ask(second)
    assert (caught.value.code, "center" in caught.value.fields) == ("mak_exhausted", True)
    assert look(second).state == "grace"


def test_a_blocked_key_and_what_it_gave(world, mak):
    """What a blocked and revoked key gave goes to grace for 30 days, and then to notification."""
    computer = activated(world, mak)
    world.publisher.revoke(mak)
    agent.refresh(computer)
    status = look(computer)
    assert (status.state, status.reason, status.days_left) == ("grace", "revoked", 30)
    world.clock.move(days=30)
    assert look(computer).state == "notification"


def test_asking_again_with_a_revoked_key(world, mak):
    """Asking again with a key that is on the publisher's list is `key_blocked`, whatever was recorded for it."""
    computer = activated(world, mak)
    world.publisher.revoke(mak)
    assert refused(computer, "key_blocked")
    assert look(computer).reason == "revoked"


def test_a_new_key_heals_a_revoked_one(world, mak):
    """A computer whose key was revoked is licensed again by another key."""
    computer = activated(world, mak)
    world.publisher.revoke(mak)
    install_key(computer, world.publisher.issue("mak", PRODUCT).text)
    ask(computer)
    assert look(computer).state == "licensed"


def test_activating_with_a_blocked_key_is_refused(world, mak):
    """A key that was blocked before it was used is refused, and the computer's grace runs on."""
    world.publisher.revoke(mak)
    computer = world.computer()
    install_key(computer, mak.text)
    assert refused(computer, "key_blocked")
    assert look(computer).state == "grace"


def test_a_key_turns_a_client_and_generic_turns_it_back(world, mak):
    """A key turns a client of a host into one of the key at any time, and `generic` turns it back."""
    computer = world.computer()
    ask(computer)
    install_key(computer, mak.text)
    assert look(computer).state == "licensed"
    ask(computer)
    assert look(computer).method == "mak"
    install_key(computer, "generic")
    assert (look(computer).method, look(computer).reason) == ("host", "not_activated")
    ask(computer)
    assert (look(computer).state, look(computer).method) == ("licensed", "host")


def test_the_same_key_again_is_done(world, mak):
    """Installing the same key again, before or after it was used, is done and not refused."""
    computer = activated(world, mak)
    assert install_key(computer, mak.text.lower().replace("-", " ")) == (PRODUCT,)
    ask(computer)
    assert (look(computer).state, mak.remaining) == ("licensed", 9)


def test_a_key_finds_its_product(world):
    """Without a product's name a key is installed for the product of the home that it is for."""
    computer = world.computer("mesher-9")
    world.install(computer, PRODUCT)
    assert install_key(computer, world.publisher.issue("mak", PRODUCT).text) == (PRODUCT,)
    assert computer.home.product("mesher-9").load(InstalledKey) is None


@pytest.mark.parametrize(
    ("kind", "group", "code"),
    [
        ("host", PRODUCT, "key_wrong_kind"),
        ("mak", "mesher-9", "key_wrong_product"),
        ("retail", PRODUCT, "wrong_channel"),
    ],
)
def test_a_wrong_key_stores_nothing(world, kind, group, code):
    """A key of another kind, product or channel is refused with its code, and nothing is stored."""
    computer = world.computer()
    with pytest.raises(Refused) as caught:
        install_key(computer, world.publisher.issue(kind, group).text)
    assert caught.value.code == code
    assert computer.home.product(PRODUCT).load(InstalledKey) is None
    assert not (computer.home.path / "proof.key").exists()


def test_a_mistyped_key_is_located(world, mak):
    """A key with one wrong symbol is refused with its group and position."""
    wrong = "0" if mak.text[7] != "0" else "1"
    with pytest.raises(Refused) as caught:
        install_key(world.computer(), mak.text[:7] + wrong + mak.text[8:])
    assert caught.value.code == "key_mistyped"
    assert (caught.value.fields["group"], caught.value.fields["position"]) == (2, 2)


def test_without_a_key_the_method_is_refused(world):
    """Asking by a key that is not installed is refused with `no_key`."""
    assert refused(world.computer(), "no_key", method="mak")


def test_an_activation_by_file(world, mak):
    """A computer without a network is activated by a request file and its answer, once."""
    computer = world.computer()
    install_key(computer, mak.text)
    request = write_request(computer, PRODUCT)
    assert write_request(computer, PRODUCT) == request
    answer = world.publisher.answer_file(request)
    for _ in range(2):
        read_response(computer, PRODUCT, data=answer)
    assert (look(computer).state, mak.remaining, parse_request(request).request.via) == ("licensed", 9, "file")
    assert not (computer.home.path / "proof.key").exists()


def test_an_answer_file_for_another_computer(world, mak):
    """An answer file that was made for another computer is not believed."""
    mine, other = world.computer(name="mine"), world.computer(name="other")
    for each in (mine, other):
        install_key(each, mak.text)
        write_request(each, PRODUCT)
    answer = world.publisher.answer_file(write_request(other, PRODUCT))
    with pytest.raises(Untrusted):
        read_response(mine, PRODUCT, data=answer)
    assert look(mine).state == "grace"


def test_an_answer_file_on_a_copied_home(world, mak):
    """On another computer than the home's own an answer file is refused with `hardware_changed`."""
    computer = world.computer(name="pc")
    install_key(computer, mak.text)
    answer = world.publisher.answer_file(write_request(computer, PRODUCT))
    world.identity("pc").write_text('{"id": "another"}', "utf-8")
    with pytest.raises(Refused) as caught:
        read_response(computer, PRODUCT, data=answer)
    assert caught.value.code == "hardware_changed"


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\x00" * 50, b'{"credential": 1}'])
def test_a_spoiled_answer_file(world, mak, data):
    """A file that is no answer is not believed, and the request stays as it is."""
    computer = world.computer()
    install_key(computer, mak.text)
    request = write_request(computer, PRODUCT)
    with pytest.raises(Untrusted):
        read_response(computer, PRODUCT, data=data)
    assert write_request(computer, PRODUCT) == request


def test_a_kept_answer_is_put_back_after_reimaging(world, mak):
    """An answer that was kept licenses the same hardware again, in a fresh home and with no request of its own."""
    before = world.computer(name="pc")
    install_key(before, mak.text)
    answer = world.publisher.answer_file(write_request(before, PRODUCT))
    before.home.path.rename(world.folder / "gone")
    fresh = world.computer(name="pc")
    read_response(fresh, PRODUCT, data=answer)
    assert (look(fresh).state, look(fresh).method, mak.remaining) == ("licensed", "mak", 9)


def test_a_home_that_was_generalized_takes_one(world, mak):
    """After `generalize` the key is typed anew, and the computer takes an activation of its own."""
    computer = activated(world, mak)
    generalize(computer)
    assert look(computer).state == "grace"
    install_key(computer, mak.text)
    ask(computer)
    assert mak.remaining == 8


def test_removing_a_product_forgets_its_license(world, mak):
    """A product that was removed is gone with its key and license, and the other one stays."""
    computer = activated(world, mak)
    world.install(computer, "mesher-9")
    remove(computer, PRODUCT)
    assert computer.home.products() == ("mesher-9",)


def test_a_compromised_issuing_key_gives_grace(world, mak):
    """What a compromised issuing key signed goes to grace, and asking again gives it anew for nothing."""
    computer = activated(world, mak)
    world.clock.move(days=1)
    world.publisher.rotate(compromised=True)
    agent.refresh(computer)
    assert look(computer).reason == "revoked"
    assert [done.refusal for done in agent.turn(computer)] == [None]
    assert (look(computer).state, mak.remaining) == ("licensed", 9)


def test_an_unanswered_request_is_repeated_by_the_agent(world, mak):
    """What a person asked for with a key and nobody answered is asked again by the agent, with the same bytes."""
    computer = world.computer()
    install_key(computer, mak.text)
    place = world.network.places.pop(SERVICE)
    assert refused(computer, "service_unreachable")
    world.network.places[SERVICE] = place
    assert agent.turn(computer) == ()
    world.clock.move(hours=3)
    agent.turn(computer)
    assert (look(computer).state, mak.remaining) == ("licensed", 9)


def test_garbage_from_the_service_changes_nothing(world, mak):
    """A service that answers garbage is not believed, and the same request is asked again."""
    computer = world.computer()
    install_key(computer, mak.text)
    world.network.places[SERVICE] = Hostile(world.publisher, lambda step, reply: Reply(200, b"garbage"))
    assert refused(computer, "answer_untrusted")
    assert computer.home.product(PRODUCT).load(ActivationHeld) is None
    world.network.places[SERVICE] = world.publisher
    ask(computer)
    assert mak.remaining == 9


def test_a_key_does_not_ask_the_host(world, mak):
    """A computer with a key asks the service, also where a host is set."""
    activated(world, mak)
    assert (len(world.network.requests(SERVICE)), world.network.requests(HOST)) == (1, [])
