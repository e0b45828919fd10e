"""What needs somebody in an organization: each thing with its number, its day, and the act that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from volact.licensing.agreements import day_of
from volact.licensing.catalog import Catalog
from volact.licensing.forecast import level_of
from volact.service.ledger import watch
from volact.service.ledger.rows import KeyRow
from volact.service.ledger.watch import WatchedHost
from volact.service.pages.look import day, isoday, number
from volact.service.pages.portal.agreements import AgreementLine, agreement_lines
from volact.service.pages.portal.hosts import SOON_DAYS
from volact.service.pages.portal.sight import Sight, request_address
from volact.service.pages.visit import Visit
from volact.service.pages.words import kind
from volact.service.roles import Right
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.showing import paces_of

MOST = 5  # of each sort
CLONE_DAYS = 30
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that needs a person: `kind` is bad, warn or idle; `address` is of the act that mends it."""

    kind: str
    title: str
    text: str
    address: str
    act: str


def matters(visit: Visit, sight: Sight) -> list[Matter]:
    """What needs attention, the worst first."""
    lines = agreement_lines(visit.service, sight, now=visit.now)
    found = [*_keys(visit, lines), *_hosts(visit, lines), *_clones(visit, lines), *_agreements(visit, lines)]
    return sorted(found, key=lambda each: ("bad", "warn", "idle").index(each.kind))


def _keys(visit: Visit, lines: list[AgreementLine]) -> Iterator[Matter]:
    service, catalog = visit.service, current_catalog(visit.service).catalog
    rows = watch.nearly_used(service.ledger, _ids(lines), limit=MOST)
    paces = paces_of(service, rows)
    for row in rows:
        pace, name = paces[row.keyid], _named(catalog, row.product)
        if row.kind == "host":
            yield _places(visit, row, name=name)
            continue
        if not row.remaining:
            title = _("The %(kind)s for %(product)s is used up")
        elif pace.runs_out is None:
            title = _("The %(kind)s for %(product)s is nearly used up")
        else:
            title = _("The %(kind)s for %(product)s runs out on about %(day)s")
        words = {"kind": kind(row.kind), "product": name, "day": isoday(pace.runs_out) if pace.runs_out else ""}
        text = ngettext(
            "%(left)s of %(num)s activation is left, and %(pace)s a day are used. Under %(id)s.",
            "%(left)s of %(num)s activations are left, and %(pace)s a day are used. Under %(id)s.",
            row.allowance,
        )
        told = {"left": number(row.remaining), "num": number(row.allowance), "pace": number(pace.per_day)}
        more = max(row.allowance // 5, 1)
        ask = request_address(visit, kind="raise", keyid=row.keyid, number=more)
        act = _("Ask for %(number)s more") % {"number": number(more)}
        yield _mended(
            visit,
            Matter(_mood(row), title % words, text % {**told, "id": row.licensing_id}, ask, act),
            row=row,
        )


def _places(visit: Visit, row: KeyRow, *, name: str) -> Matter:
    title = _("The host key for %(product)s has set up %(used)s of %(allowance)s hosts")
    text = _(
        "A further host is refused once all places are taken; the activation center frees or adds one. Under %(id)s."
    )
    told = {"product": name, "used": number(row.used), "allowance": number(row.allowance)}
    ask = request_address(visit, kind="host", keyid=row.keyid)
    mood = "warn" if not row.remaining else "idle"
    return _mended(
        visit, Matter(mood, title % told, text % {"id": row.licensing_id}, ask, _("Ask for a place")), row=row
    )


def _hosts(visit: Visit, lines: list[AgreementLine]) -> Iterator[Matter]:
    """Hosts renew their certificate long before it ends; one that is near the end has not been heard of."""
    service, catalog = visit.service, current_catalog(visit.service).catalog
    soon = visit.now + SOON_DAYS * _DAY
    for host in watch.hosts_ending(service.ledger, _ids(lines), before=soon, limit=MOST):
        silent = (visit.now - host.seen_at) // _DAY
        title = ngettext(
            "Host %(id)s has been silent for %(num)s day", "Host %(id)s has been silent for %(num)s days", silent
        )
        yield Matter(
            "bad" if host.expires <= visit.now else "warn",
            title % {"id": host.host_id, "num": number(silent)},
            _silence(host, now=visit.now) % {"product": _named(catalog, host.product), "day": day(host.expires)},
            reverse("portal-hosts", kwargs={"organization_id": visit.organization_id}),
            _("See the host"),
        )


def _silence(host: WatchedHost, *, now: int) -> str:
    if host.expires <= now:
        return _(
            "Its certificate for %(product)s ended on %(day)s: no computer is activated or renewed there any more."
        )
    return _("Its certificate for %(product)s ends on %(day)s; until then it goes on, after that it activates nobody.")


def _clones(visit: Visit, lines: list[AgreementLine]) -> Iterator[Matter]:
    service, catalog = visit.service, current_catalog(visit.service).catalog
    since = visit.now // _DAY - CLONE_DAYS
    for found in watch.clones(service.ledger, _ids(lines), since=since):
        title = ngettext(
            "A host of %(product)s was refused as a clone %(num)s time",
            "A host of %(product)s was refused as a clone %(num)s times",
            found.times,
        )
        yield Matter(
            "warn",
            title % {"product": _named(catalog, found.product), "num": number(found.times)},
            _("Two machines were started from one image of a host. Only one of them goes on; set the other up anew."),
            _key_page(visit, found.keyid),
            _("See the key"),
        )


def _agreements(visit: Visit, lines: list[AgreementLine]) -> Iterator[Matter]:
    for line in lines:
        row, here = line.row, {"organization_id": visit.organization_id, "licensing_id": line.row.licensing_id}
        address, act = reverse("portal-agreement", kwargs=here), _("See the agreement")
        told = {
            "program": line.program,
            "id": row.licensing_id,
            "day": isoday(row.valid_until) if row.valid_until else "",
        }
        if line.standing == "ends":
            title = _("%(program)s %(id)s ends on %(day)s")
            text = _("Its keys go on working; after that day none is given or raised under it.")
            yield Matter("warn", title % told, text, address, act)
        elif line.standing == "ended" and row.valid_until and row.valid_until > day_of(visit.now - 30 * _DAY):
            title = _("%(program)s %(id)s ended on %(day)s")
            text = _("Its keys go on working; none is given or raised under it any more.")
            yield Matter("warn", title % told, text, address, act)
        elif line.standing == "valid" and not line.keys and not line.by_grant:
            title = _("%(program)s %(id)s has no keys yet")
            yield Matter("idle", title % told, _("The activation center gives out the first one."), address, act)


def _mended(visit: Visit, matter: Matter, *, row: KeyRow) -> Matter:
    """With the way to ask for more for whoever may ask, else to the key."""
    if visit.may(Right.MANAGE):
        return matter
    return Matter(matter.kind, matter.title, matter.text, _key_page(visit, row.keyid), _("See the key"))


def _mood(row: KeyRow) -> str:
    return "bad" if (level_of(row.allowance, row.used) or 0) >= 95 else "warn"


def _key_page(visit: Visit, keyid: str) -> str:
    return reverse("portal-key", kwargs={"organization_id": visit.organization_id, "keyid": keyid})


def _named(catalog: Catalog, product: str) -> str:
    return catalog.products[product].name if product in catalog.products else product


def _ids(lines: list[AgreementLine]) -> list[str]:
    return [line.row.licensing_id for line in lines]
