"""What customers download or get by post under an agreement: the grants that were signed, and files without a key."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from django.http import HttpResponse

from volact.errors import Refusal, Refused, say
from volact.licensing.agreements import entitled
from volact.licensing.catalog import Product
from volact.service.ledger import listing
from volact.service.ledger.rows import AgreementRow, KeyRow
from volact.service.pages import look
from volact.service.pages.accounts.factor import ask_factor, recent_factor, take_showings
from volact.service.pages.look import HEADERS
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.sleeve import Tongue, sleeve
from volact.service.sleevepage import sleeve_page
from volact.service.usecases.catalogs import current_catalog, publisher_file
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.granting import Media, MediaOrder, make_media, record_delivery
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
    """The products that come by media or download; their grant with the publisher file, and by a second factor the
    sleeve with the printed key too."""
    row = known_agreement(visit.service, licensing_id)
    if visit.request.method != "POST":
        return _shown(visit, row)
    if visit.posted("do") == "sleeve" and not recent_factor(visit):
        return ask_factor(visit)
    try:
        return _files(visit, row)
    except Refused as err:
        return _shown(visit, row, refused=err)


def _files(visit: Visit, row: AgreementRow) -> HttpResponse:
    kind = visit.posted("kind")
    if kind not in KINDS:
        raise misused(say("media are made for keys of the kinds {one} and {other}", one=KINDS[0], other=KINDS[1]))
    order = MediaOrder(licensing_id=row.licensing_id, product=visit.posted("product"), kind=kind)
    with_key, tongue = visit.posted("do") == "sleeve", look.tongue()

    def work(service: Service, act: Act) -> bytes:
        if with_key:
            _check_held(service, row)
            take_showings(visit, service, number=1, act=act)
        made = make_media(service, order, act=act)
        if with_key:
            record_delivery(service, made, how="on media", act=act)
        return _packed(service, made, at=act.now, tongue=tongue if with_key else None)

    data = visit.write(work)
    said = {
        "Content-Disposition": f'attachment; filename="{order.product}-{row.licensing_id}.zip"',
        "Content-Type": "application/zip",
    }
    return HttpResponse(data, headers=HEADERS | said)


def _packed(service: Service, made: Media, *, at: int, tongue: Tongue | None) -> bytes:
    """What `volact service media` writes, as one archive; without the sleeve's language it holds no sleeve, no key."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("publisher.volact", publisher_file(service)[0])
        file.writestr(f"{made.product.id}.grant", made.grant)
        if tongue:
            file.writestr("sleeve.txt", sleeve(made, download=False, tongue=tongue))
            file.writestr("sleeve.pdf", sleeve_page(made, download=False, at=at, tongue=tongue))
    return packed.getvalue()


def _check_held(service: Service, row: AgreementRow) -> None:
    """Keys that the activation center alone gives out are in no file of a page (F11)."""
    program = current_catalog(service).catalog.programs[row.program]
    if not program.shows_keys:
        detail = say("keys under {program} are given out by the activation center alone", program=program.name)
        raise Refused(Refusal("key_not_shown", detail, {"program": program.id}))


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
