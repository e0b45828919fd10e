import os

import pytest

from tests.unit.service.conftest import DAY, START, Office
from volact.credential.keys import SoftwareSigner
from volact.credential.publisher import read_publisher_file
from volact.errors import Refused, Untrusted, VolactError
from volact.protocol.trust import Trust
from volact.service.ledger import documents
from volact.service.ports import Act
from volact.service.signing import current_root, kid_in_force
from volact.service.usecases.catalogs import publisher_file
from volact.service.usecases.founding import Founding, check_founding
from volact.service.usecases.roots import rotate
from volact.service.usecases.settling import confirm_clock


def test_a_founded_publisher_is_believed_from_its_pin(office: Office) -> None:
    """What a new publisher signs (root, catalog, empty list) is believed by a product that compiled in its pin."""
    trust = office.trust()
    assert (trust.publisher, trust.root.name) == ("acme.example", "Acme")
    assert (trust.versions.root, trust.versions.catalog, trust.versions.revocations) == (1, 1, 1)
    assert trust.revocations.keys == ()
    assert trust.expired(START) == ()


@pytest.mark.parametrize("publisher", ["", "Acme.example", "acme_example", "-acme.example", "acme..example", "a" * 64])
def test_an_id_is_a_dns_name(publisher: str) -> None:
    """A publisher's id that is no lower-case DNS name is refused before anything is made."""
    with pytest.raises(Refused, match="DNS name"):
        check_founding(Founding(publisher, "Acme"))


@pytest.mark.parametrize("name", ["", "  ", "Acme\nInc", "x" * 201])
def test_a_name_can_be_read(name: str) -> None:
    """A publisher's name that is empty, of several lines or too long is refused."""
    with pytest.raises(Refused):
        check_founding(Founding("acme.example", name))


def test_issuing_keys_follow_one_another(office: Office) -> None:
    """For two years one issuing key after the other is in force, and after that nothing is signed any more."""
    root = current_root(office.service)
    first, second = (kid_in_force(root, "issuing", at=START + days * DAY) for days in (0, 500))
    assert first != second
    assert kid_in_force(root, "issuing", at=START + 370 * DAY) == second
    with pytest.raises(VolactError) as caught:
        kid_in_force(root, "issuing", at=START + 800 * DAY)
    assert caught.value.code == "not_ready"


def test_rotation_retires_and_loses_no_key(office: Office) -> None:
    """A rotation makes fresh issuing keys, keeps the retired ones for ever, and is believed by whoever had the pin."""
    before, trust = current_root(office.service), office.trust()
    office.time.go(DAY)
    done = rotate(office.service, office.roots, compromised=(), act=office.act)
    after = current_root(office.service)
    assert (done.version, after.version, len(done.fresh), len(done.retired)) == (2, 2, 2, 2)
    assert {key.public.kid for key in before.keys} < {key.public.kid for key in after.keys}
    assert kid_in_force(after, "issuing", at=after.iat) in done.fresh
    text = documents.at_version(office.service.ledger, "root", version=2)
    assert text is not None
    assert trust.with_root(text.encode()).root == after
    assert trust.catalog_document.version == office.trust().catalog_document.version


def test_a_compromised_key_is_marked_for_ever(office: Office) -> None:
    """A key that is marked compromised keeps its mark and its time in every later version."""
    kid = kid_in_force(current_root(office.service), "issuing", at=START)
    rotate(office.service, office.roots, compromised=[kid], act=office.act)
    office.time.go(DAY)
    rotate(office.service, office.roots, compromised=[kid], act=office.act)
    key = current_root(office.service).key(kid, "issuing")
    assert key is not None
    assert (key.state, key.compromised) == ("compromised", START)


def test_a_compromised_document_key_is_replaced(office: Office) -> None:
    """A compromised catalog key is replaced, and its catalog signed again by the new key as the next version."""
    trust = office.trust()
    kid = current_root(office.service).active("catalog")[0].public.kid
    rotate(office.service, office.roots, compromised=[kid], act=office.act)
    now = office.trust()
    assert now.versions.catalog == 2
    assert now.catalog == trust.catalog
    assert now.versions.revocations == 1
    root = documents.at_version(office.service.ledger, "root", version=2)
    assert root is not None
    assert trust.with_root(root.encode()).with_catalog(now.catalog_text).versions.catalog == 2


