"""Clients of a host: leases, renewals, counts, and who may not be believed."""

import shutil
from datetime import datetime

import pytest

from tests.support.clients import HOST, ask, look
from volact.client import agent
from volact.client.activation import KEPT_ATTEMPTS
from volact.client.installation import clear_host, generalize, set_host
from volact.client.keyring import install_key
from volact.client.overview import overlook
from volact.client.records import LeaseHeld, Pending, Tried
from volact.credential.request import parse_request
from volact.errors import Refused, Unreachable, Untrusted
from volact.protocol.flows import Reply
from volact.testing import DAY, Hostile

PRODUCT = "tracer-9"


def refused(computer, code, **route):
    """Whether activating is refused with that code."""
    with pytest.raises((Refused, Unreachable, Untrusted)) as caught:
        ask(computer, **route)
    return caught.value.code == code


def test_a_lease_licenses_for_its_days(world):
    """A lease licenses a computer for the catalog's 180 days, and its end is known to it."""
    computer = world.computer()
    ask(computer)
    status = look(computer)
    assert (status.state, status.method, status.reason) == ("licensed", "host", None)
    assert datetime.fromisoformat(status.expires).timestamp() == world.clock() + 180 * DAY
    assert (status.days_left, status.source) == (180, HOST)


def test_a_refusal_for_the_count_is_kept_for_why(world):
    """A computer that is refused for the count stays in grace and keeps what it was told."""
    world.host.seen.clear()
    computer = world.computer()
    assert refused(computer, "count_insufficient")
    tried = computer.home.product(PRODUCT).load(Tried).attempts[0]
    assert (look(computer).state, tried.code) == ("grace", "count_insufficient")
    assert (tried.fields["count"], tried.fields["threshold"]) == (1, 25)


def test_the_tries_that_are_kept_are_few(world):
    """Of many hosts that were tried, the newest few are kept."""
    computer = world.computer()
    for number in range(KEPT_ATTEMPTS + 3):
        assert refused(computer, "host_unreachable", host=f"http://host-{number}")
    attempts = computer.home.product(PRODUCT).load(Tried).attempts
    assert (len(attempts), attempts[0].source) == (KEPT_ATTEMPTS, f"http://host-{KEPT_ATTEMPTS + 2}")


def test_an_unanswered_request_is_repeated_byte_for_byte(world):
    """A request that got no answer is asked again with the same bytes; one that was answered is not."""
    computer = world.computer()
    world.network.unplug(HOST)
    for _ in range(2):
        assert refused(computer, "host_unreachable")
    world.network.places[HOST] = world.host
    ask(computer)
    ask(computer)
    first, second, third, fourth = world.network.requests(HOST)
    assert first == second == third != fourth


def test_the_request_is_on_disk_before_it_is_sent(world):
    """The bytes of a request are on disk when the network first sees them."""
    computer = world.computer()

    def on_disk(step, reply):
        kept = computer.home.product(PRODUCT).load(Pending)
        assert kept is not None
        assert kept.request.encode() == step.body
        return reply

    world.network.places[HOST] = Hostile(world.host, on_disk)
    assert ask(computer) is None


def test_an_old_unanswered_request_is_no_wrong_clock(world):
    """A request that is asked again hours later gets its answer without a word about the clock."""
    computer = world.computer()
    world.network.unplug(HOST)
    assert refused(computer, "host_unreachable")
    world.clock.move(hours=9)
    world.network.places[HOST] = world.host
    assert ask(computer) is None
    assert look(computer).state == "licensed"


def test_a_host_that_answered_is_remembered(world):
    """A host that was named once and answered is asked from then on."""
    computer = world.computer(host=None)
    assert refused(computer, "host_unreachable")
    ask(computer, host=f"{HOST}/")
    assert ask(computer) is None
    clear_host(computer)
    assert refused(computer, "host_unreachable")


def test_a_lapsed_lease_gives_grace_and_then_notification(world):
    """When a lease has ended the product is in grace for 30 days from that end, and then in notification."""
    computer = world.computer()
    ask(computer)
    world.clock.move(days=190)
    status = look(computer)
    assert (status.state, status.reason, status.days_left) == ("grace", "lease_expired", 20)
    world.clock.move(days=20)
    assert look(computer).state == "notification"
    world.clock.move(days=-200)
    assert look(computer).state == "licensed"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b'{"credential":"a.b.c","versions":{"root":1,"catalog":1,"revocations":1}}', b"\xff" * 99],
)
def test_garbage_changes_nothing(world, body):
    """A host that answers garbage is not believed, and the license stays as it was."""
    computer = world.computer()
    ask(computer)
    before = look(computer)
    world.network.places[HOST] = Hostile(world.host, lambda step, reply: Reply(200, body))
    assert refused(computer, "answer_untrusted")
    assert look(computer) == before


