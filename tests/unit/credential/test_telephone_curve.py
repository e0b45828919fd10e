"""Signatures on BLS12-381: a network in production, the standard's own vectors and another implementation agree."""

import builtins
import os
import runpy
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point
from py_ecc.bls import G2Basic
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import compress_G1, compress_G2
from py_ecc.optimized_bls12_381 import G2, curve_order, multiply

from volact.credential.telephone import curve
from volact.credential.telephone.keys import TelephoneKey, TelephoneSigner, secret_of
from volact.errors import Untrusted

# drand's network `quicknet` (scheme bls-unchained-g1-rfc9380): public key and signature of round 1000.
QUICKNET = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
ROUND_1000 = bytes.fromhex(
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
# RFC 9380, appendix J.9.1: message, then x and y of the point.
RFC_9380 = {
    b"": (
        "052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1"
        "08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265"
    ),
    b"abc": (
        "03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903"
        "0b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b88176c229f2885d"
    ),
    b"abcdef0123456789": (
        "11e0b079dea29a68f0383ee94fed1b940995272407e3bb916bbf268c263ddd57a6a27200a784cbc248e84f357ce82d98"
        "03a87ae2caf14e8ee52e51fa2ed8eefe80f02457004ba4d486d6aa1f517c0889501dc7413753f9599b099ebcbbd2d709"
    ),
    b"q128_" + b"q" * 128: (
        "15f68eaa693b95ccb85215dc65fa81038d69629f70aeee0d0f677cf22285e7bf58d7cb86eefe8f2e9bc3f8cb84fac488"
        "1807a1d50c29f430b8cafc4f8638dfeeadf51211e1602a5f184443076715f91bb90a48ba1e370edce6ae1062f5e6dd38"
    ),
    b"a512_" + b"a" * 512: (
        "082aabae8b7dedb0e78aeb619ad3bfd9277a2f77ba7fad20ef6aabdc6c31d19ba5a6d12283553294c1825c4b3ca2dcfe"
        "05b84ae5a942248eea39e1d91030458c40153f3b654ab7872d779ad1e942856a20c438e8d99bc8abfbf74729ce1f7ac8"
    ),
}
NEUTRAL = b"\xc0" + bytes(47)
SEEDS = st.binary(min_size=32, max_size=64)


def test_a_network_in_production_is_verified():
    """A signature of the drand network holds for its own round and for no other."""
    message = sha256((1000).to_bytes(8, "big")).digest()
    assert curve.holds(QUICKNET, message, signature=ROUND_1000)
    assert not curve.holds(QUICKNET, sha256((1001).to_bytes(8, "big")).digest(), signature=ROUND_1000)


@pytest.mark.parametrize("message", RFC_9380, ids=lambda message: message[:5].decode() or "empty")
def test_messages_are_hashed_as_the_standard_says(message):
    """A message is hashed to the point that RFC 9380 gives for it."""
    point = G1Point.hash_to_curve(message, b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_")
    assert point.to_xy_bytes_be().hex() == RFC_9380[message]


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.binary(max_size=80), st.binary(min_size=48, max_size=48))
def test_another_implementation_signs_the_same(seed, message, mask):
    """Secret, public key and signature are those of another implementation, whatever the mask."""
    signer, secret = TelephoneSigner(seed), G2Basic.KeyGen(seed)
    assert secret_of(seed) == secret
    assert signer.public.raw == b"".join(part.to_bytes(48, "big") for part in compress_G2(multiply(G2, secret)))
    point = multiply(hash_to_G1(message, curve.SUITE, sha256), secret)
    assert signer.sign(message, mask) == compress_G1(point).to_bytes(48, "big")
    assert curve_order == curve.ORDER


def test_a_signature_that_does_not_hold_never_leaves():
    """A signer whose secret does not fit its public key gives no signature out."""
    secret, other = secret_of(bytes(32)), curve.public_key(secret_of(b"x" * 32))
    for public in (other, bytes(96)):
        with pytest.raises(RuntimeError, match="does not hold"):
            curve.sign(secret, b"message", public=public, mask=7)


def test_only_the_one_spelling_of_a_point_of_the_group_holds():
    """Neutral points, points outside of the group and other spellings of a point verify nothing."""
    signer = TelephoneSigner(bytes(32))
    signature = signer.sign(b"message", os.urandom(48))
    assert signer.public.verify(signature, b"message")
    others = [
        NEUTRAL,
        b"\xc0" + bytes(46) + b"\1",
        b"\xe0" + bytes(47),
        b"\xff" * 48,
        bytes([signature[0] ^ 0x20]) + signature[1:],
        bytes([signature[0] & 0x7F]) + signature[1:],
        b"\x80" + bytes(46) + b"\4",
        signature + b"\0",
        signature[:-1],
        b"",
    ]
    assert not [each for each in others if signer.public.verify(each, b"message")]
    neutral = TelephoneKey(b"\xc0" + bytes(95))
    assert not neutral.verify(NEUTRAL, b"message")


@pytest.mark.parametrize("size", [0, 32, 47, 49])
def test_a_mask_has_its_length(size):
    """Nothing is signed with a mask of another length than 48 bytes."""
    with pytest.raises(ValueError, match="48 bytes"):
        TelephoneSigner(bytes(32)).sign(b"message", bytes(size))


def test_a_short_seed_makes_no_key():
    """No key is made of fewer than 32 bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        TelephoneSigner(bytes(31))


def test_a_missing_extra_is_named():
    """Without the extra `phone` the refusal names it."""

    def without(name, *args, **kwargs):
        if name.startswith("py_arkworks"):
            raise ModuleNotFoundError(name)
        return builtins.__import__(name, *args, **kwargs)

    there = {**vars(builtins), "__import__": without}
    with pytest.raises(Untrusted, match=r"pip install 'volact\[phone\]'") as refused:
        runpy.run_path(curve.__file__, {"__builtins__": there})
    assert refused.value.code == "extra_missing"
