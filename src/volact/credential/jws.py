"""JSON Web Signatures (RFC 7515) in the three serializations that Volact uses, read strictly (spec C-3).

Compact for credentials and lists, flattened for requests, general for roots. The protected header holds exactly
`alg, kid, typ` (requests: `alg, jwk, typ`), so `crit`, `b64`, `jku`, `x5u` and every other member are refused;
an unprotected header is refused. The algorithm follows from the key that is trusted already, never from the token.
In a general token a signature of an algorithm unknown here counts for nothing; the others hold without it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from volact.credential import strictjson
from volact.credential.encoding import b64, unb64
from volact.credential.keys import PublicKey, Signer
from volact.errors import Malformed, Untrusted

CREDENTIAL_LIMIT = 16 * 1024
DOCUMENT_LIMIT = 4 * 1024 * 1024


class Unverified(msgspec.Struct, frozen=True):
    """A token that was read and is not believed yet."""

    header: dict[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse_compact(text: str | bytes, *, typ: str, limit: int = CREDENTIAL_LIMIT) -> Unverified:
    """Reads a compact token of that `typ`; raises Malformed."""
    parts = _ascii(text, limit).split(".")
    if len(parts) != 3:
        raise Malformed("a compact JWS has three parts")
    return _unverified((parts[0], parts[1], parts[2]), typ=typ, key_member="kid")


def parse_flattened(data: bytes, *, typ: str, limit: int = CREDENTIAL_LIMIT) -> Unverified:
    """Reads a flattened token of that `typ`, which names its own key as `jwk`; raises Malformed."""
    members = _members(strictjson.loads(data, limit), {"protected", "payload", "signature"})
    return _unverified((members["protected"], members["payload"], members["signature"]), typ=typ, key_member="jwk")


def parse_general(data: bytes, *, typ: str, limit: int = DOCUMENT_LIMIT) -> tuple[Unverified, ...]:
    """Reads a general token of that `typ`, one entry for each signature over its one payload; raises Malformed."""
    members = strictjson.loads(data, limit)
    if not isinstance(members, dict) or set(members) != {"payload", "signatures"}:
        raise Malformed("a general JWS has exactly payload and signatures")
    payload, signatures = members["payload"], members["signatures"]
    if not isinstance(payload, str) or not isinstance(signatures, list) or not 1 <= len(signatures) <= 32:
        raise Malformed("a general JWS has a payload and 1 to 32 signatures")
    entries = [_members(entry, {"protected", "signature"}) for entry in signatures]
    parts = [(entry["protected"], payload, entry["signature"]) for entry in entries]
    return tuple(_unverified(part, typ=typ, key_member="kid", any_alg=True) for part in parts)


def check(token: Unverified, key: PublicKey) -> None:
    """Promises that the key signed the token; raises Untrusted."""
    if token.header["alg"] != key.alg:
        raise Untrusted("the algorithm is not that of the trusted key")
    if token.header.get("kid", key.kid) != key.kid:
        raise Untrusted("another key is named than the trusted one")
    if not key.verify(token.signature, token.signing_input):
        raise Untrusted("the signature does not hold")


def sign_compact(payload: bytes, *, typ: str, signer: Signer) -> str:
    """Signs the payload as a compact token."""
    signed = f"{_protected(signer.public.alg, signer.public.kid, typ=typ)}.{b64(payload)}"
    return f"{signed}.{b64(signer.sign(signed.encode()))}"


def sign_flattened(payload: bytes, *, typ: str, signer: Signer) -> bytes:
    """Signs the payload as a flattened token that carries its own key."""
    protected = b64(strictjson.dumps({"alg": signer.public.alg, "jwk": signer.public.jwk, "typ": typ}))
    signature = signer.sign(f"{protected}.{b64(payload)}".encode())
    return strictjson.dumps({"protected": protected, "payload": b64(payload), "signature": b64(signature)})


def sign_general(payload: bytes, *, typ: str, signers: tuple[Signer, ...]) -> bytes:
    """Signs the payload as a general token, once with each signer."""
    signatures = []
    for signer in signers:
        protected = _protected(signer.public.alg, signer.public.kid, typ=typ)
        signature = signer.sign(f"{protected}.{b64(payload)}".encode())
        signatures.append({"protected": protected, "signature": b64(signature)})
    return strictjson.dumps({"payload": b64(payload), "signatures": signatures})


@lru_cache(maxsize=256)
def _protected(alg: str, kid: str, *, typ: str) -> str:
    """The protected header of a key's tokens: the same text for each of them."""
    return b64(strictjson.dumps({"alg": alg, "kid": kid, "typ": typ}))


def _ascii(text: str | bytes, limit: int) -> str:
    if len(text) > limit:
        raise Malformed(f"longer than {limit} bytes")
    try:
        return text.encode("ascii").decode() if isinstance(text, str) else text.decode("ascii")
    except UnicodeError as err:
        raise Malformed("a compact JWS is ASCII") from err


def _members(value: Any, names: set[str]) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != names or not all(isinstance(text, str) for text in value.values()):
        raise Malformed(f"expected exactly the texts {', '.join(sorted(names))}")
    return value


def _unverified(parts: tuple[str, str, str], *, typ: str, key_member: str, any_alg: bool = False) -> Unverified:
    protected, payload, signature = parts
    header = strictjson.loads(unb64(protected))
    if not isinstance(header, dict) or set(header) != {"alg", key_member, "typ"}:
        raise Malformed(f"the protected header has exactly alg, {key_member} and typ")
    if header["typ"] != typ:
        raise Malformed(f"expected typ {typ}")
    if not isinstance(header["alg"], str) or (header["alg"] not in ("Ed25519", "ES256") and not any_alg):
        raise Malformed("alg is neither Ed25519 nor ES256")
    if key_member == "kid" and not isinstance(header["kid"], str):
        raise Malformed("kid is not a text")
    return Unverified(header, unb64(payload), f"{protected}.{payload}".encode(), unb64(signature))
