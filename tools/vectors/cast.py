"""Who appears in the vectors: keys from fixed seeds, a publisher with roots, lists and a host, an organization."""

import json
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from volact.credential import jws
from volact.credential.claims import DeviceKey, HostKey, Organization
from volact.credential.encoding import b64, crockford, digest
from volact.credential.keys import PublicKey, SoftwareSigner
from volact.credential.lists import CatalogDocument, Revocations, sign_catalog, sign_revocations
from volact.credential.publisher import Pin, PublisherFile
from volact.credential.root import Root, RootKey, sign_root

PUBLISHER = "acme.example"
T0 = 1_800_000_000  # 15 January 2027
DAY = 86_400
YEAR = 365 * DAY


def drawn(name: str, size: int = 32) -> bytes:
    """Bytes that look random and are the same for ever."""
    return sha256(b"volact/vectors/" + name.encode()).digest()[:size]


def key(name: str) -> SoftwareSigner:
    """The Ed25519 key of that name."""
    return SoftwareSigner(drawn(name))


class P256Signer:
    """A P-256 key that signs deterministically (RFC 6979), so that vectors stay the same."""

    def __init__(self, name: str) -> None:
        self._key = ec.derive_private_key(int.from_bytes(drawn(name), "big") >> 1, ec.SECP256R1())
        numbers = self._key.public_key().public_numbers()
        x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.public = PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})

    def sign(self, message: bytes) -> bytes:
        """Signs the message."""
        der = self._key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = utils.decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def identifier(name: str) -> str:
    """A `jti`."""
    return crockford(int.from_bytes(drawn(name, 17), "big") >> 6, 26)


def dev(name: str) -> str:
    """A `dev`, or a host id."""
    return crockford(int.from_bytes(drawn(name, 10), "big") >> 5, 15)


def rid(name: str) -> str:
    """A `rid`."""
    return b64(drawn(name, 16))


def keyid(name: str) -> str:
    """A `keyid`."""
    return crockford(int.from_bytes(drawn(name, 6), "big"), 10)


ROOT_1, ROOT_2, ROOT_3 = key("root 1"), key("root 2"), key("root 3")
ISSUING, ISSUING_2 = key("issuing"), key("issuing 2")
CATALOG, CATALOG_2 = key("catalog"), key("catalog 2")
LIST, LIST_2 = key("revocations"), key("revocations 2")
DEVICE, OTHER_DEVICE, HOST = key("device"), key("other device"), key("host")
P256 = P256Signer("p-256")
ORGANIZATION = Organization(id="o-contoso", name="Contoso Engineering")
HOST_ID, COMPUTER = dev("host id"), dev("computer")
MV = digest(b"vector")


def root_key(signer: Any, role: str, **changed: Any) -> RootKey:
    """An entry of a root."""
    said: dict[str, Any] = {"state": "active", "nbf": T0, "exp": T0 + YEAR, **changed}
    return RootKey(jwk=signer.public.jwk, role=role, **said)


KEYS_1 = (
    root_key(ROOT_1, "root"),
    root_key(ROOT_2, "root"),
    root_key(ISSUING, "issuing"),
    root_key(CATALOG, "catalog"),
    root_key(LIST, "revocations"),
)


def root(version: int = 1, keys: tuple[RootKey, ...] = KEYS_1, **changed: Any) -> Root:
    """A root version."""
    said: dict[str, Any] = {"iss": PUBLISHER, "name": "Acme", "iat": T0, "exp": T0 + 2 * YEAR, "threshold": 2}
    return Root(version=version, keys=keys, **(said | changed))


SIGNED_1 = sign_root(root(), (ROOT_1, ROOT_2))
REPLACED = (
    *KEYS_1[:2],
    root_key(ISSUING, "issuing", state="compromised", compromised=T0 + 10 * DAY),
    root_key(CATALOG, "catalog", state="compromised", compromised=T0 + 10 * DAY),
    root_key(LIST, "revocations", state="retired"),
    root_key(ISSUING_2, "issuing", nbf=T0 + 10 * DAY),
    root_key(CATALOG_2, "catalog", nbf=T0 + 10 * DAY),
    root_key(LIST_2, "revocations", nbf=T0 + 10 * DAY),
)
SIGNED_2 = sign_root(root(2, REPLACED, iat=T0 + 10 * DAY), (ROOT_1, ROOT_2))

SHOP: dict[str, Any] = {
    "title": "Acme",
    "pools": {"all": {"name": "All"}},
    "count_groups": {"computers": {"name": "Computers"}},
    "host_platforms": {"linux": {"name": "Linux"}},
    "product_groups": {
        name: {
            "name": name,
            "number": number,
            "pool": "all",
            "kinds": ["host", "mak", "retail"],
            "count_group": "computers",
            "threshold": 2,
            "hosts": {"linux": "yes"},
        }
        for number, name in enumerate(("editor", "viewer"), 10)
    },
    "products": {
        f"{name}-1": {"name": name, "group": name, "channels": ["volume", "retail"]} for name in ("editor", "viewer")
    },
}


def catalog(version: int = 5, signer: Any = CATALOG, **changed: Any) -> str:
    """A signed catalog."""
    said: dict[str, Any] = {"iss": PUBLISHER, "iat": T0 + DAY, "catalog": SHOP, **changed}
    return sign_catalog(CatalogDocument(version=version, **said), signer)


def revocations(version: int = 5, signer: Any = LIST, **changed: Any) -> str:
    """A signed revocation list."""
    said: dict[str, Any] = {"iss": PUBLISHER, "iat": T0 + DAY, **changed}
    return sign_revocations(Revocations(version=version, **said), signer)


PIN = Pin(digest(jws.parse_general(SIGNED_1, typ="volact-root+jws")[0].payload), 1, 5, 5)


def publisher_file(*roots: bytes, **changed: Any) -> PublisherFile:
    """A publisher file of those root versions, version 1 alone unless told otherwise."""
    texts = tuple(data.decode() for data in roots or (SIGNED_1,))
    said: dict[str, Any] = {"publisher": PUBLISHER, "catalog": catalog(), "revocations": revocations(), **changed}
    return PublisherFile(roots=texts, **said)


def as_json(document: Any) -> Any:
    """A document of ours as JSON of the vectors."""
    return json.loads(msgspec.json.encode(document))


def device_confirmation(signer: Any = DEVICE) -> DeviceKey:
    """The `cnf` of a computer."""
    return DeviceKey(jkt=signer.public.kid)


def host_confirmation(signer: Any = HOST) -> HostKey:
    """The `cnf` of a host."""
    return HostKey(jwk=signer.public.jwk)
