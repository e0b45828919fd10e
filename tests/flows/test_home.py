"""Homes: setting up, the pin, declared identities, and damage that costs only itself."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.support.clients import HOST, ask, look
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import Setup, init
from volact.client.keyring import install_key
from volact.client.records import FILES, Identity, Installation, LeaseHeld, Publisher, Record
from volact.credential.request import parse_request
from volact.errors import Refused, Untrusted, VolactError
from volact.testing import FakePublisher

PRODUCT = "tracer-9"


def code_of(computer, setup):
    """The code with which an init is refused."""
    with pytest.raises(VolactError) as caught:
        init(computer, setup)
    return caught.value.code


def empty(world, name="pc"):
    """A computer whose home does not exist yet."""
    return Computer(Home(world.folder / name), world.clock, world.network.connect, world.random)


def test_a_volume_edition_starts_in_grace(world):
    """A volume edition starts in 30 days of grace as a client of a host."""
    status = look(world.computer())
    assert (status.state, status.reason, status.method, status.days_left) == ("grace", "not_activated", "host", 30)


def test_installing_again_gives_no_second_grace(world):
    """Setting a product up again does not move the day of its installation."""
    computer = world.computer()
    world.clock.move(days=20)
    world.install(computer, PRODUCT)
    assert look(computer).days_left == 10


def test_a_foreign_file_leaves_the_home_usable(world):
    """A publisher file that the recorded pin does not reach is refused, and the home goes on as before."""
    computer = world.computer()
    ask(computer)
    foreign = FakePublisher(world.publisher.catalog, clock=world.clock, publisher="evil.example")
    assert code_of(computer, Setup(PRODUCT, foreign.file())) == "root_untrusted"
    assert look(computer).state == "licensed"


def test_a_given_pin_decides(world):
    """With a pin, a publisher file of another root is refused at the first set-up too."""
    foreign = FakePublisher(world.publisher.catalog, clock=world.clock, publisher="evil.example")
    computer = empty(world)
    assert code_of(computer, Setup(PRODUCT, foreign.file(), pin=world.publisher.pin)) == "root_untrusted"
    assert look_for_files(computer) == {"home.lock"}


def look_for_files(computer):
    """The names of the files of a home."""
    return {path.name for path in computer.home.path.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff\xfe", b'{"publisher":"a","roots":[],"catalog":"","revocations":""}']
)
def test_a_spoiled_file_is_refused(world, data):
    """A file that is no publisher file is refused with `root_untrusted`."""
    assert code_of(empty(world), Setup(PRODUCT, data)) == "root_untrusted"


def test_the_pin_is_recorded_once(world):
    """The pin that the first file gave is recorded, and rules every file that comes later."""
    computer = world.computer()
    recorded = computer.home.load(Publisher).pin
    world.publisher.publish()
    world.install(computer, "mesher-9")
    assert computer.home.load(Publisher).pin == recorded
    assert computer.home.trust().versions.catalog == 2


def test_an_older_file_than_the_pin_is_refused(world):
    """A publisher file that is older than the recorded pin changes nothing."""
    old = world.publisher.file()
    world.publisher.publish()
    computer = world.computer()
    assert code_of(computer, Setup("mesher-9", old)) == "root_untrusted"


def test_an_unknown_product_is_refused(world):
    """A product that the catalog does not have is refused, and nothing is set up."""
    computer = empty(world)
    assert code_of(computer, Setup("no-such-product", world.publisher.file())) == "unknown_product"
    assert computer.home.products() == ()


def with_policy(world, declared):
    """Publishes the catalog with another policy for declared identities."""
    policy = structs.replace(world.publisher.catalog.policy, declared=declared)
    world.publisher.publish(structs.replace(world.publisher.catalog, policy=policy))


def test_a_declared_identity_needs_the_catalogs_word(world):
    """Where the catalog says nothing about declared identities, none is taken."""
    with_policy(world, "none")
    setup = Setup(PRODUCT, world.publisher.file(), identity=world.identity("pc"))
    assert code_of(empty(world), setup) == "identity_not_allowed"


def test_a_declared_identity_may_be_for_leases_only(world):
    """Under `declared = lease` a declared computer gets leases and no activation."""
    with_policy(world, "lease")
    computer = world.computer()
    ask(computer)
    assert look(computer).state == "licensed"
    install_key(computer, world.publisher.issue("mak", PRODUCT).text)
    with pytest.raises(Refused) as caught:
        ask(computer)
    assert caught.value.code == "identity_not_allowed"


def test_the_home_keeps_the_path_alone(world):
    """The home keeps where an identity is declared, and never what it says."""
    computer = world.computer(name="secret-name")
    ask(computer)
    kept = b"".join(path.read_bytes() for path in computer.home.path.rglob("*") if path.is_file())
    assert computer.home.load(Identity).path == str(world.folder / "secret-name.identity")
    assert b'"id"' not in kept


def test_a_missing_identity_is_changed_hardware(world):
    """A declared identity whose file is gone is `hardware_changed`, and all is well when it is back."""
    computer = world.computer(name="pc")
    ask(computer)
    world.identity("pc").unlink()
    assert look(computer).reason == "hardware_changed"
    world.identity("pc")
    assert look(computer).state == "licensed"


def test_an_unused_home_may_change_its_identity(world):
    """Before its first request a home may be set up for another computer, and later only with a warning."""
    computer = world.computer(name="pc")
    other = Setup(PRODUCT, world.publisher.file(), identity=world.identity("other"))
    assert init(computer, other) is None
    ask(computer)
    back = Setup(PRODUCT, world.publisher.file(), identity=world.identity("pc"))
    assert init(computer, back).code == "hardware_changed"
    assert look(computer).reason == "hardware_changed"


def test_a_virtual_computer_says_so(world):
    """A computer is virtual if its identity or its set-up says so, and its request carries it."""
    computer = world.computer(name="pc")
    world.identity("pc").write_text(json.dumps({"id": "pc", "virtual": True}), "utf-8")
    ask(computer)
    assert parse_request(world.network.requests(HOST)[0]).request.virtual is True


@pytest.mark.parametrize("days", [0, 29, 30])
def test_a_damaged_license_is_named(world, days):
    """A damaged license is `state_damaged`: grace while the installation is younger than 30 days, else notification."""
    computer = world.computer()
    ask(computer)
    computer.home.product(PRODUCT).file(LeaseHeld).write_bytes(b"")
    world.clock.move(days=days)
    status = look(computer)
    assert (status.state, status.reason) == ("grace" if days < 30 else "notification", "state_damaged")


def test_a_damaged_license_is_healed_by_asking(world):
    """A damaged license is replaced by the next answer."""
    computer = world.computer()
    ask(computer)
    computer.home.product(PRODUCT).file(LeaseHeld).write_bytes(b"spoiled")
    ask(computer)
    assert look(computer).state == "licensed"


def test_a_damaged_installation_is_healed_by_init(world):
    """A damaged record of the installation is made anew by setting the product up again."""
    computer = world.computer()
    computer.home.product(PRODUCT).file(Installation).write_bytes(b"spoiled")
    assert look(computer).reason == "state_damaged"
    world.install(computer, PRODUCT)
    assert look(computer).state == "grace"


def test_a_license_outlives_the_record_of_its_installation(world):
    """A computer with a whole license stays licensed where the record of its product's installation is damaged."""
    computer = world.computer()
    ask(computer)
    computer.home.product(PRODUCT).file(Installation).write_bytes(b"spoiled")
    assert look(computer).state == "licensed"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FILES, key=lambda kind: FILES[kind])), st.data())
