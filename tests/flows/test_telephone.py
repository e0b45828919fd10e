"""Computers without a network: an installation ID out by telephone, a confirmation ID in."""

import subprocess
import sys

import pytest

from tests.support.clients import ask, look, make_world
from volact.client.computer import Computer
from volact.client.home import Home
from volact.client.installation import generalize
from volact.client.keyring import install_key
from volact.client.records import UNDRAWN, ConfirmationHeld, Identity
from volact.client.telephone import confirm, installation_id, kept_text
from volact.credential.lists import RevokedConfirmation
from volact.credential.telephone.confirmation import ConfirmationId, month_end, month_of
from volact.errors import Refused, Untrusted
from volact.testing.telephone import FakeCenter

PRODUCT = "tracer-9"


@pytest.fixture
def center(world):
    """Who answers the telephone."""
    return FakeCenter(world.publisher)


@pytest.fixture
def mak(world, center):
    """A multiple activation key of 10."""
    return world.publisher.issue("mak", PRODUCT)


def isolated(world, key=None, *, name="pc", product=PRODUCT):
    """A computer that reaches nobody, with a key."""
    computer = world.computer(product, name=name, host=None)
    world.network.places.clear()
    if key is not None:
        install_key(computer, key.text)
    return computer


def read_out(computer):
    """What a person reads out."""
    return " ".join(installation_id(computer).installation.groups)


def refused(code, call, *words, **more):
    """What a call is refused with, of that code."""
    with pytest.raises((Refused, Untrusted)) as caught:
        call(*words, **more)
    assert caught.value.code == code
    return caught.value


def test_f24_each_computer_is_activated_by_telephone(world, center, mak):
    """F24: a computer without a network is activated by telephone, for good, and takes one from the key."""
    computer = isolated(world, mak)
    assert look(computer).state == "grace"
    assert confirm(computer, " ".join(center.confirm(read_out(computer)).groups)) == (PRODUCT,)
    world.clock.move(days=4000)
    status = look(computer)
    assert (status.state, status.method, status.expires, status.source) == ("licensed", "mak", None, mak.keyid)
    assert mak.remaining == 9


def test_f29_asking_again_by_telephone_is_free(world, center, mak):
    """F29: the same installation ID has the same confirmation, so asking again by telephone takes nothing."""
    computer = isolated(world, mak)
    first = center.confirm(read_out(computer))
    confirm(computer, first.qr)
    assert center.confirm(read_out(computer)) == first
    assert confirm(computer, "-".join(first.keyboard).lower()) == (PRODUCT,)
    assert mak.remaining == 9


def test_f29_a_kept_confirmation_works_again_after_reimaging(world, center, mak):
    """F29: what was kept of a confirmation licenses the same computer in a fresh home, with no key, call or count."""
    computer = isolated(world, mak)
    confirm(computer, center.confirm(read_out(computer)).qr)
    kept = kept_text(computer, PRODUCT)
    fresh = Computer(Home(world.folder / "reimaged"), world.clock, world.network.connect, world.random)
    world.install(fresh, PRODUCT, name="pc")
    assert confirm(fresh, kept) == (PRODUCT,)
    status = look(fresh)
    assert (status.state, status.method, status.source) == ("licensed", "mak", mak.keyid)
    assert mak.remaining == 9


def test_f29_a_key_typed_again_makes_the_confirmation_good_again(world, center, mak):
    """F29: after reimaging, the same key on the same computer has the same installation ID and takes the old code."""
    computer = isolated(world, mak)
    said, code = read_out(computer), center.confirm(read_out(computer)).qr
    fresh = Computer(Home(world.folder / "reimaged"), world.clock, world.network.connect, world.random)
    world.install(fresh, PRODUCT, name="pc")
    install_key(fresh, mak.text)
    assert read_out(fresh) == said
    confirm(fresh, code)
    assert look(fresh).state == "licensed"
    assert mak.remaining == 9