@pytest.mark.parametrize("code", ["key_blocked", "hardware_changed", "lease_expired", "a_code_of_tomorrow"])
def test_a_false_refusal_changes_nothing(world, code):
    """A refusal is not signed, so it takes no license away."""
    computer = world.computer()
    ask(computer)
    before = look(computer)
    body = b'{"code":"%s","detail":"no","status":409}' % code.encode()
    world.network.places[HOST] = Hostile(world.host, lambda step, reply: Reply(409, body))
    assert refused(computer, code)
    assert look(computer) == before


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateways_page_means_that_nobody_answered(world, status):
    """A gateway's own page is no verdict: the host counts as unreachable."""
    computer = world.computer()
    world.network.places[HOST] = Hostile(world.host, lambda step, reply: Reply(status, b"<html>bad gateway"))
    assert refused(computer, "host_unreachable")
    assert look(computer).state == "grace"


def test_an_answer_to_another_request_is_not_believed(world):
    """An answer that was recorded earlier on the way is no answer to a new request."""
    computer = world.computer()
    replies = []

    def replay(step, reply):
        replies.append(reply)
        return replies[0]

    world.network.places[HOST] = Hostile(world.host, replay)
    ask(computer)
    before = computer.home.product(PRODUCT).load(LeaseHeld)
    world.clock.move(days=8)
    assert refused(computer, "answer_untrusted")
    assert computer.home.product(PRODUCT).load(LeaseHeld) == before


def test_another_devices_lease_is_not_believed(world):
    """A host that hands out another computer's lease licenses nobody with it."""
    other, computer = world.computer(name="other"), world.computer(name="mine")
    ask(other)
    signed = parse_request(world.network.requests(HOST)[0])
    stolen = Reply(200, world.host.answer(world.host.lease(signed)))
    world.network.places[HOST] = Hostile(world.host, lambda step, reply: stolen)
    assert refused(computer, "answer_untrusted")
    assert look(computer).state == "grace"


def test_a_lease_beyond_its_certificate_is_not_believed(world):
    """A host cannot license for longer than its certificate allows."""
    computer = world.computer()

    def longer(step, reply):
        signed = parse_request(step.body)
        return Reply(200, world.host.answer(world.host.lease(signed, exp=world.clock() + 181 * DAY)))

    world.network.places[HOST] = Hostile(world.host, longer)
    assert refused(computer, "answer_untrusted")


def test_a_lease_that_has_ended_already_replaces_none(world):
    """A host whose clock is months behind replaces no license by a lease that has ended already."""
    computer = world.computer()
    world.clock.move(days=170)
    world.host.count(30)
    ask(computer)
    before = look(computer)

    def late(step, reply):
        signed = parse_request(step.body)
        return Reply(200, world.host.answer(world.host.lease(signed, iat=world.clock() - 169 * DAY, exp=world.clock())))

    world.network.places[HOST] = Hostile(world.host, late)
    assert refused(computer, "clock_out_of_range")
    assert look(computer) == before


def test_a_clock_five_hours_off_is_licensed_with_a_warning(world):
    """A computer whose clock is five hours off is licensed after one retry, with a word about its clock."""
    computer = world.computer()
    ahead = world.clock() + 5 * 3600
    wrong = type(computer)(computer.home, lambda: ahead, world.network.connect, world.random)
    warning = ask(wrong)
    assert warning is not None
    assert (warning.code, look(wrong).state) == ("clock_out_of_range", "licensed")


def test_a_lease_copied_in_is_named(world):
    """A lease of another computer that was copied into a home is `hardware_changed`, and asking again heals it."""
    other, mine = world.computer(name="other"), world.computer(name="mine")
    ask(other)
    file = other.home.product(PRODUCT).file(LeaseHeld)
    shutil.copy(file, mine.home.product(PRODUCT).file(LeaseHeld))
    status = look(mine)
    assert (status.state, status.reason, status.days_left) == ("grace", "hardware_changed", 30)
    world.clock.move(days=3)
    assert look(mine).days_left == 27
    ask(mine)
    assert look(mine).state == "licensed"


