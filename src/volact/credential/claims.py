"""What activations, host certificates, leases and setup grants say (spec C-5, C-11).

Members unknown to this version are passed over.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec

from volact.credential import jws, strictjson
from volact.credential.fields import Dev, Hash, HostId, Identifier, KeyId, Publisher, Rid, Slug, Time
from volact.credential.keys import PublicKey
from volact.errors import Malformed

ACTIVATION_TYP = "volact-activation+jwt"
HOST_TYP = "volact-host+jwt"
LEASE_TYP = "volact-lease+jwt"
SETUP_TYP = "volact-setup+jwt"
MOST_GRANT_KEYS = 128  # in one grant, which has to fit into 16 KiB


class Organization(msgspec.Struct, frozen=True):
    """The organization that a credential was given to."""

    id: str
    name: str


class DeviceKey(msgspec.Struct, frozen=True):
    """The confirmation (RFC 7800) of a computer: its key's thumbprint."""

    jkt: Hash


class HostKey(msgspec.Struct, frozen=True):
    """The confirmation (RFC 7800) of a host: its public key."""

    jwk: dict[str, str]

    @property
    def public(self) -> PublicKey:
        """The key; raises Malformed."""
        return PublicKey.from_jwk(self.jwk)


class Activation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The publisher activates a product group on one computer; without an end, except for trials."""

    iss: Publisher
    jti: Identifier
    iat: Time
    keyid: KeyId
    kind: Slug
    group: Slug
    product: Slug
    dev: Dev
    mv: Hash
    cnf: DeviceKey
    rid: Rid
    organization: Organization | None = None
    exp: Time | None = None


class HostCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """The publisher lets one host give leases for the product groups of one host key."""

    iss: Publisher
    jti: Identifier
    iat: Time
    exp: Time
    host: HostId
    cnf: HostKey
    dev: Dev
    keyid: KeyId
    group: Slug
    groups: tuple[Slug, ...]
    organization: Organization | None  # None of a host that was activated by telephone alone
    max_lease: Time  # seconds
    predecessor: Identifier | None
    rev_min: Annotated[int, msgspec.Meta(ge=0, le=999_999_999)]  # with an older revocation list, ask for a newer one
    rid: Rid


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A host licenses one product on one computer until `exp`."""

    iss: HostId
    aud: Publisher
    jti: Identifier
    iat: Time
    exp: Time
    dev: Dev
    mv: Hash
    cnf: DeviceKey
    rid: Rid
    product: Slug
    group: Slug
    organization: Organization | None
    renew: Time  # seconds from one renewal to the next


class SetupGrant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The publisher lets whoever types one of the listed keys install one product, without a network and for good.

    `keys` are the SHA-256 hashes of proof keys; nothing binds the grant to a computer.
    """

    iss: Publisher
    jti: Identifier
    iat: Time
    kind: Literal["setup", "oem"]
    product: Slug
    group: Slug
    licensing_id: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9-]{1,64}\Z")]
    keys: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=MOST_GRANT_KEYS)]
    version: str | None = None
    organization: Organization | None = None


Credential = Activation | HostCertificate | Lease | SetupGrant
Claims = TypeVar("Claims", Activation, HostCertificate, Lease, SetupGrant)
TYPS: dict[type, str] = {
    Activation: ACTIVATION_TYP,
    HostCertificate: HOST_TYP,
    Lease: LEASE_TYP,
    SetupGrant: SETUP_TYP,
}


def encode(claims: Credential) -> bytes:
    """Writes the exact payload bytes that are put on record and signed."""
    return msgspec.json.encode(claims)


def decode(kind: type[Claims], payload: bytes) -> Claims:
    """Reads a payload; raises Malformed."""
    try:
        claims = msgspec.convert(strictjson.loads(payload), kind)
    except msgspec.ValidationError as err:
        raise Malformed(f"the credential's content does not fit: {err}") from err
    if isinstance(claims, HostCertificate):
        PublicKey.from_jwk(claims.cnf.jwk)
        if claims.organization is None:
            raise Malformed("a host certificate names an organization")
    if isinstance(claims, SetupGrant) and len(set(claims.keys)) < len(claims.keys):
        raise Malformed("a setup grant lists a key twice")
    return claims


def parse(kind: type[Claims], text: str) -> tuple[Claims, jws.Unverified]:
    """Reads a credential without believing it; raises Malformed."""
    token = jws.parse_compact(text, typ=TYPS[kind])
    return decode(kind, token.payload), token