def test_a_damaged_file_costs_only_itself(world, kind: type[Record], data):
    """Whatever file of a home is spoiled, the status is told, the other product keeps its license, nothing breaks."""
    computer = world.computer()
    world.install(computer, "mesher-9")
    ask(computer)
    ask(computer, "mesher-9")
    path = computer.home.file(kind)
    if not path.exists():
        path = computer.home.product(PRODUCT).file(kind)
    if not path.exists():
        return
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    status, other = look(computer), look(computer, "mesher-9")
    assert status.state == "licensed" or status.reason == "state_damaged"
    assert path.parent == computer.home.path or other.state == "licensed"
    path.write_bytes(whole)
    assert look(computer).state == "licensed"


def test_an_answer_is_not_believed_under_a_spoiled_pin(world):
    """Without a publisher's record nothing is asked and nothing is believed."""
    computer = world.computer()
    computer.home.file(Publisher).write_bytes(b"")
    with pytest.raises((Refused, Untrusted, VolactError)) as caught:
        ask(computer)
    assert caught.value.code == "state_damaged"


def test_installing_again_keeps_what_is_not_said_anew(world):
    """A product that is set up again without a word about channel and edition stays what it was."""
    computer = world.computer(host=None)
    said = Setup(PRODUCT, world.publisher.file(), channel="oem", arch="x64", identity=world.identity("pc"))
    init(computer, said)
    init(computer, Setup(PRODUCT, world.publisher.file()))
    kept = computer.home.product(PRODUCT).load(Installation)
    assert (kept.channel, kept.arch) == ("oem", "x64")
    init(computer, Setup(PRODUCT, world.publisher.file(), channel="volume", arch="x86"))
    kept = computer.home.product(PRODUCT).load(Installation)
    assert (kept.channel, kept.arch) == ("volume", "x86")
