"""Requests, credentials, roots, lists, publisher files and identities: what is written is read back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.credentials import ACTIVATION, CERTIFICATE, LEASE, sign
from vectors.grants import GRANT

from vectors import cast
from volact.credential import claims, identity, lists
from volact.credential.claims import Activation, HostCertificate, Lease, SetupGrant
from volact.credential.proof import proof_hash
from volact.credential.publisher import Pin, read_publisher_file, write_publisher_file
from volact.credential.request import (
    ActivateRequest,
    HostRequest,
    LeaseRequest,
    ReleaseRequest,
    op_of,
    parse_request,
    sign_request,
)
from volact.credential.root import parse_root
from volact.errors import Malformed

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PUBLISHERS = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?){0,3}", fullmatch=True)
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)
TIMES = st.integers(0, 2**40)
HASHES = st.binary(min_size=32, max_size=32).map(lambda data: cast.b64(data))
ASKED = {
    "aud": PUBLISHERS,
    "via": st.sampled_from(["online", "file"]),
    "iat": TIMES,
    "rid": st.binary(min_size=16, max_size=16).map(lambda data: cast.b64(data)),
    "dev": st.text(CROCKFORD, min_size=15, max_size=15),
    "mv": HASHES,
}
KEYIDS = st.integers(0, 2**48 - 1).map(lambda number: cast.crockford(number, 10))
IDENTIFIERS = st.text(CROCKFORD, min_size=26, max_size=26)
REQUESTS = st.one_of(
    st.builds(ActivateRequest, **ASKED, keyid=KEYIDS, proof=HASHES, product=SLUGS),
    st.builds(LeaseRequest, **ASKED, product=SLUGS, virtual=st.booleans()),
    st.builds(ReleaseRequest, **ASKED, jti=IDENTIFIERS),
    st.builds(HostRequest, **ASKED, platform=SLUGS, virtual=st.booleans(), keyid=KEYIDS, proof=HASHES),
    st.builds(HostRequest, **ASKED, platform=SLUGS, virtual=st.booleans(), predecessor=IDENTIFIERS),
)


@given(REQUESTS, st.sampled_from([cast.DEVICE, cast.P256]))
def test_requests_come_back(request, signer):
    """Every request is read back as it was signed, by the key that signed it, with its proof bound to its fields."""
    signed = parse_request(sign_request(request, signer))
    signed.check_signature()
    assert (signed.request, signed.jkt) == (request, signer.public.kid)
    context = signed.proof_context
    product = request.product if isinstance(request, ActivateRequest) else ""
    assert (context.aud, context.rid, context.dev, context.product) == (request.aud, request.rid, request.dev, product)
    assert context.op == op_of(request)
    assert context.jkt == signer.public.kid


@given(st.binary(max_size=200))
def test_any_bytes_are_no_request(data):
    """Any bytes at all are malformed as a request, and nothing else happens."""
    with pytest.raises(Malformed):
        parse_request(data)


@given(TIMES, TIMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=20), SLUGS)
def test_credentials_come_back(iat, exp, name, product):
    """Every credential is read back as it was signed."""
    organization = claims.Organization(id="o", name=name)
    for said in (
        msgspec.structs.replace(ACTIVATION, iat=iat, exp=exp, product=product, organization=organization),
        msgspec.structs.replace(CERTIFICATE, iat=iat, exp=exp, groups=(product,), organization=organization),
        msgspec.structs.replace(LEASE, iat=iat, exp=exp, product=product, organization=organization),
        msgspec.structs.replace(GRANT, iat=iat, product=product, version=name, organization=organization),
    ):
        assert claims.parse(type(said), sign(said))[0] == said


@given(st.binary(max_size=100))
def test_any_bytes_are_no_payload(data):
    """Any bytes at all are malformed as a payload, and nothing else happens."""
    for kind in (Activation, HostCertificate, Lease, SetupGrant):
        with pytest.raises(Malformed):
            claims.decode(kind, data)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=claims.MOST_GRANT_KEYS, unique=True))
def test_a_grant_lists_hashes_of_proof_keys(proof_keys):
    """A setup grant lists each of up to 128 proof keys by its hash, and never the proof key."""
    said = msgspec.structs.replace(GRANT, keys=tuple(map(proof_hash, proof_keys)))
    assert claims.parse(SetupGrant, sign(said))[0] == said
    assert not any(cast.b64(each).encode() in claims.encode(said) for each in proof_keys)


@pytest.mark.parametrize("count", [0, 2, claims.MOST_GRANT_KEYS + 1])
def test_a_grant_lists_distinct_keys_in_measure(count):
    """A setup grant that lists no key, one twice, or more than 128 is malformed."""
    keys = (proof_hash(b"same"),) * 2 if count == 2 else tuple(proof_hash(bytes([n])) for n in range(count))
    with pytest.raises(Malformed):
        claims.decode(SetupGrant, claims.encode(msgspec.structs.replace(GRANT, keys=keys)))


@given(st.integers(1, 999_999_999), TIMES)
def test_lists_come_back(version, iat):
    """A catalog and a revocation list are read back as they were signed."""
    revoked = lists.RevokedHost(host=cast.HOST_ID, jkt=cast.HOST.public.kid, at=iat)
    listed, _ = lists.parse_revocations(cast.revocations(version, iat=iat, hosts=(revoked,)))
    document, token = lists.parse_catalog(cast.catalog(version, iat=iat))
    assert (listed.version, listed.iat, listed.hosts) == (version, iat, (revoked,))
    assert (document.version, document.iat, document.catalog) == (version, iat, cast.SHOP)
    assert token.header["kid"] == cast.CATALOG.public.kid


@given(st.integers(1, 999_999_999), TIMES, st.integers(1, 32))
def test_roots_come_back(version, iat, threshold):
    """A root version is read back as it was signed, its active keys by when they start, the last one first."""
    root = cast.root(version, cast.REPLACED, iat=iat, threshold=threshold)
    signed = parse_root(cast.sign_root(root, (cast.ROOT_1,)))
    assert signed.root == root
    assert [key.public.kid for key in root.active("issuing")] == [cast.ISSUING_2.public.kid]
    assert root.key(cast.ISSUING.public.kid, "issuing") == cast.REPLACED[2]
    assert root.key(cast.ISSUING.public.kid, "catalog") is None


@given(HASHES, st.integers(1, 999_999_999), st.integers(1, 999_999_999), st.integers(1, 999_999_999))
def test_pins_come_back(payload_hash, root, catalog, revocations):
    """A pin is read back from its one word."""
    pin = Pin(payload_hash, root, catalog, revocations)
    assert Pin.parse(pin.text) == pin


def test_publisher_files_come_back():
    """A publisher file is read back as it was written."""
    file = cast.publisher_file(service="https://license.acme.example")
    assert read_publisher_file(write_publisher_file(file)) == file


NAMES = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="="), min_size=1)
COMPONENTS = st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5)


@given(COMPONENTS, PUBLISHERS, PUBLISHERS)
def test_two_publishers_cannot_join_what_they_see(components, one, other):
    """A computer has the same hashes at one publisher, in any order, and others at another publisher."""
    vector = identity.hash_components(components, one)
    turned = identity.hash_components(dict(reversed(components.items())), one)
    assert list(vector) == sorted(components)
    assert identity.device_id(vector, one) == identity.device_id(turned, one)
    assert identity.vector_mark(vector) == identity.vector_mark(turned)
    if one != other:
        assert not set(vector.values()) & set(identity.hash_components(components, other).values())
        assert identity.device_id(vector, one) != identity.device_id(vector, other)


def test_nothing_stable_names_no_computer():
    """Without a stable component no id is made of none, since every such computer would have it."""
    with pytest.raises(ValueError, match="the same"):
        identity.device_id({}, "acme.example")


def test_a_random_id_takes_75_bits():
    """A random id is made of the first 75 bits of at least ten random bytes."""
    assert identity.random_device_id(b"\xff" * 10) == "Z" * 15
    assert identity.random_device_id(bytes(9) + b"\x1f" + b"more") == "0" * 15
    with pytest.raises(ValueError, match="too few"):
        identity.random_device_id(bytes(9))
