"""Operations on the catalog: its versions, and publishing the next one."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import read_catalog_text
from volact.service.ledger import documents
from volact.service.ledger.rows import TokenRow
from volact.service.management.offers import offered
from volact.service.management.office import look
from volact.service.management.once import IdempotencyKey, prepared_once
from volact.service.management.shapes import Asked, told
from volact.service.ports import Act, Service
from volact.service.usecases.catalogs import catalog_document, put_catalog

router = Router(tags=["catalog"])
LARGEST = 4 * 1024 * 1024


class Version(Schema):
    """One version of the catalog."""

    version: int
    at: str


class Versions(Schema):
    """The versions on record, the newest first."""

    versions: list[Version]


class CatalogSheet(Version):
    """One version with its content, as the signed document holds it (docs/catalog.md)."""

    catalog: dict[str, Any]


class NewCatalog(Asked):
    """A catalog file's text (TOML), as `volact service catalog publish` takes it."""

    toml: Annotated[str, Field(min_length=1, max_length=LARGEST)]


class PublishedVersion(Schema):
    """The version that was published."""

    version: int
    title: str


@offered(router, "GET", path="/catalog/versions", scope="catalog:read", answer=Versions)
async def list_versions(request: HttpRequest) -> Any:
    """The versions of the catalog on record, the newest first."""

    def work(service: Service, _: TokenRow) -> Any:
        found = documents.versions(service.ledger, "catalog")
        return {"versions": [{"version": version, "at": told(at)} for version, at in found]}

    return await look(request, work)


@offered(router, "GET", path="/catalog/versions/{version}", scope="catalog:read", answer=CatalogSheet)
async def show_version(request: HttpRequest, version: Annotated[int, Path(ge=1, le=1_000_000_000)]) -> Any:
    """One version of the catalog."""

    def work(service: Service, _: TokenRow) -> Any:
        found = catalog_document(service, version)
        return {"version": found.version, "at": told(found.iat), "catalog": found.catalog}

    return await look(request, work)


@offered(router, "POST", path="/catalog/versions", scope="catalog:write", answer=PublishedVersion, status=201)
async def publish_catalog(request: HttpRequest, *, body: NewCatalog, key: IdempotencyKey) -> Any:
    """Signs a catalog as the next version; an edit that breaks what was issued is refused."""

    async def prepare() -> Catalog:
        return await asyncio.to_thread(read_catalog_text, body.toml, "toml")

    def publish_it(service: Service, act: Act, *, read: Catalog) -> dict[str, Any]:
        return {"version": put_catalog(service, read, act=act), "title": read.title}

    return Status(
        201,
        await prepared_once(
            request, key, prepare=prepare, work=lambda service, act, read: publish_it(service, act, read=read)
        ),
    )
