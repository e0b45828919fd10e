"""What may be done on a case, and why not where it may not: nothing that the record would refuse can be clicked."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from volact.credential.telephone.installation import InstallationId, read_installation_id
from volact.errors import Refusal
from volact.licensing.agreements import check_dates, day_of
from volact.licensing.catalog import UNCOUNTED, Catalog, Product
from volact.licensing.issuing import check_issue
from volact.service.ledger import customers, given, keys, pages, telephony
from volact.service.ledger.cases import CaseRow
from volact.service.ledger.given import GivenHost
from volact.service.ledger.pages import KeyFilter
from volact.service.ledger.rows import AgreementRow, KeyRow, OrganizationRow
from volact.service.pages import look
from volact.service.pages.accounts.factor import recent_factor
from volact.service.pages.center.staff import is_proved
from volact.service.pages.visit import Visit
from volact.service.pages.words import called
from volact.service.usecases.cases import proved_key
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import holding_of

ACTS = ("confirm", "raise", "slot", "give", "end", "block")
FIRST = {"raise": "raise", "host": "slot", "setup": "give", "lost": "end"}  # what a kind of case begins with
OFFERED = 100
GIVEN = ("setup", "mak", "host")


@dataclass(slots=True)
class Screen:
    """Everything that one act of a case is shown with."""

    row: CaseRow
    act: str
    catalog: Catalog
    organization: OrganizationRow | None = None
    agreement: AgreementRow | None = None
    keys: list[KeyRow] = field(default_factory=list)  # that the act can be on
    key: KeyRow | None = None
    hosts: list[GivenHost] = field(default_factory=list)
    product: Product | None = None
    kinds: list[tuple[str, Refusal | None]] = field(default_factory=list)  # of key, and why one is not given
    said: InstallationId | Refusal | None = None
    is_known: bool = False  # the installation ID is of a key here
    takes: int = 1
    why_not: str | None = None

    @property
    def center(self) -> object:
        """The center that the caller's country calls."""
        return self.catalog.center_for(self.organization.country if self.organization else None)


def screen(visit: Visit, row: CaseRow) -> Screen:
    """The screen of a case and of the act that the address names."""
    service, asked = visit.service, visit.request.GET
    wanted = str(asked.get("act", "")) or visit.posted("act")
    act = wanted if wanted in ACTS else FIRST.get(row.kind, "confirm")
    found = Screen(row, act, current_catalog(service).catalog)
    if row.organization_id:
        found.organization = customers.organization(service.ledger, row.organization_id)
    if row.licensing_id:
        found.agreement = customers.agreement(service.ledger, row.licensing_id)
    if act == "confirm":
        _add_installation(visit, found)
    elif found.agreement is not None:
        keyid = str(asked.get("keyid", "")) or visit.posted("keyid") or row.keyid or ""
        _add_keys(visit, found, agreement=found.agreement, keyid=keyid)
        if act == "give":
            product = str(asked.get("product", "")) or visit.posted("product") or row.product or ""
            _add_kinds(visit, found, agreement=found.agreement, product=product)
    found.why_not = _why_not_at_all(visit, row) or _why_not(visit, found)
    return found


def _add_installation(visit: Visit, found: Screen) -> None:
    """Which key an installation ID is of, and what confirming it takes."""
    if not found.row.digits:
        return
    found.said = read_installation_id(found.row.digits)
    key = proved_key(visit.service, found.row.digits)
    if isinstance(found.said, Refusal) or key is None:
        return
    found.key, found.is_known = key, True
    if key.kind == "host":
        found.hosts = _live_hosts(visit, key)
    if telephony.read(visit.service.ledger, key.keyid, dev=found.said.dev).activations:
        found.takes = 0


def _add_keys(visit: Visit, found: Screen, *, agreement: AgreementRow, keyid: str) -> None:
    """The keys that an act can be on, and the one that was chosen."""
    kind = "host" if found.act == "slot" else None
    rows = pages.keys(
        visit.service.ledger, KeyFilter(licensing_id=agreement.licensing_id, kind=kind), after=None, limit=OFFERED
    )
    found.keys = [key for _place, key in rows if _fits(found.act, key)]
    chosen = keys.key(visit.service.ledger, keyid) if keyid else None
    if chosen is not None and chosen.licensing_id == agreement.licensing_id and _fits(found.act, chosen):
        found.key = chosen
        found.keys = found.keys if chosen in found.keys else [chosen, *found.keys]
    elif found.keys:
        found.key = found.keys[0]
    if found.key is not None and found.key.kind == "host" and found.act in ("slot", "block"):
        found.hosts = _live_hosts(visit, found.key)


def _live_hosts(visit: Visit, key: KeyRow) -> list[GivenHost]:
    return [each for each in given.hosts_of(visit.service.ledger, key.keyid) if each.slot.live]


def _fits(act: str, key: KeyRow) -> bool:
    """Whether an act can be on a key."""
    if act == "raise":
        return key.kind not in UNCOUNTED
    return key.kind == "host" if act == "slot" else act == "block" and key.state != "revoked"


def _add_kinds(visit: Visit, found: Screen, *, agreement: AgreementRow, product: str) -> None:
    """Which keys for a product the agreement carries today."""
    found.product = found.catalog.products.get(product)
    if found.product is None:
        return
    for kind in GIVEN:
        offer = check_issue(found.catalog, product, kind=kind, holding=holding_of(agreement), today=day_of(visit.now))
        found.kinds.append((kind, offer if isinstance(offer, Refusal) else None))


def _why_not_at_all(visit: Visit, row: CaseRow) -> str | None:
    if row.state == "closed":
        return _("The case is closed.")
    if row.taken_by not in (None, visit.act.who):
        return _("%(name)s has the case.") % {"name": called(row.taken_by or "")}
    if not is_proved(visit):
        return _("Show your second factor first.")
    if not row.person or not row.proof:
        return _("First write down who is calling and what was shown as proof of purchase.")
    return None


def _why_not(visit: Visit, found: Screen) -> str | None:
    if found.act == "confirm":
        return _why_not_confirmed(found)
    if found.act == "end":
        return None
    if found.agreement is None:
        return _("First find the agreement that the caller is asking about.")
    if found.act == "give":
        if not recent_factor(visit):
            return _("Show your second factor first.")
        if found.kinds and all(refused for _kind, refused in found.kinds):
            return _("The agreement carries no key for this product.")
        return None if found.product else _("First choose the product.")
    if found.key is None:
        return {
            "raise": _("The agreement has no key that counts."),
            "slot": _("The agreement has no host key."),
            "block": _("The agreement has no key that could be blocked."),
        }[found.act]
    if found.act == "raise":
        refused = check_dates(found.agreement.valid_from, found.agreement.valid_until, today=day_of(visit.now))
        return look.said(refused.words) if refused else None
    if found.act == "slot" and not found.hosts:
        return _("No host has a place of this key, so none can be freed.")
    return None


def _why_not_confirmed(found: Screen) -> str | None:
    if found.said is None:
        return _("First type the installation ID.")
    if isinstance(found.said, Refusal):
        return _("The installation ID is not complete yet.")
    if found.key is None:
        return _(
            "Each group is right, and no key here has this installation ID: it was made with another publisher's key."
        )
    if not found.takes:
        return None
    if found.key.state != "active":
        return _("The key is blocked: it activates no further computer.")
    if found.key.kind == "mak" and found.key.remaining < 1:
        return _("The key is used up: raise it first.")
    return None
