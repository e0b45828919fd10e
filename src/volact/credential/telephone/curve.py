"""Signatures of 48 bytes on BLS12-381, of which one bit and the x coordinate are typed (spec C-13.6).

The minimal-signature variant: signatures are points of G1, public keys of G2 (96 bytes), messages are hashed to G1 as
RFC 9380 says. No other module knows the library, which comes with the extra `phone`.
"""

from __future__ import annotations

from functools import lru_cache

from volact.errors import Untrusted

try:
    from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar
except ModuleNotFoundError as err:
    detail = "telephone codes need the extra: pip install 'volact[phone]'"
    raise Untrusted(detail, code="extra_missing") from err

SUITE = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


def public_key(secret: int) -> bytes:
    """The compressed public key (96 bytes) of a secret from 1 to ORDER - 1."""
    return (G2Point() * Scalar(secret)).to_compressed_bytes()


def sign(secret: int, message: bytes, *, public: bytes, mask: int) -> bytes:
    """Signs a message, in 48 bytes that are the same every time; verified by the public key before they leave.

    The secret is multiplied in two parts that `mask`, a number drawn anew below ORDER, tells apart, since the library
    does not promise to take the same time for every number. Raises RuntimeError for a signature that does not hold.
    """
    hashed, key = _hashed(message), _g2(public)
    signature = hashed * Scalar((secret - mask) % ORDER) + hashed * Scalar(mask)
    if key is None or not _pairs(signature, hashed, key=key):
        raise RuntimeError("a signature came out that does not hold")
    return signature.to_compressed_bytes()


def holds(public: bytes, message: bytes, *, signature: bytes) -> bool:
    """Says whether the signature over the message was made by the secret half of that public key."""
    key, point = _g2(public), _g1(signature)
    return key is not None and point is not None and _pairs(point, _hashed(message), key=key)


def is_public_key(public: bytes) -> bool:
    """Says whether these bytes are a public key: a point of G2 in its one spelling, not the neutral one."""
    return _g2(public) is not None


def _hashed(message: bytes) -> G1Point:
    return G1Point.hash_to_curve(message, SUITE)


def _pairs(signature: G1Point, hashed: G1Point, *, key: G2Point) -> bool:
    return GT.pairing_check([signature, hashed], [-G2Point(), key])


def _g1(data: bytes) -> G1Point | None:
    """The point of that one spelling; the library takes several for the neutral point, which signs nothing."""
    try:
        point = G1Point.from_compressed_bytes(data)
    except ValueError:
        return None
    return None if point == G1Point.identity() else point


@lru_cache(maxsize=64)
def _g2(data: bytes) -> G2Point | None:
    try:
        point = G2Point.from_compressed_bytes(data)
    except ValueError:
        return None
    return None if point == G2Point.identity() else point
