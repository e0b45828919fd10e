"""What customers download or get by post under an agreement: the grants that were signed, and files without a key."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from django.http import HttpResponse

from volact.errors import Refused
from volact.licensing.agreements import entitled
from volact.licensing.catalog import Product
from volact.service.ledger import listing
from volact.service.ledger.rows import AgreementRow, KeyRow
from volact.service.pages.look import HEADERS
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog, publisher_file
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.granting import MediaOrder, make_media
from volact.service.usecases.names import misused

KINDS = ("setup", "oem")  # of keys that lie on media


@dataclass(frozen=True, slots=True)
class Medium:
    """One product by one kind of key: the newest key that opens it, and when its newest grant was signed."""

    product: Product
    kind: str
    key: KeyRow | None
    signed: int | None


@page(Right.OFFICE)
def of_agreement(visit: Visit, licensing_id: str) -> HttpResponse:
    """The products that come by media or download, and their grant with the publisher file."""
    row = known_agreement(visit.service, licensing_id)
    if visit.request.method == "POST":
        try:
            return _files(visit, row)
        except Refused as err:
            return _shown(visit, row, refused=err)
    return _shown(visit, row)


def _files(visit: Visit, row: AgreementRow) -> HttpResponse:
    kind = visit.posted("kind")
    if kind not in KINDS:
        raise misused(f"media are made for keys of the kinds {' and '.join(KINDS)}")
    order = MediaOrder(licensing_id=row.licensing_id, product=visit.posted("product"), kind=kind)
    made = visit.write(lambda service, act: make_media(service, order, act=act))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("publisher.volact", publisher_file(visit.service)[0])
        file.writestr(f"{made.product.id}.grant", made.grant)
    name = f"{made.product.id}-{row.licensing_id}.zip"
    said = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "application/zip"}
    return HttpResponse(packed.getvalue(), headers=HEADERS | said)


def _shown(visit: Visit, row: AgreementRow, *, refused: Refused | None = None) -> HttpResponse:
    catalog = current_catalog(visit.service).catalog
    claimed = entitled(catalog, row.program, licenses=row.licenses)
    keys = listing.media_keys(visit.service.ledger, row.licensing_id)
    signed = listing.grants_signed(visit.service.ledger, row.licensing_id)
    media = [
        Medium(product, kind, keys.get((product.id, kind)), signed.get((product.id, kind)))
        for product in catalog.products.values()
        if product.id in claimed
        for kind in KINDS
        if kind in product.kinds
    ]
    return visit.page(
        "office/media.html",
        status=422 if refused else 200,
        refused=refused.refusal if refused else None,
        row=row,
        owner=known_organization(visit.service, row.organization_id),
        media=media,
        shows_keys=catalog.programs[row.program].shows_keys,
    )