def test_f29_a_kept_confirmation_works_on_no_other_computer(world, center, mak):
    """F29: neither a confirmation nor what was kept of it, nor a copied home, licenses another computer."""
    computer = isolated(world, mak)
    code = center.confirm(read_out(computer))
    confirm(computer, code.qr)
    other = isolated(world, mak, name="other")
    for text in (code.qr, " ".join(code.keyboard), kept_text(computer, PRODUCT)):
        refused("confirmation_invalid", confirm, other, text)
    other.home.product(PRODUCT).save(computer.home.product(PRODUCT).load(ConfirmationHeld))
    assert (look(other).state, look(other).reason) == ("grace", "hardware_changed")
    assert mak.remaining == 9


def test_f44_the_center_to_call_is_told(world, center, mak):
    """F44: with the installation ID stands the center to call: of the named country, else the catalog's first."""
    computer, centers = isolated(world, mak), world.publisher.catalog.centers
    assert installation_id(computer).center == centers[0].as_fields
    for each in centers:
        assert installation_id(computer, country=each.country).center == each.as_fields
    assert installation_id(computer, country="XX").center == centers[0].as_fields


def test_what_is_mistyped_is_named_and_stores_nothing(world, center, mak):
    """A mistyped confirmation ID is refused with its groups, one for something else as not fitting; nothing is kept."""
    computer = isolated(world, mak)
    groups = list(center.confirm(read_out(computer)).groups)
    swapped = [groups[1], groups[0], *groups[2:]]
    assert refused("confirmation_mistyped", confirm, computer, " ".join(swapped)).fields == {"groups": [1, 2]}
    assert refused("confirmation_mistyped", confirm, computer, " ".join(groups)[:-1]).fields == {"groups": [20]}
    far = [groups[10], *groups[1:10], groups[0], *groups[11:]]
    refused("confirmation_invalid", confirm, computer, " ".join(far))
    wrong = f"installation ID: {'0' * 56}\nconfirmation ID: {' '.join(groups)}"
    assert refused("installation_id_mistyped", confirm, computer, wrong).fields["groups"]
    assert look(computer).state == "grace"
    assert computer.home.product(PRODUCT).load(ConfirmationHeld) is None


def test_the_proof_of_a_key_is_not_kept_once_it_is_confirmed(world, center, mak):
    """Once confirmed, the key's proof is gone, the installation ID stays as it was, and the code is taken again."""
    computer = isolated(world, mak)
    before, code = read_out(computer), center.confirm(read_out(computer)).qr
    confirm(computer, code)
    assert not (computer.home.path / "proof.key").exists()
    assert read_out(computer) == before
    confirm(computer, code)


def test_one_call_licenses_every_product_of_the_key(root, tmp_path):
    """One confirmation licenses every product of the key's group on the computer, and no product of another group."""
    world = make_world(root, tmp_path, catalog="reference", group="windows-7")
    center, key = FakeCenter(world.publisher), world.publisher.issue("mak", "windows-7")
    theirs, other = ("windows-7-enterprise", "windows-7-professional"), "windows-vista-business"
    computer = isolated(world, product=theirs[0])
    for product in (theirs[1], other):
        world.install(computer, product)
    install_key(computer, key.text)
    code = center.confirm(read_out(computer)).qr
    assert confirm(computer, code) == theirs
    fresh = Computer(Home(world.folder / "reimaged"), world.clock, world.network.connect, world.random)
    for product in computer.home.products():
        world.install(fresh, product, name="pc")
    assert confirm(fresh, kept_text(computer, theirs[0])) == theirs
    assert [look(fresh, product).state for product in (*theirs, other)] == ["licensed", "licensed", "grace"]
    refused("confirmation_invalid", confirm, fresh, kept_text(computer, theirs[0]), product=other)
    install_key(computer, world.publisher.issue("mak", "windows-vista").text)
    refused("usage", installation_id, computer)
    assert installation_id(computer, other).products == (other,)


def test_a_last_month_ends_the_license(world, center, mak):
    """A confirmation with a last month licenses until that month ends, and is taken no more afterwards."""
    computer = isolated(world, mak)
    month = month_of(world.clock()) + 2
    code = center.confirm(read_out(computer), last_month=month).qr
    confirm(computer, code)
    assert look(computer).state == "licensed"
    world.clock.now = month_end(month) - 1
    assert look(computer).state == "licensed"
    world.clock.now += 1
    assert (look(computer).state, look(computer).reason) == ("grace", "lease_expired")
    refused("confirmation_invalid", confirm, computer, code)


