"""What the agreements let download: setup keys beside it with the note to write them down, and what comes by post (F03,
F39, F40)."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from volact.errors import Refusal, Refused
from volact.licensing.agreements import check_dates, day_of, entitled
from volact.licensing.catalog import Catalog, Product
from volact.licensing.issuing import check_offer, check_shown, offered_kinds
from volact.service.ledger import keys
from volact.service.ledger.rows import AgreementRow, KeyRow
from volact.service.pages import look
from volact.service.pages.accounts.factor import take_showings, with_factor
from volact.service.pages.portal.keyrows import center_of
from volact.service.pages.portal.sight import request_address, seen_agreement, sight_of
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.sleeve import Tongue, sleeve
from volact.service.sleevepage import sleeve_page
from volact.service.usecases.catalogs import current_catalog, publisher_file
from volact.service.usecases.customers import holding_of, known_agreement
from volact.service.usecases.granting import MediaOrder, make_media, record_delivery


@dataclass(frozen=True, slots=True)
class Offered:
    """A product under an agreement: the setup key that opens it where there is one, else how it is activated.

    `held` says who has its setup key where no face shows it: `center` or `media`; `is_given` that key and grant are
    downloaded in one step.
    """

    product: Product
    setup: KeyRow | None
    held: str | None
    is_given: bool

    @property
    def by_post(self) -> bool:
        """Whether its media are sent by post only."""
        return self.product.media == "post"

    @property
    def ways(self) -> tuple[str, ...]:
        """The kinds of key that activate it."""
        return tuple(kind for kind in offered_kinds(self.product) if kind in ("mak", "host", "cal"))


@page(Right.REPORTS)
def downloads(visit: Visit) -> HttpResponse:
    """The products of one Licensing ID at a time, the first one unless another is asked for."""
    service, here = visit.service, visit.organization_id
    sight = sight_of(service, here)
    asked = visit.asked("licensing_id")
    chosen = asked if asked in sight else next(iter(sight), None)
    agreement = known_agreement(service, chosen) if chosen else None
    catalog = current_catalog(service).catalog
    refused = _dates(agreement, now=visit.now) if agreement else None
    return visit.page(
        "portal/downloads.html",
        sight=sight,
        agreement=agreement,
        program=catalog.programs.get(agreement.program) if agreement else None,
        refused=refused,
        offered=_offered(service, agreement, is_open=refused is None) if agreement else [],
        center=center_of(service, here),
        ask=request_address(visit, kind="setup"),
    )


@page(Right.REPORTS)
def publisher(visit: Visit) -> HttpResponse:
    """The publisher file, by which computers know whom to believe; nothing in it is secret."""
    return _attached(publisher_file(visit.service)[0], name="publisher.volact", media="application/octet-stream")


@page(Right.KEYS)
@with_factor
def download(visit: Visit, licensing_id: str, *, product: str) -> HttpResponse:
    """Key and grant in one step: what `volact service media --download` writes, as one archive.

    Without a form it leads to where that form is, as after a second factor that was asked for.
    """
    if visit.request.method != "POST":
        where = reverse("portal-downloads", kwargs={"organization_id": visit.organization_id})
        return HttpResponseRedirect(f"{where}?{urlencode({'licensing_id': licensing_id})}")
    tongue = look.tongue()
    data = visit.write(
        lambda service, act: _archive(
            visit, service, licensing_id=licensing_id, product=product, tongue=tongue, act=act
        )
    )
    return _attached(data, name=f"{product}.zip", media="application/zip")


def _archive(visit: Visit, service: Service, *, licensing_id: str, product: str, tongue: Tongue, act: Act) -> bytes:
    agreement = seen_agreement(service, licensing_id, organization_id=visit.organization_id)
    catalog = current_catalog(service).catalog
    refused = check_shown(catalog, product, kind="setup", program=agreement.program)
    if refused:
        raise Refused(refused)
    take_showings(visit, service, number=1, act=act)
    made = make_media(service, MediaOrder(licensing_id=licensing_id, product=product), act=act)
    record_delivery(service, made, how="as a download", act=act)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("publisher.volact", publisher_file(service)[0])
        archive.writestr(f"{product}.grant", made.grant)
        archive.writestr("key.txt", sleeve(made, download=True, tongue=tongue))
        archive.writestr("key.pdf", sleeve_page(made, download=True, at=act.now, tongue=tongue))
    return packed.getvalue()


def _offered(service: Service, agreement: AgreementRow, *, is_open: bool) -> list[Offered]:
    catalog = current_catalog(service).catalog
    if agreement.program not in catalog.programs:
        return []
    rows = keys.keys_of(service.ledger, agreement.licensing_id)
    setups = {row.product: row for row in rows if row.kind == "setup" and row.state == "active"}
    names = entitled(catalog, agreement.program, licenses=agreement.licenses)
    found = [product for product in catalog.products.values() if product.id in names]
    return [
        _one(catalog, product, agreement=agreement, setup=setups.get(product.id), is_open=is_open) for product in found
    ]


def _one(
    catalog: Catalog, product: Product, *, agreement: AgreementRow, setup: KeyRow | None, is_open: bool
) -> Offered:
    held = None
    if "setup" in product.kinds and check_shown(catalog, product.id, kind="setup", program=agreement.program):
        held = "media" if product.key_on_media else "center"
    refused = check_offer(catalog, product.id, kind="setup", holding=holding_of(agreement))
    return Offered(product, None if held else setup, held, is_open and held is None and refused is None)


def _dates(agreement: AgreementRow, *, now: int) -> Refusal | None:
    return check_dates(agreement.valid_from, agreement.valid_until, today=day_of(now))


def _attached(data: bytes, *, name: str, media: str) -> HttpResponse:
    headers = {**look.HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=media, headers=headers)
