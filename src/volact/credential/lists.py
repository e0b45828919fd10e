"""The publisher's signed catalog and its signed revocation list: versions only grow (spec C-4)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from volact.credential import jws, strictjson
from volact.credential.fields import Dev, Hash, HostId, Identifier, KeyId, Publisher, Time, Version
from volact.credential.keys import Signer
from volact.errors import Malformed

CATALOG_TYP = "volact-catalog+jws"
REVOCATIONS_TYP = "volact-revocations+jwt"


class CatalogDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the catalog; `catalog` is the content that licensing reads."""

    iss: Publisher
    version: Version
    iat: Time
    catalog: dict[str, Any]


class RevokedHost(msgspec.Struct, frozen=True):
    """Leases of that host signed by that key with `iat` from `at` on are refused; earlier ones run out."""

    host: HostId
    jkt: Hash
    at: Time


class RevokedKey(msgspec.Struct, frozen=True):
    """What was given for that product key ends in grace from `at` on."""

    keyid: KeyId
    at: Time


class RevokedActivation(msgspec.Struct, frozen=True):
    """That activation ends in grace from `at` on."""

    jti: Identifier
    at: Time


class RevokedConfirmation(msgspec.Struct, frozen=True):
    """What was confirmed by telephone for that product key and `dev` ends in grace from `at` on."""

    keyid: KeyId
    dev: Dev
    at: Time


class Revocations(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the revocation list."""

    iss: Publisher
    version: Version
    iat: Time
    hosts: tuple[RevokedHost, ...] = ()
    keys: tuple[RevokedKey, ...] = ()
    activations: tuple[RevokedActivation, ...] = ()
    telephone: tuple[RevokedConfirmation, ...] = ()


def sign_catalog(document: CatalogDocument, signer: Signer) -> str:
    """Signs a catalog version."""
    return jws.sign_compact(msgspec.json.encode(document), typ=CATALOG_TYP, signer=signer)


def sign_revocations(revocations: Revocations, signer: Signer) -> str:
    """Signs a revocation list."""
    return jws.sign_compact(msgspec.json.encode(revocations), typ=REVOCATIONS_TYP, signer=signer)


def parse_catalog(text: str) -> tuple[CatalogDocument, jws.Unverified]:
    """Reads a catalog version of at most 4 MiB without believing it; raises Malformed."""
    token = jws.parse_compact(text, typ=CATALOG_TYP, limit=jws.DOCUMENT_LIMIT)
    return _decode(token, CatalogDocument), token


def parse_revocations(text: str) -> tuple[Revocations, jws.Unverified]:
    """Reads a revocation list of at most 4 MiB without believing it; raises Malformed."""
    token = jws.parse_compact(text, typ=REVOCATIONS_TYP, limit=jws.DOCUMENT_LIMIT)
    return _decode(token, Revocations), token


Document = TypeVar("Document", CatalogDocument, Revocations)


def _decode(token: jws.Unverified, kind: type[Document]) -> Document:
    try:
        return msgspec.convert(strictjson.loads(token.payload, jws.DOCUMENT_LIMIT), kind)
    except msgspec.ValidationError as err:
        raise Malformed(f"the document's content does not fit: {err}") from err