def test_a_copied_home_is_named_and_may_not_ask(world):
    """A home that was copied from another computer is `hardware_changed`: it may neither activate nor take a key."""
    computer = world.computer(name="pc")
    ask(computer)
    world.identity("pc").write_text('{"id": "another"}', "utf-8")
    status = look(computer)
    assert (status.state, status.reason) == ("grace", "hardware_changed")
    assert refused(computer, "hardware_changed")
    with pytest.raises(Refused) as caught:
        install_key(computer, world.publisher.issue("mak", PRODUCT).text)
    assert caught.value.code == "hardware_changed"
    world.clock.move(days=31)
    assert look(computer).state == "notification"


def test_a_generalized_home_becomes_a_computer_of_its_own(world):
    """After `generalize` a copied home has its own device key and is activated as another computer."""
    computer = world.computer(name="pc")
    ask(computer)
    world.identity("pc").write_text('{"id": "another"}', "utf-8")
    generalize(computer)
    set_host(computer, HOST)
    ask(computer)
    first, second = (parse_request(data) for data in world.network.requests(HOST))
    assert look(computer).state == "licensed"
    assert first.jkt != second.jkt
    assert first.request.dev != second.request.dev


def test_the_agent_asks_a_set_host_at_once(world):
    """One turn of the agent licenses a computer that has a host, without a key and without a command."""
    computer = world.computer()
    assert [done.refusal for done in agent.turn(computer, at_once=True)] == [None]
    assert look(computer).state == "licensed"


def test_the_agent_renews_after_seven_days(world):
    """A lease is renewed from its seventh day on, and not before."""
    computer = world.computer()
    agent.turn(computer)
    world.clock.move(days=6)
    assert agent.turn(computer) == ()
    world.clock.move(days=1)
    assert len(agent.turn(computer)) == 1
    assert look(computer).days_left == 180


def test_the_agent_waits_as_long_as_it_was_told(world):
    """After a refusal the agent asks again when the host said, two hours later by default."""
    world.host.seen.clear()
    computer = world.computer()
    assert agent.turn(computer)[0].refusal.code == "count_insufficient"
    world.clock.move(hours=1)
    assert agent.turn(computer) == ()
    world.clock.move(hours=1)
    assert len(agent.turn(computer)) == 1


def test_a_clock_that_was_set_back_does_not_stop_the_agent(world):
    """A next try that lies further ahead than any pause is not waited for."""
    world.host.seen.clear()
    computer = world.computer()
    agent.turn(computer)
    world.host.count(30)
    world.clock.move(days=-90)
    assert len(agent.turn(computer)) == 1


def test_the_agent_fetches_what_is_newer(world):
    """The agent fetches roots, catalog and revocations from the host that it asks, and believes what is newer."""
    computer = world.computer()
    world.publisher.rotate()
    world.publisher.publish()
    world.publisher.revoke(world.publisher.issue("mak", PRODUCT))
    assert [done.refusal for done in agent.refresh(computer)] == [None]
    assert computer.home.trust().versions == world.publisher.versions


def test_older_lists_change_nothing(world):
    """A host that hands out an older list than the one known takes nothing back."""
    computer = world.computer()
    old = world.publisher.document("/v1/revocations")
    world.publisher.revoke(world.publisher.issue("mak", PRODUCT))
    agent.refresh(computer)
    before = computer.home.trust().versions

    def older(step, reply):
        return Reply(200, old) if step.path == "/v1/revocations" else reply

    world.network.places[HOST] = Hostile(world.host, older)
    agent.refresh(computer)
    assert computer.home.trust().versions == before


def test_a_revoked_host_is_left_behind_after_its_leases(world):
    """Leases that a revoked host key signed before run on; a new one from it is not believed."""
    computer = world.computer()
    ask(computer)
    world.clock.move(days=1)
    world.publisher.revoke_host(world.host.id, world.host.signer.public.kid)
    agent.refresh(computer)
    assert look(computer).state == "licensed"
    assert refused(computer, "answer_untrusted")


def test_the_agent_heals_damaged_documents(world):
    """Documents of the publisher that were damaged on disk are fetched anew, from the pin on."""
    computer = world.computer()
    (computer.home.path / "roots").write_bytes(b"spoiled")
    assert look(computer).reason == "state_damaged"
    agent.turn(computer, at_once=True)
    assert look(computer).state == "licensed"


def test_why_names_the_organization(world):
    """What stands behind a license names the organization that it was given to."""
    computer = world.computer()
    ask(computer)
    assert overlook(computer, PRODUCT).known.credential.claims.organization.name == "Nordlys Energi"
