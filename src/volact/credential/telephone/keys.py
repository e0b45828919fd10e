"""Telephone keys: a publisher's keys that sign confirmations, each in one of 16 slots of its root (spec C-13.5)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from volact.credential.encoding import b64, unb64
from volact.credential.telephone import curve
from volact.errors import Malformed

_FIXED = {"crv": "BLS12381G2", "kty": "OKP"}


@dataclass(frozen=True, slots=True)
class TelephoneKey:
    """A public telephone key that may be believed in."""

    raw: bytes

    @classmethod
    def from_jwk(cls, jwk: object) -> TelephoneKey:
        """Reads a JWK with exactly `crv`, `kty` and `x`, the compressed point in 96 bytes; raises Malformed."""
        if not isinstance(jwk, dict) or not isinstance(jwk.get("x"), str) or jwk != {**_FIXED, "x": jwk["x"]}:
            raise Malformed("not a telephone key")
        raw = unb64(jwk["x"])
        if not curve.is_public_key(raw):
            raise Malformed("a telephone key is no point of its group, or the neutral one")
        return cls(raw)

    @property
    def jwk(self) -> dict[str, str]:
        """The key as a JWK, members in the order of RFC 7638."""
        return {**_FIXED, "x": b64(self.raw)}

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Says whether the signature over the message was made by this key."""
        return curve.holds(self.raw, message, signature=signature)


class TelephoneSigner:
    """A telephone key from 32 secret bytes, held in this process."""

    def __init__(self, seed: bytes) -> None:
        self._secret = secret_of(seed)
        self.public = TelephoneKey(curve.public_key(self._secret))

    def sign(self, message: bytes, mask: bytes) -> bytes:
        """Signs the message, whose 48 bytes are the same every time; `mask` is 48 random bytes, drawn for each call."""
        if len(mask) != 48:
            raise ValueError("a mask has 48 bytes")
        number = int.from_bytes(mask, "big") % curve.ORDER
        return curve.sign(self._secret, message, public=self.public.raw, mask=number)


def secret_of(seed: bytes) -> int:
    """KeyGen of draft-irtf-cfrg-bls-signature, section 2.3, without key_info; raises ValueError for a short seed."""
    if len(seed) < 32:
        raise ValueError("a seed has at least 32 bytes")
    salt, secret = b"BLS-SIG-KEYGEN-SALT-", 0
    while not secret:
        salt = sha256(salt).digest()
        prk = hmac.digest(salt, seed + b"\0", sha256)
        first = hmac.digest(prk, b"\0\x30\x01", sha256)
        okm = first + hmac.digest(prk, first + b"\0\x30\x02", sha256)
        secret = int.from_bytes(okm[:48], "big") % curve.ORDER
    return secret