def test_a_revoked_confirmation_ends_in_grace(world, center, mak):
    """A confirmation on the publisher's list ends in grace, and neither it nor one of a revoked key is taken again."""
    computer = isolated(world, mak)
    asked = installation_id(computer).installation
    code = center.confirm(read_out(computer)).qr
    confirm(computer, code)
    world.publisher.extend(telephone=(RevokedConfirmation(mak.keyid, asked.dev, world.clock()),))
    world.install(computer, PRODUCT)
    assert (look(computer).state, look(computer).reason) == ("grace", "revoked")
    refused("confirmation_invalid", confirm, computer, code)
    world.publisher.revoke(mak)
    world.install(computer, PRODUCT)
    refused("key_blocked", confirm, computer, code)


def test_a_key_of_another_kind_does_not_go_by_telephone(world, center, mak):
    """Without a multiple activation key there is no installation ID, and with several the product must be named."""
    computer = isolated(world)
    refused("no_key", installation_id, computer)
    refused("no_key", confirm, computer, center.confirm(read_out(isolated(world, mak, name="other"))).qr)
    refused("no_key", kept_text, computer, PRODUCT)
    install_key(computer, "generic")
    refused("no_key", installation_id, computer)
    install_key(computer, world.publisher.issue("trial", PRODUCT).text)
    assert refused("key_wrong_kind", installation_id, computer).fields == {"kind": "trial"}


def test_a_key_used_up_online_has_no_installation_id(world, center, mak):
    """A key that was used up online has no proof any more, so it has to be typed again to be read out."""
    computer = world.computer(host=None)
    install_key(computer, mak.text)
    ask(computer)
    refused("no_key", installation_id, computer)
    install_key(computer, mak.text)
    assert len(installation_id(computer).installation.groups) == 8


def test_what_nothing_names_for_good_is_not_activated_by_telephone(world, center, mak):
    """A computer that only a random id of its home names cannot be activated by telephone."""
    computer = isolated(world, mak)
    for random in ("A" * 22, UNDRAWN):
        computer.home.save(Identity(random=random))
        refused("identity_not_allowed", installation_id, computer)


def test_a_copied_image_is_confirmed_anew(world, center, mak):
    """A home that is made ready to be copied keeps no confirmation."""
    computer = isolated(world, mak)
    confirm(computer, center.confirm(read_out(computer)).qr)
    generalize(computer)
    assert computer.home.product(PRODUCT).load(ConfirmationHeld) is None


@pytest.mark.parametrize("field", ["installation", "confirmation"])
def test_a_kept_confirmation_is_verified_anew(world, center, mak, field):
    """A kept confirmation whose file was edited proves nothing, however whole the file is."""
    computer = isolated(world, mak)
    confirm(computer, center.confirm(read_out(computer)).qr)
    folder = computer.home.product(PRODUCT)
    held = folder.load(ConfirmationHeld)
    other = isolated(world, mak, name="other")
    code: ConfirmationId = center.confirm(read_out(other))
    for text in (read_out(other) if field == "installation" else code.qr, "0", ""):
        parts = {"installation": held.installation, "confirmation": held.confirmation, field: text}
        folder.save(ConfirmationHeld(**parts, vector=held.vector, got_at=held.got_at))
        assert look(computer).state == "grace"
    folder.save(held)
    assert look(computer).state == "licensed"


def test_without_the_extra_a_kept_confirmation_is_told_apart_from_none(world, center, mak):
    """Where the extra is missing, a product with a confirmation is told that its state cannot be read, and works."""
    computer = isolated(world, mak)
    confirm(computer, center.confirm(read_out(computer)).qr)
    program = (
        "import sys; sys.modules['py_arkworks_bls12381'] = None\n"
        "import volact\n"
        f"print(volact.check({PRODUCT!r}, pin={world.publisher.pin!r}, home={str(computer.home.path)!r}))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "state_damaged" in out
    whole = program.partition("\n")[2]
    out = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=True).stdout
    assert "licensed" in out
    assert "state_damaged" not in out
