"""Publishing a catalog as its next signed version, and the publisher file that products and hosts start from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from volact.credential import jws, strictjson
from volact.credential.lists import CatalogDocument, parse_revocations
from volact.credential.publisher import Pin, PublisherFile, write_publisher_file
from volact.credential.root import Root, parse_root
from volact.errors import Damaged, Refusal, Refused, say
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import catalog_from, catalog_to
from volact.licensing.succession import check_successor
from volact.service.ledger import audit, documents, keys, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import DocumentRow
from volact.service.ports import Act, Service
from volact.service.signing import current_root, record_document, sign_pending

_LARGEST = jws.DOCUMENT_LIMIT * 3 // 4 - 1024  # what is left of 4 MiB for base64url, header and signature


@dataclass(frozen=True, slots=True)
class Published:
    """A catalog as it was published, and its version."""

    version: int
    catalog: Catalog


def current_catalog(service: Service) -> Published:
    """The newest catalog on record, in the moment before it is signed too; inside the caller's transaction."""
    row = documents.newest_on_record(service.ledger, "catalog")
    if row is None:
        raise Damaged(say("the service's record holds no catalog"))
    return _published(row.payload)


def catalog_document(service: Service, version: int) -> CatalogDocument:
    """One version as it was signed, or will be; raises Refused (`not_found`). Inside the caller's transaction."""
    payload = documents.payload_at(service.ledger, "catalog", version=version)
    if payload is None:
        raise Refused(Refusal("not_found", say("the record has no catalog of version {version}", version=version)))
    return msgspec.convert(strictjson.loads(payload, jws.DOCUMENT_LIMIT), CatalogDocument)


def publish(service: Service, catalog: Catalog, *, act: Act) -> int:
    """Signs the catalog as the next version, and gives that.

    Raises Refused (`catalog_invalid`) for an edit that breaks what was issued.
    """
    with writing(service.ledger):
        version = put_catalog(service, catalog, act=act)
    sign_pending(service)
    return version


def put_catalog(service: Service, catalog: Catalog, *, act: Act) -> int:
    """Puts the next version on record inside the caller's transaction; `signing.sign_pending` signs it afterwards."""
    broken = check_catalog(service, catalog)
    if broken:
        raise Refused(broken)
    at = settings.signing_time(service.ledger, service.clock)
    version = _record(service, current_root(service), content=document_of(catalog), at=at)
    subject = settings.publisher_id(service.ledger)
    audit.write(service.ledger, act, what="catalog published", subject=subject, detail={"version": version})
    return version


def check_catalog(service: Service, catalog: Catalog) -> Refusal | None:
    """Why a catalog cannot follow the one on record (`catalog_invalid`), or None; inside the caller's transaction."""
    issued = keys.issued(service.ledger)
    return check_successor(
        current_catalog(service).catalog,
        catalog,
        issued_groups=issued.groups,
        issued_products=issued.products,
        issued_programs=issued.programs,
    )


def record_again(service: Service, root: Root, *, at: int, least: int = 0) -> int:
    """Records the catalog as it stands as its next version, at least `least`, inside the caller's transaction."""
    newest = _document(documents.newest_on_record(service.ledger, "catalog"))
    return _record(service, root, content=newest.catalog, at=at, least=least)


def document_of(catalog: Catalog) -> dict[str, Any]:
    """The catalog as its signed document holds it; raises Refused (`catalog_invalid`) for one that is too large."""
    content = catalog_to(catalog)
    if len(msgspec.json.encode(content)) > _LARGEST:
        raise Refused(Refusal("catalog_invalid", "the catalog is larger than a signed document may be (4 MiB)"))
    return content


def publisher_file(service: Service) -> tuple[bytes, Pin]:
    """The publisher file as it stands, and the pin that accepts nothing older."""
    with reading(service.ledger):
        file = PublisherFile(
            publisher=settings.publisher_id(service.ledger),
            roots=documents.root_texts(service.ledger),
            catalog=_text(documents.newest(service.ledger, "catalog")),
            revocations=_text(documents.newest(service.ledger, "revocations")),
            service=settings.text(service.ledger, settings.URL),
        )
        return write_publisher_file(file), pin(service)


def pin(service: Service) -> Pin:
    """The pin that accepts nothing older than what is signed now."""
    roots = documents.root_texts(service.ledger)
    return Pin(
        hash=parse_root(roots[0].encode()).hash,
        root=len(roots),
        catalog=_document(documents.newest(service.ledger, "catalog")).version,
        revocations=parse_revocations(_text(documents.newest(service.ledger, "revocations")))[0].version,
    )


@lru_cache(maxsize=2)
def _published(payload: bytes) -> Published:
    """What was read once is not read again for each of many rows; a catalog's values never change."""
    document = msgspec.convert(strictjson.loads(payload, jws.DOCUMENT_LIMIT), CatalogDocument)
    return Published(document.version, catalog_from(document.catalog))


def _record(service: Service, root: Root, *, content: dict[str, Any], at: int, least: int = 0) -> int:
    version = max(documents.newest_version(service.ledger, "catalog") + 1, least)
    record_document(service, CatalogDocument(iss=root.iss, version=version, iat=at, catalog=content), root=root)
    return version


def _document(row: DocumentRow | None) -> CatalogDocument:
    if row is None:
        raise Damaged(say("the service's record holds no catalog"))
    return msgspec.convert(strictjson.loads(row.payload, jws.DOCUMENT_LIMIT), CatalogDocument)


def _text(row: DocumentRow | None) -> str:
    if row is None or row.text is None:
        raise Damaged(say("the service's record holds no signed document of a kind that it has to"))
    return row.text
