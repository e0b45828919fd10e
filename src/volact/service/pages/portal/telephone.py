"""Activation without a network: an installation ID typed, pasted or scanned, and the confirmation read back (F44)."""

from __future__ import annotations

from django.http import HttpResponse

from volact.credential.encoding import PASSED_OVER
from volact.credential.telephone.installation import FORMS
from volact.errors import Refusal, Refused
from volact.service.pages.codes import photographed, qr_code
from volact.service.pages.portal.keyrows import center_of
from volact.service.pages.portal.sight import sight_of
from volact.service.pages.visit import Visit, hall_of, page
from volact.service.pages.words import confirmation_code
from volact.service.ports import Service
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.telephoning import Confirmed, confirm_installation

CHANNEL = "portal"
_LONGEST = 400


@page(Right.KEYS)
def telephone(visit: Visit) -> HttpResponse:
    """The form, and what follows from it: the confirmation, or the groups that are wrong."""
    typed = visit.posted("installation_id")[:_LONGEST]
    if visit.request.method != "POST":
        return _page(visit, typed)
    try:
        typed = typed or _photographed(visit)
        given = _confirm(visit, typed)
    except Refused as err:
        if err.code not in ("code_unreadable", "installation_id_mistyped", "key_unknown"):
            raise
        return _page(visit, typed, refused=err.refusal)
    catalog = current_catalog(visit.service).catalog
    known = catalog.products.get(given.promised.key.product)
    return visit.page(
        "portal/confirmed.html",
        given=given.confirmation,
        promised=given.promised,
        installation=given.installation,
        product=known.name if known else given.promised.key.product,
        code=qr_code(given.confirmation.qr, title=confirmation_code()),
    )


def _photographed(visit: Visit) -> str:
    """What the photograph says that was sent instead; empty where none was."""
    sent = visit.request.FILES.get("photo")
    if sent is None:
        return ""
    said = photographed(sent.read())
    if said is None:
        raise Refused(Refusal("code_unreadable", "no code could be read on the photograph"))
    return said[:_LONGEST]


def _confirm(visit: Visit, text: str) -> Confirmed:
    """Not in one transaction with anything else: a refusal stays on record, and counts."""
    act, member_id, here = visit.act, visit.member.member_id, visit.organization_id

    def work(service: Service) -> Confirmed:
        visit.check_seat(service)
        seen = sight_of(service, here)
        return confirm_installation(service, text, act=act, channel=CHANNEL, caller=member_id, seen=seen)

    return hall_of(visit.request).write(work)


def _page(visit: Visit, typed: str, *, refused: Refusal | None = None) -> HttpResponse:
    service, here = visit.service, visit.organization_id
    centers = current_catalog(service).catalog.centers
    return visit.page(
        "portal/telephone.html",
        status=422 if refused else 200,
        typed=typed,
        groups=_groups(typed, refused=refused),
        refused=refused,
        center=center_of(service, here),
        centers=centers,
    )


def _groups(typed: str, *, refused: Refusal | None) -> list[tuple[str, bool]]:
    """What was typed, group by group, and which of them are wrong; nothing where groups cannot be told apart."""
    form, symbols = FORMS.form(typed), "".join(sign for sign in typed if sign not in PASSED_OVER)
    if refused is None or len(symbols) != form.groups * form.size:
        return []
    wrong = refused.fields.get("groups", ())
    groups = [symbols[place : place + form.size] for place in range(0, len(symbols), form.size)]
    return [(group, number in wrong) for number, group in enumerate(groups, 1)] if isinstance(wrong, list) else []
