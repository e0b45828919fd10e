"""Public keys as JWK, their RFC 7638 thumbprints, and the one-method seam behind which private keys live (spec C-4).

Two algorithms: `Ed25519` (RFC 9864) and `ES256`. A later one needs a new name here and nothing else: a root may list
keys of algorithms that this version does not know, and they verify nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from volact.credential.encoding import b64, digest, unb64
from volact.errors import Malformed

UNKNOWN = "unknown"
_PRIVATE = frozenset({"d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"})
_P = 2**255 - 19
# y coordinates of the points of order 1, 2, 4 and 8 on edwards25519 (RFC 7748 curve; computed in tests/unit).
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _P - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)
_ED25519, _P256 = ("OKP", "Ed25519"), ("EC", "P-256")
_MEMBERS = {_ED25519: {"crv", "kty", "x"}, _P256: {"crv", "kty", "x", "y"}}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that may be believed in: well-formed, canonical, not of small order."""

    alg: str
    kid: str
    members: tuple[tuple[str, str], ...]

    @classmethod
    def from_jwk(cls, jwk: object) -> PublicKey:
        """Reads a JWK that holds exactly the public members; raises Malformed."""
        if not isinstance(jwk, (dict, Mapping)) or not all(isinstance(value, str) for value in jwk.values()):
            raise Malformed("not a JWK")
        return _read(tuple(sorted(jwk.items())))

    @classmethod
    def listed(cls, jwk: object) -> PublicKey:
        """Reads a JWK as a root lists it: one of an algorithm unknown here verifies nothing; raises Malformed."""
        if not isinstance(jwk, (dict, Mapping)) or not all(isinstance(value, str) for value in jwk.values()):
            raise Malformed("not a JWK")
        if (jwk.get("kty", ""), jwk.get("crv", "")) in _MEMBERS:
            return cls.from_jwk(jwk)
        if "kty" not in jwk or _PRIVATE & set(jwk):
            raise Malformed("not a public JWK")
        members = tuple(sorted(jwk.items()))
        return cls(UNKNOWN, _thumbprint(members), members)

    @property
    def jwk(self) -> dict[str, str]:
        """The key as a JWK, members in the order of RFC 7638."""
        return dict(self.members)

    @property
    def raw(self) -> bytes:
        """The 32 bytes of an Ed25519 key."""
        return unb64(self.jwk["x"])

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Says whether the signature over the message was made by this key."""
        if len(signature) != 64 or self.alg == UNKNOWN:
            return False
        try:
            if self.alg == "ES256":
                return _verify_p256(self.jwk, signature, message=message)
            if _y(signature[:32]) in _SMALL_ORDER:
                return False  # libraries differ on such an R, so nobody may believe it
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False


class Signer(Protocol):
    """The seam to a private key: it can sign, and cannot be read."""

    @property
    def public(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Signs the message; the same message gives the same 64 bytes."""
        ...


class SoftwareSigner:
    """An Ed25519 key from 32 secret bytes (RFC 8032), held in this process."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = ed25519_key(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Signs the message; the same message gives the same 64 bytes."""
        return self._key.sign(message)


def ed25519_key(raw: bytes) -> PublicKey:
    """The public key of 32 raw Ed25519 bytes."""
    return PublicKey.from_jwk({"crv": "Ed25519", "kty": "OKP", "x": b64(raw)})


@lru_cache(maxsize=4096)
def _read(members: tuple[tuple[str, str], ...]) -> PublicKey:
    jwk = dict(members)
    kind = (jwk.get("kty", ""), jwk.get("crv", ""))
    if set(jwk) != _MEMBERS.get(kind):
        raise Malformed("not a public JWK of Ed25519 or P-256 with exactly its members")
    if kind == _ED25519:
        _check_ed25519(unb64(jwk["x"]))
    elif not len(unb64(jwk["x"])) == len(unb64(jwk["y"])) == 32:
        raise Malformed("not a P-256 key")
    return PublicKey("Ed25519" if kind == _ED25519 else "ES256", _thumbprint(members), members)


def _thumbprint(members: tuple[tuple[str, str], ...]) -> str:
    """RFC 7638, for which only the members that a key must have are there."""
    return digest(msgspec.json.encode(dict(members)))


def _check_ed25519(raw: bytes) -> None:
    if len(raw) != 32 or _y(raw) >= _P or _y(raw) in _SMALL_ORDER:
        raise Malformed("not a canonical Ed25519 key of large order")


def _y(point: bytes) -> int:
    return int.from_bytes(point, "little") & (1 << 255) - 1


def _verify_p256(jwk: dict[str, str], signature: bytes, *, message: bytes) -> bool:
    # Loaded here only: most programs never meet this algorithm, and its import is slow.
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    x, y = (int.from_bytes(unb64(jwk[member]), "big") for member in "xy")
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    return True
