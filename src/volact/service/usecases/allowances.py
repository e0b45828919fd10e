"""What keys allow, and why: for whoever plans a roll-out or asks where a number comes from."""

from __future__ import annotations

from dataclasses import dataclass

from volact.errors import Refusal, Refused, say
from volact.licensing.agreements import entitled
from volact.licensing.allowance import Grounds, Rollout, check_rollout, explain
from volact.licensing.catalog import UNCOUNTED, Center, ProductGroup
from volact.licensing.issuing import check_offer, check_sold, offered_kinds
from volact.licensing.kinds import kind_word
from volact.service.ledger.connection import reading
from volact.service.ledger.rows import AgreementRow, KeyRow
from volact.service.ports import Service
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import holding_of, known_agreement, known_organization
from volact.service.usecases.keys import known_key

_TAKES_NOTHING = ("host", *UNCOUNTED)


@dataclass(frozen=True, slots=True)
class Checked:
    """A key, what a roll-out over so many computers takes from it, and the center to call where it is not enough."""

    key: KeyRow
    rollout: Rollout
    center: Center | None


def allowance_of(service: Service, licensing_id: str, *, product: str) -> Grounds:
    """How many activations a new multiple activation key gets under a Licensing ID, and why.

    Raises Refused: `unknown_agreement`, `unknown_product`, `kind_not_offered`, `entry_retired`, `units_required`.
    """
    with reading(service.ledger):
        agreement = known_agreement(service, licensing_id)
        catalog = current_catalog(service).catalog
    refused = check_offer(catalog, product, kind="mak", holding=holding_of(agreement))
    if refused:
        raise Refused(refused)
    return explain(catalog, agreement.program, level=agreement.level, licenses=agreement.licenses, product=product)


def every_allowance(service: Service, agreement: AgreementRow) -> tuple[tuple[ProductGroup, Grounds], ...]:
    """What a new multiple activation key gets of each product group that an agreement has them for, and why.

    Inside the caller's transaction; in the catalog's order.
    """
    catalog = current_catalog(service).catalog
    claimed = entitled(catalog, agreement.program, licenses=agreement.licenses)
    found: dict[str, tuple[ProductGroup, Grounds]] = {}
    for product in catalog.products.values():
        offered = product.id in claimed and "mak" in offered_kinds(product) and check_sold(product) is None
        if offered and product.group not in found:
            grounds = explain(
                catalog, agreement.program, level=agreement.level, licenses=agreement.licenses, product=product.id
            )
            found[product.group] = (catalog.product_groups[product.group], grounds)
    return tuple(found.values())


def rollout_check(service: Service, keyid: str, *, computers: int) -> Checked:
    """Whether what remains of a key is enough for so many computers.

    Raises Refused: `key_unknown`, `key_wrong_kind` for a key that takes nothing for a computer, `key_blocked`, `usage`.
    """
    with reading(service.ledger):
        key = known_key(service, keyid)
        rollout = _rollout(key, computers)
        agreement = known_agreement(service, key.licensing_id)
        return Checked(key, rollout, center_of(service, agreement))


def center_of(service: Service, agreement: AgreementRow) -> Center | None:
    """The activation center to call about an agreement, inside the caller's transaction."""
    country = known_organization(service, agreement.organization_id).country
    return current_catalog(service).catalog.center_for(country)


def _rollout(key: KeyRow, computers: int) -> Rollout:
    if key.kind in _TAKES_NOTHING:
        word = kind_word(key.kind)
        detail = say("a {kind} key takes nothing for a computer, so nothing can run short", kind=word)
        raise Refused(Refusal("key_wrong_kind", detail, {"kind": key.kind}))
    if key.state != "active":
        blocked = say("the key is blocked, and activates no further computer")
        detail = say("the key is revoked, and activates no further computer") if key.state == "revoked" else blocked
        raise Refused(Refusal("key_blocked", detail, {"keyid": key.keyid}))
    rollout = check_rollout(key.remaining, computers)
    if isinstance(rollout, Refusal):
        raise Refused(rollout)
    return rollout
