"""Root versions: who may sign what for a publisher, and how one version follows another (spec C-4).

Version 1 is believed because the product's pin names its payload; version N+1 because a threshold of the root keys
of version N and a threshold of its own signed it (as The Update Framework has it). Keys are never removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from volact.credential import jws, strictjson
from volact.credential.encoding import digest
from volact.credential.fields import Publisher, Slug, Time, Version
from volact.credential.keys import PublicKey, Signer
from volact.errors import Malformed, Untrusted

ROOT_TYP = "volact-root+jws"

Role = Literal["root", "issuing", "catalog", "revocations", "telephone"]
State = Literal["active", "retired", "compromised"]


class RootKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One key with its role; what it signed is judged at the `iat` of what it signed, against nbf..exp.

    A role or an algorithm of a later version is passed over: such a key is carried along and signs nothing here.
    """

    jwk: dict[str, str]
    role: Slug
    state: State
    nbf: Time
    exp: Time
    compromised: Time | None = None
    slot: Annotated[int, msgspec.Meta(ge=0, le=15)] | None = None  # of a telephone key

    @property
    def public(self) -> PublicKey:
        """The key; raises Malformed."""
        return PublicKey.listed(self.jwk)


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the publisher's chain of trust."""

    iss: Publisher
    name: str
    version: Version
    iat: Time
    exp: Time
    threshold: Annotated[int, msgspec.Meta(ge=1, le=32)]
    keys: tuple[RootKey, ...]

    def key(self, kid: str, role: Role) -> RootKey | None:
        """The key of that thumbprint if it has that role, whatever its state."""
        return next((key for key in self.keys if key.role == role and key.public.kid == kid), None)

    def telephone(self, slot: int) -> RootKey | None:
        """The telephone key in that slot, whatever its state."""
        return next((key for key in self.keys if key.role == "telephone" and key.slot == slot), None)

    def active(self, role: Role) -> tuple[RootKey, ...]:
        """The role's active keys, the one that starts last first."""
        found = [key for key in self.keys if key.role == role and key.state == "active"]
        return tuple(sorted(found, key=lambda key: key.nbf, reverse=True))


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root version that was read and is not believed yet."""

    root: Root
    data: bytes
    tokens: tuple[jws.Unverified, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of the payload bytes: what a pin names (signatures may vary, the payload not)."""
        return digest(self.tokens[0].payload)


def sign_root(root: Root, signers: tuple[Signer, ...]) -> bytes:
    """Signs a root version with each signer."""
    return jws.sign_general(msgspec.json.encode(root), typ=ROOT_TYP, signers=signers)


def parse_root(data: bytes) -> SignedRoot:
    """Reads a root version of at most 4 MiB without believing it; raises Malformed."""
    tokens = jws.parse_general(data, typ=ROOT_TYP)
    try:
        root = msgspec.convert(strictjson.loads(tokens[0].payload, jws.DOCUMENT_LIMIT), Root)
    except msgspec.ValidationError as err:
        raise Malformed(f"the root's content does not fit: {err}") from err
    kids = [key.public.kid for key in root.keys]
    if len(set(kids)) != len(kids):
        raise Malformed("a root names each key once")
    if any((key.state == "compromised") != (key.compromised is not None) for key in root.keys):
        raise Malformed("a compromised key says since when, and no other key does")
    slots = [key.slot for key in root.keys if key.role == "telephone"]
    if None in slots or len(set(slots)) != len(slots):
        raise Malformed("each telephone key has a slot of its own")
    return SignedRoot(root, data, tokens)


def check_first(signed: SignedRoot, pin_hash: str) -> None:
    """Promises that this is the version 1 that the pin names, signed by its own threshold; raises Untrusted."""
    if signed.hash != pin_hash or signed.root.version != 1:
        raise Untrusted("the first root version is not the one that the pin names", code="root_untrusted")
    _check_threshold(signed, signed.root)


def check_next(current: Root, signed: SignedRoot) -> None:
    """Promises that a version follows the current one, by a threshold of both; raises Untrusted."""
    if signed.root.iss != current.iss:
        raise Untrusted("a root version of another publisher", code="root_untrusted")
    if signed.root.version != current.version + 1:
        raise Untrusted(
            f"root version {signed.root.version} does not follow version {current.version}", code="root_untrusted"
        )
    kept = {(key.public.kid, key.role, key.slot) for key in signed.root.keys}
    if not {(key.public.kid, key.role, key.slot) for key in current.keys} <= kept:
        raise Untrusted("a root version has lost a key of the one before, or its role or slot", code="root_untrusted")
    _check_threshold(signed, current)
    _check_threshold(signed, signed.root)


def _check_threshold(signed: SignedRoot, root: Root) -> None:
    """Distinct thumbprints are counted; a signature that does not hold counts for nothing."""
    trusted = {key.public.kid: key.public for key in root.active("root")}
    held = set()
    for token in signed.tokens:
        key = trusted.get(token.header["kid"])
        if key and token.header["alg"] == key.alg and key.verify(token.signature, token.signing_input):
            held.add(key.kid)
    if len(held) < root.threshold:
        raise Untrusted(
            f"{len(held)} of {root.threshold} root signatures hold on version {signed.root.version}",
            code="root_untrusted",
        )
