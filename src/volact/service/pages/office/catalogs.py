"""The catalog: its versions, and the next one read from a file, compared with the one that holds, then published.

What was read travels with the page that shows the comparison, and is read and judged again before it is published.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused, Words, say
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import CatalogInvalid, catalog_from, read_catalog_text
from volact.licensing.differences import differences
from volact.service.ledger import documents
from volact.service.pages.look import address
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import (
    catalog_document,
    check_catalog,
    current_catalog,
    document_of,
    put_catalog,
)

LARGEST = 4 * 1024 * 1024
SHOWN = 100  # versions
MOST_VERSIONS = 2**31  # beyond it an address was made up
MOST_ENTRIES = 300  # of a comparison that are shown


@page(Right.OFFICE)
def versions(visit: Visit) -> HttpResponse:
    """The versions on record, and the form that takes the next one."""
    return _shown(visit)


@page(Right.OFFICE)
def version(visit: Visit, version: int) -> HttpResponse:
    """What one version changed in the one before it."""
    if version > MOST_VERSIONS:
        raise Http404
    document = catalog_document(visit.service, version)
    known = {number for number, _ in documents.versions(visit.service.ledger, "catalog")}
    before = max((number for number in known if number < version), default=None)
    found = None
    if before is not None:
        old = catalog_from(catalog_document(visit.service, before).catalog)
        found = differences(old, catalog_from(document.catalog))
    return visit.page(
        "office/catalog-version.html",
        version=version,
        at=document.iat,
        title=document.catalog.get("title", ""),
        before=before,
        found=(found or ())[:MOST_ENTRIES],
        number=len(found or ()),
    )


@page(Right.OFFICE)
def compare(visit: Visit) -> HttpResponse:
    """What the catalog of a file would change, and what of it would be refused and why; nothing is published."""
    if visit.request.method != "POST":
        return HttpResponseRedirect(address("office-catalog"))
    sent = visit.request.FILES.get("file")
    data = sent.read(LARGEST + 1) if sent else b""
    try:
        if not data:
            raise _invalid(say("no file was chosen, or it is empty"))
        if len(data) > LARGEST:
            raise _invalid(say("the file is larger than a catalog may be (4 MiB)"))
        name = sent.name[:100] if sent and sent.name else "catalog.toml"
        return _compared(visit, read_catalog_text(data, name), data=data)
    except (CatalogInvalid, Refused) as err:
        return _shown(visit, refused=err.refusal)


@page(Right.OFFICE)
def publish(visit: Visit) -> HttpResponse:
    """Publishes what was compared; where another version was published meanwhile, it is compared again first."""
    if visit.request.method != "POST":
        return HttpResponseRedirect(address("office-catalog"))
    data = _unpacked(visit.posted("draft"))
    try:
        read = read_catalog_text(data)

        def work(service: Service, act: Act) -> str:
            if str(current_catalog(service).version) != visit.posted("base"):
                raise _invalid(say("another version was published while this page was open: look at what changes now"))
            put_catalog(service, read, act=act)
            return address("office-catalog")

        return visit.once(work)
    except CatalogInvalid as err:
        return _shown(visit, refused=err.refusal)
    except Refused as err:
        return _compared(visit, read, data=data, refused=err.refusal)


def _compared(visit: Visit, read: Catalog, *, data: bytes, refused: Refusal | None = None) -> HttpResponse:
    now = current_catalog(visit.service)
    found = differences(now.catalog, read)
    broken = refused or check_catalog(visit.service, read) or _too_large(read)
    return visit.page(
        "office/catalog-compare.html",
        status=422 if broken else 200,
        now=now,
        title=read.title,
        found=found[:MOST_ENTRIES],
        number=len(found),
        figures=sum(len(each.figures) for each in found),
        refused=broken,
        problems=_problems(broken),
        draft=base64.b64encode(zlib.compress(data)).decode(),
    )


def _shown(visit: Visit, *, refused: Refusal | None = None) -> HttpResponse:
    return visit.page(
        "office/catalog.html",
        status=422 if refused else 200,
        refused=refused,
        problems=_problems(refused),
        now=current_catalog(visit.service),
        versions=documents.versions(visit.service.ledger, "catalog")[:SHOWN],
    )


def _problems(refused: Refusal | None) -> list[dict[str, Any]]:
    """Each by where it is, in the file's words, and what is wrong."""
    found: Any = refused.fields.get("problems", []) if refused else []
    return list(found)


def _too_large(read: Catalog) -> Refusal | None:
    try:
        document_of(read)
    except Refused as err:
        return err.refusal
    return None


def _unpacked(draft: str) -> bytes:
    """The file that a page carried; raises `form_outdated` for what no page of ours carries."""
    unpack = zlib.decompressobj()
    try:
        data = unpack.decompress(base64.b64decode(draft, validate=True), LARGEST)
    except (zlib.error, binascii.Error, ValueError) as err:
        raise _no_draft() from err
    if not unpack.eof:
        raise _no_draft()
    return data


def _no_draft() -> Refused:
    return Refused(Refusal("form_outdated", "the form does not carry the file that was compared"))


def _invalid(detail: Words) -> Refused:
    return Refused(Refusal("catalog_invalid", detail, {"path": None, "line": None, "problems": []}))
