"""Proofs that a whole key was typed, without the key leaving the computer (spec C-7)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, sha256

import msgspec

from volact.credential.encoding import b64, crockford, digest
from volact.credential.productkey import ProductKey

ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Derived:
    """What a key becomes on the computer where it was typed."""

    keyid: str
    proof_key: bytes


class ProofContext(msgspec.Struct, frozen=True):
    """What a proof is bound to, so that nobody on the way can use it for anything else."""

    jkt: str
    aud: str
    op: str
    rid: str
    dev: str
    product: str = ""


def derive(key: ProductKey, publisher: str) -> Derived:
    """Derives the key's public id (10 Crockford symbols of 48 bits) and its 32-byte proof key; takes about 0.4 ms."""
    secret = pbkdf2_hmac("sha256", key.data, publisher.encode(), ROUNDS, 38)
    return Derived(crockford(int.from_bytes(secret[:6], "big"), 10), secret[6:])


def proof_hash(proof_key: bytes) -> str:
    """The SHA-256 of a proof key as base64url text: what a setup grant lists (spec C-11)."""
    return digest(proof_key)


def make_proof(proof_key: bytes, context: ProofContext) -> str:
    """Makes the proof for one request, as base64url text; raises ValueError for a character outside 0x21-0x7E."""
    fields = (context.jkt, context.aud, context.op, context.rid, context.dev, context.product)
    if not _is_visible("".join(fields)):
        raise ValueError("a field of a proof holds a character outside 0x21-0x7E")
    message = "\n".join(("volact/proof/v1", *fields)).encode()
    return b64(hmac.digest(proof_key, message, sha256))


def _is_visible(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def proof_holds(proof: str, proof_key: bytes, *, context: ProofContext) -> bool:
    """Says in constant time whether the proof was made with this proof key for this very request."""
    return hmac.compare_digest(proof.encode(), make_proof(proof_key, context).encode())
