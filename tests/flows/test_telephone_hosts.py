"""Clients of a host that was activated by telephone: what they believe, for how long, and what ends it."""

import json
import subprocess
import sys

import pytest

from tests.support.clients import HOST, ask, look
from volact.client import agent
from volact.client.records import LeaseHeld
from volact.credential.claims import Lease, parse
from volact.credential.lists import RevokedConfirmation
from volact.credential.telephone.confirmation import LONGEST, month_end, month_of
from volact.credential.telephone.installation import named_dev
from volact.errors import Untrusted
from volact.testing import DAY, FakeHost
from volact.testing.telephone import FakeCenter

PRODUCT = "tracer-9"


@pytest.fixture
def center(world):
    """Who answers the telephone, and has confirmed the world's host for six months."""
    center = FakeCenter(world.publisher)
    center.confirm_host(world.host, last_month=month_of(world.clock()) + 6)
    return center


def kept(computer):
    """The lease that is kept, and the certificate text with it."""
    held = computer.home.product(PRODUCT).load(LeaseHeld)
    return None if held is None else (parse(Lease, held.credential)[0], held.certificate)


@pytest.mark.usefixtures("center")
def test_f24_telephone_host_licenses_its_computers(world):
    """F24: a host that was activated by telephone licenses its computers as any other does, in nobody's name."""
    computer = world.computer()
    ask(computer)
    status = look(computer)
    assert (status.state, status.method, status.days_left, status.source) == ("licensed", "host", 180, HOST)
    lease, certificate = kept(computer)
    assert lease.organization is None
    assert set(json.loads(certificate)) == {"jwk", "group", "iid", "cid"}
    world.clock.move(days=179)
    assert look(computer).state == "licensed"
    world.clock.move(days=2)
    assert look(computer).state == "grace"


@pytest.mark.usefixtures("center")
def test_f12_telephone_host_renews_leases_that_outlive_its_last_month(world):
    """F12: a lease of the last day of the last month runs to its own end, and the day after the host gives none."""
    computer = world.computer()
    over = month_end(month_of(world.clock()) + 6)
    world.clock.move(seconds=over - world.clock() - DAY)
    world.host.count(30)
    ask(computer)
    assert look(computer).days_left == 180
    world.clock.move(days=2)
    world.host.count(30)
    with pytest.raises(Untrusted):
        ask(computer)
    assert look(computer).state == "licensed"  # what it has runs on


def test_a_host_confirmed_for_longer_than_twelve_months_is_not_believed(world, center):
    """A telephone certificate whose last month lies more than twelve months ahead licenses nobody."""
    center.confirm_host(world.host, last_month=month_of(world.clock()) + LONGEST + 1)
    computer = world.computer()
    with pytest.raises(Untrusted):
        ask(computer)
    assert look(computer).state == "grace"


@pytest.mark.usefixtures("center")
def test_a_telephone_certificate_serves_its_own_host_alone(world):
    """No other host gives leases under a telephone certificate, and none for another product group."""
    other = FakeHost(world.publisher, group="solver-server-9", counted=30)
    other.certificate, other.id, other.organization = world.host.certificate, world.host.id, None
    world.network.places[HOST] = other
    computer = world.computer()
    with pytest.raises(Untrusted):
        ask(computer)
    members = json.loads(world.host.certificate)
    world.host.certificate = json.dumps(members | {"group": "tracer-9"})
    world.network.places[HOST] = world.host
    with pytest.raises(Untrusted):
        ask(computer)


@pytest.mark.usefixtures("center")
def test_a_revoked_telephone_host_gives_no_more_leases(world):
    """Leases from before a telephone host was revoked run out by themselves; from then on none is believed."""
    computer = world.computer()
    ask(computer)
    host = world.host
    world.clock.move(days=1)
    line = RevokedConfirmation(host.key.keyid, named_dev(host.signer.public.kid), world.clock())
    world.publisher.extend(telephone=(line,))
    agent.refresh(computer)
    assert look(computer).state == "licensed"
    world.clock.move(days=1)
    with pytest.raises(Untrusted):
        ask(computer)


@pytest.mark.usefixtures("center")
def test_without_the_extra_a_telephone_host_is_told_apart(world):
    """Without the extra `phone` a computer of a telephone host says what is missing, and believes nothing by half."""
    licensed = world.computer(name="licensed")
    ask(licensed)
    program = (
        "import sys; sys.modules['py_arkworks_bls12381'] = None\n"
        "import volact\n"
        f"print(volact.check({PRODUCT!r}, pin={world.publisher.pin!r}, home={str(licensed.home.path)!r}))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "state_damaged" in out
    whole = program.partition("\n")[2]
    out = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=True).stdout
    assert "state_damaged" not in out
