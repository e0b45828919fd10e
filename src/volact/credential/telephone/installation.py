"""Installation IDs: what a computer without a network reads out to the activation center (spec C-13.3).

159 bits: version 4, keyid 48, dev 75, and 32 of a proof that the whole key is there, not its public id alone. The same
key on the same hardware has the same installation ID.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from volact.credential.encoding import crockford, uncrockford
from volact.credential.identity import DEV_BITS, DEV_SYMBOLS
from volact.credential.telephone.groups import Forms
from volact.errors import Refusal, say

VERSION = 1
FORMS = Forms.of(say("installation ID"), "installation_id_mistyped", groups=8, start=0)
_KEYID_BITS, _KEYID_SYMBOLS, _PROOF_BITS = 48, 10, 32
_HEAD_BITS = 4 + _KEYID_BITS + DEV_BITS


@dataclass(frozen=True, slots=True)
class InstallationId:
    """An installation ID; what it claims is not judged yet."""

    keyid: str
    dev: str
    proof: int

    @property
    def number(self) -> int:
        """The 159 bits as a number."""
        return _head(self.keyid, self.dev) << _PROOF_BITS | self.proof

    @property
    def data(self) -> bytes:
        """The 159 bits, big-endian, behind a zero bit (20 bytes): what a confirmation signs."""
        return self.number.to_bytes(20, "big")

    @property
    def groups(self) -> tuple[str, ...]:
        """Eight groups of seven digits, to be read out."""
        return FORMS.digits.write(self.number)

    @property
    def keyboard(self) -> tuple[str, ...]:
        """Eight groups of five symbols, to be typed."""
        return FORMS.keyboard.write(self.number)

    @property
    def qr(self) -> str:
        """The 56 digits alone, as a QR code of version 2 holds them."""
        return "".join(self.groups)

    def holds(self, proof_key: bytes) -> bool:
        """Says in constant time whether whoever made this ID had the whole key."""
        return hmac.compare_digest(self.data, make_installation_id(proof_key, keyid=self.keyid, dev=self.dev).data)


def make_installation_id(proof_key: bytes, *, keyid: str, dev: str) -> InstallationId:
    """The installation ID of a key (its public id and its proof key) on the computer, host or directory `dev`."""
    message = b"volact/iid/v1\n" + _head(keyid, dev).to_bytes(16, "big")
    return InstallationId(keyid, dev, int.from_bytes(hmac.digest(proof_key, message, sha256)[:4], "big"))


def read_installation_id(text: str) -> InstallationId | Refusal:
    """Reads an ID in either form, or refuses it with `installation_id_mistyped` and the wrong `groups`, from 1."""
    number = FORMS.read(text)
    if isinstance(number, Refusal):
        return number
    version, rest = number >> _HEAD_BITS + _PROOF_BITS - 4, number & (1 << _HEAD_BITS + _PROOF_BITS - 4) - 1
    if version != VERSION:
        return FORMS.digits.mistyped((0,), say("the installation ID is of a version that is not known here"))
    head, proof = rest >> _PROOF_BITS, rest & (1 << _PROOF_BITS) - 1
    keyid, dev = head >> DEV_BITS, head & (1 << DEV_BITS) - 1
    return InstallationId(crockford(keyid, _KEYID_SYMBOLS), crockford(dev, DEV_SYMBOLS), proof)


def named_dev(name: str) -> str:
    """What stands for `dev` in the ID of a host or a directory: 75 bits of SHA-256 of what names it.

    A host is named by the thumbprint of its device key, a directory by its id.
    """
    return crockford(int.from_bytes(sha256(name.encode()).digest()[:10], "big") >> 80 - DEV_BITS, DEV_SYMBOLS)


def _head(keyid: str, dev: str) -> int:
    """Version, keyid and dev as 127 bits."""
    return (VERSION << _KEYID_BITS | uncrockford(keyid, _KEYID_SYMBOLS)) << DEV_BITS | uncrockford(dev, DEV_SYMBOLS)