def test_an_old_document_key_is_replaced(office: Office) -> None:
    """A catalog or revocations key with less than a year left is replaced by the next rotation."""
    office.time.go(9.5 * 365 * DAY)
    service = office.again()
    rotate(service, office.roots, compromised=(), act=office.act)
    root = current_root(service)
    states = [key.state for role in ("catalog", "revocations") for key in root.keys if key.role == role]
    assert states == ["retired", "active", "retired", "active"]
    assert (office.trust().versions.catalog, office.trust().versions.revocations) == (2, 2)


def test_keys_of_a_wrong_future_are_replaced(office: Office) -> None:
    """After a rotation by a clock in the far future, a confirmed clock and one more rotation let signing go on."""
    office.time.wall += 20 * 365 * DAY
    rotate(office.again(), office.roots, compromised=(), act=office.act)
    office.time.wall -= 20 * 365 * DAY
    service = office.again()
    confirm_clock(service, Act("kari", START))
    rotate(service, office.roots, compromised=(), act=office.act)
    root = current_root(service)
    assert all(kid_in_force(root, role, at=START) for role in ("issuing", "catalog", "revocations"))
    assert office.trust().versions.root == 3


def test_too_few_root_keys_change_nothing(office: Office) -> None:
    """Root keys of another publisher, or none, are root_threshold, and the root stays as it is."""
    for signers in ((), (SoftwareSigner(os.urandom(32)),)):
        with pytest.raises(Refused) as caught:
            rotate(office.service, signers, compromised=(), act=office.act)
        assert (caught.value.code, caught.value.fields) == ("root_threshold", {"have": 0, "threshold": 1})
    assert current_root(office.service).version == 1


def test_one_root_key_is_enough_for_a_threshold_of_one(office: Office) -> None:
    """With a threshold of one, each of the root keys alone makes the next version."""
    for signer in office.roots:
        rotate(office.service, [signer], compromised=(), act=office.act)
    assert office.trust().versions.root == 3


def test_a_compromised_root_key_signs_no_more(office: Office) -> None:
    """A root key marked as compromised does not count for the version that marks it, nor later."""
    lost, left = office.roots
    with pytest.raises(Refused) as caught:
        rotate(office.service, [lost], compromised=[lost.public.kid], act=office.act)
    assert caught.value.code == "root_threshold"
    rotate(office.service, [lost, left], compromised=[lost.public.kid], act=office.act)
    with pytest.raises(Refused):
        rotate(office.service, [lost], compromised=(), act=office.act)
    assert office.trust().versions.root == 2


def test_an_unknown_key_cannot_be_marked(office: Office) -> None:
    """Marking a thumbprint that the root does not list is unknown_signing_key and changes nothing."""
    with pytest.raises(Refused) as caught:
        rotate(office.service, office.roots, compromised=["nobody"], act=office.act)
    assert caught.value.code == "unknown_signing_key"
    assert current_root(office.service).version == 1


def test_the_pin_of_a_file_accepts_nothing_older(office: Office) -> None:
    """The pin that comes with a publisher file accepts that file and none of before."""
    old, _ = publisher_file(office.service)
    rotate(office.service, office.roots, compromised=(), act=office.act)
    _, pin = publisher_file(office.service)
    assert (pin.hash, pin.root) == (office.pin.hash, 2)
    with pytest.raises(Untrusted):
        Trust.load(pin, read_publisher_file(old))


def test_a_telephone_key_is_replaced_in_the_next_slot_when_it_is_compromised(office: Office) -> None:
    """A rotation leaves the telephone key alone until it is marked compromised; then the next slot has a fresh one,
    which the vault holds, and the old slot keeps its key."""
    (first,) = current_root(office.service).active("telephone")
    office.time.go(DAY)
    rotate(office.service, office.roots, compromised=(), act=office.act)
    assert current_root(office.service).active("telephone") == (first,)
    office.time.go(DAY)
    rotate(office.service, office.roots, compromised=(first.public.kid,), act=office.act)
    root = current_root(office.service)
    (second,) = root.active("telephone")
    assert (first.slot, second.slot) == (0, 1)
    assert root.telephone(0) is not None
    signer = office.service.vault.telephone(second.public.kid)
    assert signer is not None
    assert signer.public.jwk == second.jwk
