"""Keys and signatures: small orders, thumbprints, and other libraries as oracles."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as oracle
from joserfc.jwk import ECKey, OKPKey
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from vectors.cast import P256
from vectors.keys import small_r

from volact.credential import jws, keys
from volact.credential.encoding import b64
from volact.credential.keys import PublicKey, SoftwareSigner
from volact.errors import Malformed, Untrusted

SEEDS = st.binary(min_size=32, max_size=32)
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The sum of two points of edwards25519, from the curve's equation alone."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def x_of(y: int) -> int:
    """An x for which (x, y) lies on the curve."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    root = root if root * root % P == square else root * pow(2, (P - 1) // 4, P) % P
    assert root * root % P == square
    return root


def test_the_table_holds_every_small_order():
    """The table holds the y of every point that is neutral when it is taken eight times, and no other."""
    orders = []
    for y in keys._SMALL_ORDER:
        point = start = (x_of(y), y)
        order = 1
        while point != (0, 1):
            point, order = add(point, start), order + 1
        orders.append(order)
    # There are 1, 1, 2 and 4 points of the orders 1, 2, 4 and 8; two of them share each y but those of orders 1 and 2.
    assert sorted(orders) == [1, 2, 4, 8, 8]


@given(SEEDS)
def test_no_key_of_a_seed_is_refused(seed):
    """The public key of every seed is one that may be believed in, and comes back from its JWK."""
    public = SoftwareSigner(seed).public
    assert PublicKey.from_jwk(public.jwk) == PublicKey.listed(public.jwk) == public
    assert public.kid == OKPKey.import_key(public.jwk).thumbprint()


def test_a_p_256_thumbprint_is_that_of_another_library():
    """The thumbprint of a P-256 key is that of RFC 7638."""
    assert P256.public.kid == ECKey.import_key(P256.public.jwk).thumbprint()


@given(SEEDS, st.binary(max_size=100))
def test_another_library_verifies_what_we_sign(seed, payload):
    """What is signed here is verified by other libraries, compact and flattened alike."""
    signer = SoftwareSigner(seed)
    key = OKPKey.import_key(signer.public.jwk)
    compact = oracle.deserialize_compact(jws.sign_compact(payload, typ="a+jws", signer=signer), key, ["Ed25519"])
    flat = json.loads(jws.sign_flattened(payload, typ="a+jws", signer=signer))
    assert oracle.deserialize_json(flat, key, ["Ed25519"]).payload == compact.payload == payload
    assert compact.headers() == {"alg": "Ed25519", "kid": signer.public.kid, "typ": "a+jws"}
    VerifyKey(signer.public.raw).verify(b"message", signer.sign(b"message"))


@given(SEEDS, st.binary(max_size=100))
def test_what_another_library_signs_is_verified(seed, payload):
    """What another library signs is verified here."""
    signer = SoftwareSigner(seed)
    private = OKPKey.import_key({**signer.public.jwk, "d": b64(seed)})
    header = {"alg": "Ed25519", "kid": signer.public.kid, "typ": "a+jws"}
    token = jws.parse_compact(oracle.serialize_compact(header, payload, private, ["Ed25519"]), typ="a+jws")
    jws.check(token, signer.public)
    assert token.payload == payload


@given(st.binary(max_size=40))
def test_es256_of_another_library_is_verified(payload):
    """A signature with ES256 by another library is verified here, and by no other key."""
    private = ECKey.generate_key("P-256", private=True)
    members = private.as_dict(private=False)
    public = PublicKey.from_jwk({name: members[name] for name in ("kty", "crv", "x", "y")})
    header = {"alg": "ES256", "kid": public.kid, "typ": "a+jws"}
    token = jws.parse_compact(oracle.serialize_compact(header, payload, private, ["ES256"]), typ="a+jws")
    jws.check(token, public)
    with pytest.raises(Untrusted):
        jws.check(token, P256.public)


def test_a_small_r_is_refused_as_by_the_library_of_the_hot_path():
    """A signature whose R is of small order is refused by both libraries that verify signatures."""
    from vectors.cast import DEVICE

    signature = small_r()
    assert not DEVICE.public.verify(signature, b"message")
    with pytest.raises(BadSignatureError):
        VerifyKey(DEVICE.public.raw).verify(b"message", signature)


@given(st.binary(min_size=64, max_size=64), st.binary(max_size=10))
def test_no_drawn_signature_holds(signature, message):
    """A drawn signature holds for no key."""
    assert not P256.public.verify(signature, message)
    assert not SoftwareSigner(bytes(32)).public.verify(signature, message)


@pytest.mark.parametrize("listed", [None, [], {"kty": 1}, {"kty": "OKP", "crv": "Ed25519"}])
def test_what_is_no_key_is_not_listed(listed):
    """A root lists public keys only."""
    with pytest.raises(Malformed):
        PublicKey.listed(listed)


def test_a_key_of_a_later_algorithm_verifies_nothing():
    """A key of an algorithm unknown here verifies nothing."""
    key = PublicKey.listed({"kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA"})
    assert key.alg == keys.UNKNOWN
    assert not key.verify(bytes(64), b"")
