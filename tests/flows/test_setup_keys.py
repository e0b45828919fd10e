"""Setup keys and keys of preinstalled products: opened by their grant, without a network, and bound to no computer."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.clients import HOST, SERVICE, World, ask, look, make_world
from volact.client import agent
from volact.client.answerfile import write_request
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import generalize, remove
from volact.client.keyring import install_key
from volact.client.overview import overlook
from volact.client.records import FILES, ActivationHeld, InstalledKey, SetupHeld
from volact.credential.encoding import b64
from volact.errors import VolactError
from volact.testing import FakePublisher

SERVER, OTHER, WINDOWS = "sbs-2003-standard", "windows-xp-professional", "windows-7-professional"
GROUP = "sbs-2003"


@pytest.fixture
def world(root, tmp_path) -> World:
    """A world of the reference catalog, some of whose products need a setup key."""
    return make_world(root, tmp_path, catalog="reference", group="windows-7")


@pytest.fixture
def key(world):
    """A setup key."""
    return world.publisher.issue("setup", GROUP)


def code_of(act, *words, **more):
    """The code with which something is refused, None where it is not."""
    try:
        act(*words, **more)
    except VolactError as err:
        return err.code
    return None


def opened(world, key, *, name="pc"):
    """A computer whose product a setup key has opened."""
    computer = world.computer(SERVER, name=name, host=None)
    install_key(computer, key.text, grant=world.publisher.grant(SERVER, key))
    return computer


def test_f02_client_setup_key_needs_no_network(world, key):
    """F02: typing a setup key with its grant licenses the product for good, and nobody is asked, then or later."""
    world.network.places.clear()
    computer = opened(world, key)
    world.clock.move(days=4000)
    status = look(computer, SERVER)
    assert (status.state, status.method, status.expires, status.source) == ("licensed", "setup", None, key.keyid)
    assert ask(computer, SERVER) is None
    assert ask(computer, SERVER, method="setup") is None
    assert agent.turn(computer, at_once=True) == ()
    assert world.network.sent == []


def test_f34_client_without_its_setup_key_has_no_grace(world):
    """F34: a product that needs a setup key is unlicensed until one is typed, and asks no host for it."""
    computer = world.computer(SERVER)
    assert (look(computer, SERVER).state, look(computer, SERVER).reason) == ("unlicensed", "no_key")
    assert agent.turn(computer, at_once=True) == ()
    assert code_of(ask, computer, SERVER, method="setup") == "no_key"


def test_the_grant_names_the_product(world, key):
    """With several products in a home the key is installed for the one that its grant names."""
    computer = world.computer(OTHER, host=None)
    grant = world.publisher.grant(SERVER, key)
    assert code_of(install_key, computer, key.text, grant=grant) == "home_missing"
    world.install(computer, SERVER)
    assert install_key(computer, key.text, grant=b"\n" + grant + b"\r\n") == (SERVER,)
    assert computer.home.product(OTHER).load(InstalledKey) is None


def wrong_grants(world, key):
    """Grants that do not open the key for the product, by the code that says so."""
    publisher, other = world.publisher, world.publisher.issue("setup", GROUP)
    foreign = FakePublisher(publisher.catalog, clock=world.clock, publisher="evil.example")
    grant = publisher.grant(SERVER, key)
    head, payload, signature = grant.split(b".")
    oem = publisher.grant(WINDOWS, publisher.issue("oem", "windows-7"))
    return [
        (None, "grant_required"),
        (b"", "answer_untrusted"),
        (b"\xff\xfe\x00", "answer_untrusted"),
        (b"x" * 100_000, "answer_untrusted"),
        (world.publisher.file(), "answer_untrusted"),
        (foreign.grant(SERVER, key), "answer_untrusted"),
        (b".".join((head, payload, signature[::-1])), "answer_untrusted"),
        (b".".join((head, foreign.grant(SERVER, key).split(b".")[1], signature)), "answer_untrusted"),
        (publisher.grant(SERVER, other), "key_unknown"),
        (publisher.grant(OTHER, key), "key_wrong_product"),
        (oem, "key_wrong_product"),
    ]


@pytest.mark.parametrize("case", range(11))
def test_a_grant_that_does_not_open_the_key(world, key, case):
    """A grant that is missing, forged, foreign, or for another key or product is refused, and nothing is stored."""
    computer = world.computer(SERVER, host=None)
    grant, code = wrong_grants(world, key)[case]
    before = {path.name for path in computer.home.path.rglob("*")}
    assert code_of(install_key, computer, key.text, product=SERVER, grant=grant) == code
    assert {path.name for path in computer.home.path.rglob("*")} == before
    assert look(computer, SERVER).state == "unlicensed"


def test_a_grant_beside_another_kind_of_key(world, key):
    """A grant that is given beside a key that needs none is refused with `usage`."""
    computer = world.computer(WINDOWS, host=None)
    mak, grant = world.publisher.issue("mak", "windows-7"), world.publisher.grant(SERVER, key)
    assert code_of(install_key, computer, mak.text, grant=grant) == "usage"
    assert code_of(install_key, computer, "generic", grant=grant) == "usage"


def test_a_mistyped_setup_key(world, key):
    """A setup key with a wrong symbol is `key_mistyped`, and one that is whole but not listed is `key_unknown`."""
    computer, grant = world.computer(SERVER, host=None), world.publisher.grant(SERVER, key)
    wrong = "0" if key.text[7] != "0" else "1"
    assert code_of(install_key, computer, key.text[:7] + wrong + key.text[8:], grant=grant) == "key_mistyped"
    another = world.publisher.issue("setup", GROUP)
    assert code_of(install_key, computer, another.text, grant=grant) == "key_unknown"


def test_a_grant_of_another_product_is_named_first(world, key):
    """In a home of several products a grant that came with another key is told as such, whatever that one is for."""
    computer = world.computer(SERVER, host=None)
    world.install(computer, WINDOWS, channel="oem")
    oem = world.publisher.grant(WINDOWS, world.publisher.issue("oem", "windows-7"))
    with pytest.raises(VolactError) as caught:
        install_key(computer, key.text, grant=oem)
    assert (caught.value.code, "Windows 7" in caught.value.detail) == ("key_wrong_product", True)


def test_f37_client_generic_passes_over_what_no_host_serves(world, key):
    """F37: `generic` turns back the products that a host can serve, and leaves what a setup key opened."""
    computer = opened(world, key)
    assert code_of(install_key, computer, "generic") == "key_wrong_product"
    world.install(computer, WINDOWS)
    assert install_key(computer, "generic") == (WINDOWS,)
    assert look(computer, SERVER).state == "licensed"


def test_without_its_key_a_product_asks_nobody(world):
    """A product that needs a setup key is `no_key` without one, and one that needs nothing is done."""
    computer = world.computer(SERVER, host=HOST)
    assert code_of(ask, computer, SERVER) == "no_key"
    assert code_of(ask, computer, SERVER, method="host") == "key_wrong_product"
    world.install(computer, "sbs-2008-cal")
    assert code_of(ask, computer, "sbs-2008-cal") is None
    assert code_of(write_request, computer, "sbs-2008-cal") == "usage"
    assert look(computer, "sbs-2008-cal").state == "licensed"
    assert world.network.sent == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_are_no_grant(world, key, data):
    """Any bytes at all are refused as a grant with a stable code, and nothing is stored."""
    computer = world.computer(SERVER, host=None)
    assert code_of(install_key, computer, key.text, grant=data) == "answer_untrusted"
    assert computer.home.product(SERVER).load(InstalledKey) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_grant_with_one_changed_byte(world, key, data):
    """A grant in which one byte is another is not believed."""
    computer, grant = world.computer(SERVER, host=None), bytearray(world.publisher.grant(SERVER, key))
    place = data.draw(st.integers(0, len(grant) - 1))
    grant[place] ^= data.draw(st.integers(1, 127))
    assert code_of(install_key, computer, key.text, grant=bytes(grant)) == "answer_untrusted"


def test_f46_client_setup_key_is_for_volume_media(world, key):
    """F46: a setup key on an installation of another channel is `wrong_channel`."""
    computer = world.computer(SERVER, host=None)
    world.install(computer, SERVER, channel="oem")
    grant = world.publisher.grant(SERVER, key)
    assert code_of(install_key, computer, key.text, grant=grant) == "wrong_channel"


def test_f46_client_preinstalled_product_opens_with_its_grant(world):
    """F46: a preinstalled product is licensed by its OEM key and grant, without a network."""
    key = world.publisher.issue("oem", "windows-7")
    grant = world.publisher.grant(WINDOWS, key)
    world.network.places.clear()
    computer = world.computer(WINDOWS, host=None)
    assert code_of(install_key, computer, key.text, grant=grant) == "wrong_channel"
    world.install(computer, WINDOWS, channel="oem")
    assert look(computer, WINDOWS).state == "unlicensed"
    install_key(computer, key.text, grant=grant)
    assert (look(computer, WINDOWS).state, look(computer, WINDOWS).method) == ("licensed", "oem")
    assert ask(computer, WINDOWS) is None
    assert world.network.sent == []


def test_the_key_itself_is_not_kept(world, key):
    """Nothing in the home holds the setup key or its random part, nor does its proof lie among those of other keys."""
    computer = opened(world, key)
    kept = b"".join(path.read_bytes() for path in computer.home.path.rglob("*") if path.is_file())
    assert key.text.encode() not in kept
    assert key.text.replace("-", "")[5:].encode() not in kept
    assert not (computer.home.path / "proof.key").exists()


def test_nothing_binds_it_to_a_computer(world, key):
    """What a setup key opened stays licensed on changed hardware and in each copy of a generalized home."""
    computer = opened(world, key)
    world.identity("pc").write_text('{"id": "another"}', "utf-8")
    assert look(computer, SERVER).state == "licensed"
    generalize(computer)
    shutil.copytree(computer.home.path, world.folder / "copy")
    copy = Computer(Home(world.folder / "copy"), world.clock, world.network.connect, world.random)
    for each in (computer, copy):
        assert (look(each, SERVER).state, look(each, SERVER).method) == ("licensed", "setup")
        assert overlook(each, SERVER).key.keyid == key.keyid


def test_removing_forgets_it(world, key):
    """A product that was removed and set up again needs its key anew."""
    computer = opened(world, key)
    world.install(computer, OTHER)
    remove(computer, SERVER)
    world.install(computer, SERVER)
    assert (look(computer, SERVER).state, look(computer, SERVER).reason) == ("unlicensed", "no_key")


def held(computer):
    """The kept grant of a computer."""
    return computer.home.product(SERVER).load(SetupHeld)


def test_a_copied_grant_without_its_proof(world, key):
    """A kept grant licenses nothing without the proof key that it lists, nor in the place of another product."""
    computer = opened(world, key)
    kept = held(computer)
    other = world.publisher.issue("setup", GROUP)
    for proof in ("", "AAAA", "not base64url!", b64(bytes(32)), b64(other.proof_key)):
        computer.home.product(SERVER).save(replace(kept, proof=proof))
        assert look(computer, SERVER).state == "unlicensed"
    world.install(computer, OTHER)
    computer.home.product(OTHER).save(kept)
    assert look(computer, OTHER).state == "unlicensed"


def test_a_forged_grant_on_disk(world, key):
    """A grant of another publisher that somebody puts into the home is not believed at the next check."""
    computer = opened(world, key)
    foreign = FakePublisher(world.publisher.catalog, clock=world.clock, publisher="evil.example")
    forged = replace(held(computer), grant=foreign.grant(SERVER, key).decode())
    computer.home.product(SERVER).save(forged)
    assert look(computer, SERVER).state == "unlicensed"
    assert code_of(ask, computer, SERVER) == "grant_required"


def test_a_damaged_grant_costs_only_itself(world, key):
    """A damaged file is told as such, and typing the key again mends it."""
    computer = opened(world, key)
    (computer.home.product(SERVER).path / FILES[SetupHeld]).write_bytes(b"spoiled")
    assert look(computer, SERVER).reason == "state_damaged"
    install_key(computer, key.text, grant=world.publisher.grant(SERVER, key))
    assert look(computer, SERVER).state == "licensed"


def test_f42_client_blocked_setup_key_goes_to_grace(world, key):
    """F42: a blocked setup key has 30 days of grace from the revocation, and then notification; another key heals."""
    computer = opened(world, key)
    world.publisher.revoke(key)
    agent.refresh(computer)
    status = look(computer, SERVER)
    assert (status.state, status.reason, status.days_left, status.method) == ("grace", "revoked", 30, "setup")
    assert code_of(ask, computer, SERVER) == "key_blocked"
    grant = world.publisher.grant(SERVER, key)
    assert code_of(install_key, computer, key.text, grant=grant) == "key_blocked"
    world.clock.move(days=30)
    assert look(computer, SERVER).state == "notification"
    another = world.publisher.issue("setup", GROUP)
    install_key(computer, another.text, grant=world.publisher.grant(SERVER, another))
    assert look(computer, SERVER).state == "licensed"


def test_another_blocked_key_of_the_same_grant(world, key):
    """A grant that lists two keys goes on for the one when the other is blocked."""
    other = world.publisher.issue("setup", GROUP)
    computer = world.computer(SERVER, host=None)
    install_key(computer, key.text, grant=world.publisher.grant(SERVER, other, key))
    world.publisher.revoke(other)
    agent.refresh(computer)
    assert look(computer, SERVER).state == "licensed"


def test_a_compromised_signing_key_gives_grace(world, key):
    """What a compromised issuing key granted goes to grace, and the same key with a newer grant is licensed again."""
    old = world.publisher.grant(SERVER, key)
    computer = opened(world, key)
    world.clock.move(days=1)
    world.publisher.rotate(compromised=True)
    agent.refresh(computer)
    assert look(computer, SERVER).reason == "revoked"
    assert not overlook(computer, SERVER).is_listed
    assert code_of(ask, computer, SERVER) == "grant_required"
    assert code_of(install_key, computer, key.text, grant=old) == "answer_untrusted"
    install_key(computer, key.text, grant=world.publisher.grant(SERVER, key))
    assert look(computer, SERVER).state == "licensed"


def test_there_is_no_request_to_write(world, key):
    """A setup key has no request file, and no host or service is asked with it."""
    computer = opened(world, key)
    assert code_of(write_request, computer, SERVER) == "usage"
    assert code_of(ask, computer, SERVER, method="mak") == "no_key"


def test_the_newest_key_decides(world):
    """An OEM key that is typed after a trial decides, and a trial that is typed after it asks the service again."""
    trial, oem = world.publisher.issue("trial", "windows-7"), world.publisher.issue("oem", "windows-7")
    computer = world.computer(WINDOWS, host=None)
    world.install(computer, WINDOWS, channel="oem")
    install_key(computer, trial.text)
    ask(computer, WINDOWS)
    assert look(computer, WINDOWS).method == "trial"
    install_key(computer, oem.text, grant=world.publisher.grant(WINDOWS, oem))
    assert look(computer, WINDOWS).method == "oem"
    assert computer.home.product(WINDOWS).load(ActivationHeld) is None
    assert not (computer.home.path / "proof.key").exists()
    install_key(computer, trial.text)
    assert look(computer, WINDOWS).method == "oem"
    ask(computer, WINDOWS)
    assert (look(computer, WINDOWS).method, len(world.network.requests(SERVICE))) == ("trial", 2)
    assert computer.home.product(WINDOWS).load(SetupHeld) is None


def test_f40_client_client_access_key_is_activated_over_the_service(world):
    """F40: a server that holds client access licenses activates their key as a multiple activation key, once each."""
    key = world.publisher.issue("cal", "sbs-2003-cal", activations=1)
    computer = world.computer("sbs-2003-cal", host=None)
    install_key(computer, key.text)
    ask(computer, "sbs-2003-cal")
    status = look(computer, "sbs-2003-cal")
    assert (status.state, status.method, status.expires, key.remaining) == ("licensed", "mak", None, 0)
    second = world.computer("sbs-2003-cal", name="second", host=None)
    install_key(second, key.text)
    assert code_of(ask, second, "sbs-2003-cal", method="mak") == "mak_exhausted"


def test_f38_client_older_version_opens_with_its_own_setup_key(world):
    """F38: an older version that stands in is opened by a setup key of its own, not by the newer product's keys."""
    computer = world.computer(OTHER, host=HOST)
    mak, key = world.publisher.issue("mak", "windows-7"), world.publisher.issue("setup", OTHER)
    assert code_of(install_key, computer, mak.text) == "key_wrong_product"
    install_key(computer, key.text, grant=world.publisher.grant(OTHER, key))
    assert look(computer, OTHER).method == "setup"
