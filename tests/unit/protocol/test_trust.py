"""Trust beyond the vectors: what it hands on, its newest time, what has run out."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.answers import ACTIVATE
from vectors.cast import DAY, PIN, SIGNED_1, SIGNED_2, T0, YEAR
from vectors.credentials import ACTIVATION, CERTIFICATE, LEASE, sign
from vectors.grants import GRANT

from vectors import cast
from volact.credential.lists import RevokedActivation, RevokedKey
from volact.credential.request import parse_request, sign_request
from volact.errors import Malformed, Untrusted
from volact.protocol.messages import Answer, Versions
from volact.protocol.trust import Older, Revoked, Trust


@pytest.fixture
def trust() -> Trust:
    """Who believes one root, a catalog and a list."""
    return Trust.load(PIN, cast.publisher_file())


def test_what_is_believed_is_handed_on(trust):
    """A publisher file made of what is believed is believed in turn."""
    newer = trust.with_root(SIGNED_2).with_revocations(cast.revocations(6))
    file = newer.publisher_file("https://license.acme.example")
    assert file.service == "https://license.acme.example"
    assert file.publisher == newer.publisher == cast.PUBLISHER
    assert Trust.load(PIN, file) == newer


def test_the_newest_signed_time_is_of_root_or_list(trust):
    """The newest signed time is that of the newest of root, catalog and list."""
    assert trust.newest_signed == T0 + DAY
    assert trust.with_catalog(cast.catalog(6, iat=T0 + 3 * DAY)).newest_signed == T0 + 3 * DAY
    assert trust.with_revocations(cast.revocations(6, iat=T0 + 4 * DAY)).newest_signed == T0 + 4 * DAY


def test_a_newer_root_takes_back_a_wrong_time(trust):
    """A root that replaces the keys of the lists takes back a time that was signed too late."""
    late = trust.with_catalog(cast.catalog(6, iat=T0 + YEAR)).with_revocations(cast.revocations(6, iat=T0 + YEAR))
    assert late.newest_signed == T0 + YEAR
    assert late.with_root(SIGNED_2).newest_signed == T0 + 10 * DAY


def test_what_has_run_out_is_named_and_locks_nothing(trust):
    """An expired root and roles without a key in force are named, and what they signed goes on being believed."""
    assert trust.expired(T0) == ()
    assert trust.expired(T0 + YEAR) == ("issuing", "catalog", "revocations")
    assert trust.expired(T0 + 2 * YEAR) == ("root", "issuing", "catalog", "revocations")
    assert trust.activation(sign(ACTIVATION)) == ACTIVATION


def test_a_key_on_the_list_is_found(trust):
    """Whether the list has a product key is told by the key's id."""
    entry = RevokedKey(ACTIVATION.keyid, T0)
    listed = replace(trust, revocations=msgspec.structs.replace(trust.revocations, keys=(entry,)))
    assert listed.lists_key(ACTIVATION.keyid)
    assert not listed.lists_key("0" * 10)


def test_an_older_list_is_told_from_a_false_one(trust):
    """A list that was true once is refused as older, and one that never was is not."""
    newer = trust.with_root(SIGNED_2).with_catalog(cast.catalog(6, cast.CATALOG_2, iat=T0 + 11 * DAY))
    for text in (cast.catalog(9), cast.catalog(4), cast.catalog(5, cast.CATALOG_2, iat=T0 + 11 * DAY)):
        with pytest.raises(Older):
            newer.with_catalog(text)
    with pytest.raises(Untrusted) as caught:
        newer.with_catalog(cast.catalog(7, cast.DEVICE))
    assert not isinstance(caught.value, Older)


def test_a_refused_document_changes_nothing(trust):
    """A document that is refused leaves what is believed as it was."""
    before = trust.publisher_file(None)
    for attempt in (lambda: trust.with_root(b"{}"), lambda: trust.with_catalog("a.b.c")):
        with pytest.raises(Malformed):
            attempt()
    assert trust.publisher_file(None) == before


@given(st.sampled_from(["iss", "aud", "group", "product"]), st.sampled_from(["viewer", "other.example", "A" * 15]))
def test_no_lease_leaves_its_certificate(name, changed):
    """A lease that says anything else than its certificate allows is not believed."""
    trust = Trust.load(PIN, cast.publisher_file())
    lease = msgspec.structs.replace(LEASE, **{name: changed})
    if lease == LEASE or (name, changed) == ("product", "viewer"):
        return
    with pytest.raises((Untrusted, Malformed)):
        trust.lease(sign(lease), sign(CERTIFICATE))


@given(st.integers(T0, T0 + 200 * DAY), st.integers(-DAY, 200 * DAY))
def test_a_lease_lies_inside_its_certificate(iat, length):
    """A lease is believed if and only if it begins inside its certificate and is not longer than that allows."""
    trust = Trust.load(PIN, cast.publisher_file())
    lease = msgspec.structs.replace(LEASE, iat=iat, exp=iat + length)
    may = CERTIFICATE.iat <= iat <= CERTIFICATE.exp and 0 < length <= CERTIFICATE.max_lease
    try:
        assert trust.lease(sign(lease), sign(CERTIFICATE))[0] == lease
        assert may
    except Untrusted:
        assert not may


def test_the_first_root_is_known_for_ever(trust):
    """A root version that is known already changes nothing, however often it comes."""
    assert trust.with_root(SIGNED_1) is trust
    second = trust.with_root(SIGNED_2)
    assert second.with_root(SIGNED_1) is second


def test_the_newer_of_two_wins_document_by_document(trust):
    """Of two that follow from one pin the newer root, catalog and list are believed, whichever has which."""
    one = trust.with_catalog(cast.catalog(7)).with_revocations(cast.revocations(6))
    other = trust.with_revocations(cast.revocations(8)).with_root(SIGNED_2)
    newer = one.with_newer(other)
    assert newer.versions == Versions(2, 7, 8)
    assert newer.with_newer(trust) == newer


def test_a_grant_is_no_answer_and_an_answer_no_grant(trust):
    """A setup grant answers no request, and no activation is believed as a grant, nor a grant as an activation."""
    for believe, said in ((trust.grant, ACTIVATION), (trust.activation, GRANT), (trust.certificate, GRANT)):
        with pytest.raises(Malformed):
            believe(sign(said))


def test_a_revoked_answer_is_told_from_a_false_one(trust):
    """An answer that is true and revoked is told as revoked, so that whoever asked knows to ask anew."""
    asked = parse_request(sign_request(ACTIVATE, cast.DEVICE))
    answer = Answer(credential=sign(ACTIVATION), versions=trust.versions)
    assert trust.answer(asked, answer).claims == ACTIVATION
    entry = RevokedActivation(ACTIVATION.jti, T0 + 6 * DAY)
    newer = trust.with_revocations(cast.revocations(6, activations=(entry,)))
    with pytest.raises(Revoked):
        newer.answer(asked, answer)
    false = msgspec.structs.replace(answer, credential=sign(ACTIVATION, cast.OTHER_DEVICE))
    with pytest.raises(Untrusted) as caught:
        newer.answer(asked, false)
    assert not isinstance(caught.value, Revoked)
