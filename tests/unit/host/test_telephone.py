"""Telephone certificates on a host: which count here, until when, and who renews them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from tests.support.desk import HOST, host_state
from tests.support.publisher import DAY, NOW, Publisher
from volact.credential.lists import RevokedConfirmation
from volact.credential.telephone.certificate import TelephoneCertificate
from volact.credential.telephone.confirmation import Role, month_end, month_of
from volact.credential.telephone.installation import make_installation_id, named_dev
from volact.errors import Malformed, Refusal
from volact.host.state import HostState, read_certificates
from volact.host.upkeep import is_renewal_due
from volact.testing.telephone import FakeCenter

GROUP, CLIENT = "windows-7", "windows-7-professional"


@pytest.fixture
def publisher() -> Publisher:
    """A publisher that has an activation center."""
    return Publisher.of()


def by_telephone(publisher: Publisher) -> HostState:
    """The state of a host that was confirmed for six months, with no other certificate."""
    center, key = FakeCenter(publisher), publisher.issue("host", GROUP)
    said = make_installation_id(key.proof_key, keyid=key.keyid, dev=named_dev(HOST.signer.public.kid))
    given = center.confirm(said.qr, role=Role.HOST, last_month=month_of(NOW) + 6)
    text = TelephoneCertificate(HOST.signer.public, GROUP, said, given).text
    state = host_state(publisher)
    return replace(state, certificates=read_certificates([(key.keyid, text)], state.trust))


def test_a_telephone_certificate_is_in_force_to_the_end_of_its_last_month(publisher: Publisher) -> None:
    """A telephone certificate is in force until its last month is over, and is never renewed by the host itself."""
    state = by_telephone(publisher)
    (found,) = state.newest
    assert found.claims.exp + 1 == month_end(month_of(NOW) + 6)
    assert [len(state.in_force(at)) for at in (NOW, found.claims.exp - 1, found.claims.exp)] == [1, 1, 0]
    assert state.certificate_for(CLIENT, NOW) == found
    assert not any(is_renewal_due(found, at) for at in (NOW, found.claims.exp, found.claims.exp + DAY))


def test_a_telephone_certificate_counts_on_the_machine_of_its_device_key(publisher: Publisher) -> None:
    """A telephone certificate counts while its device key is the present one, or was made on this machine before."""
    state = by_telephone(publisher)
    jkt, own = state.settings.jkt, state.settings
    for settings, counts in (
        (structs.replace(own, jkt="another", machines={jkt: own.dev}), True),
        (structs.replace(own, jkt="another"), False),
        (structs.replace(own, jkt="another", dev="0" * 15, machines={jkt: own.dev}), False),
    ):
        assert bool(replace(state, settings=settings).newest) == counts


def test_a_telephone_certificate_that_is_on_the_list_gives_no_leases(publisher: Publisher) -> None:
    """From the time on that the list names its key and `dev`, a telephone certificate is not in force."""
    state = by_telephone(publisher)
    (found,) = state.newest
    entry = RevokedConfirmation(found.claims.keyid, found.claims.dev, NOW + DAY)
    listed = structs.replace(state.trust.revocations, telephone=(entry,))
    ended = replace(state, trust=replace(state.trust, revocations=listed))
    assert [len(ended.in_force(at)) for at in (NOW, NOW + DAY)] == [1, 0]
    refused = ended.certificate_for(CLIENT, NOW + DAY)
    assert isinstance(refused, Refusal)
    assert refused.code == "host_not_activated"


def test_a_telephone_certificate_of_a_group_that_the_catalog_lost_is_left_out(publisher: Publisher) -> None:
    """A kept telephone certificate whose product group the catalog has no more is left out; a broken one is damage."""
    state = by_telephone(publisher)
    (found,) = state.newest
    kept = [(found.claims.keyid, found.text.replace(f'"{GROUP}"', '"gone"'))]
    assert read_certificates(kept, state.trust) == ()
    with pytest.raises(Malformed):
        read_certificates([(found.claims.keyid, "{")], state.trust)
