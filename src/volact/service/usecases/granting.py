"""Grants for media and downloads: which setup keys, or keys of preinstalled products, open which product (F02, F03)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from volact.credential import jws
from volact.credential.claims import MOST_GRANT_KEYS, SETUP_TYP, Organization, SetupGrant, decode, encode
from volact.credential.encoding import crockford
from volact.credential.proof import proof_hash
from volact.licensing.catalog import Product
from volact.service.ledger import audit, grants, keys, settings
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import GrantRow, KeyRow
from volact.service.ports import Act, Service
from volact.service.signing import current_root, kid_in_force, signer_of
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.customers import known_agreement, known_organization
from volact.service.usecases.keys import Order, Plan, draw_keys, planned, put_keys, reveal


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaOrder:
    """What media are made for: a product under an agreement, and the kind of key that opens it, `setup` or `oem`."""

    licensing_id: str
    product: str
    kind: str = "setup"


@dataclass(frozen=True, slots=True)
class Media:
    """What lies on the media: the signed grant, and the newest of its keys, which is printed.

    `keyids` are the keys that the grant lists, the newest first; `left_out` counts older ones that did not fit in.
    """

    product: Product
    jti: str
    grant: str
    key: str
    row: KeyRow
    keyids: tuple[str, ...]
    left_out: int


def make_media(service: Service, order: MediaOrder, *, act: Act) -> Media:
    """Signs the grant for the agreement's active keys of that product; it issues one where there is none.

    The same content again is the same grant, as long as its signing key is believed. Raises Refused as issuing does.
    """
    asked = Order(licensing_id=order.licensing_id, product=order.product, kind=order.kind, on_media=True)
    with writing(service.ledger):
        plan = planned(service, asked, act=act)
        active = _active(service, order)
        if not active:
            drawn = draw_keys(service, asked, plan=plan, act=act)
            active = [put_keys(service, asked, plan=plan, drawn=drawn, act=act)[0].row]
        listed = active[:MOST_GRANT_KEYS]
        grant = _granted(service, order, plan=plan, listed=listed, act=act)
        product = current_catalog(service).catalog.products[order.product]
        key = reveal(service, listed[0])
    text = jws.sign_compact(grant.payload, typ=SETUP_TYP, signer=signer_of(service, grant.kid))
    keyids = tuple(row.keyid for row in listed)
    return Media(product, grant.jti, text, key, listed[0], keyids, len(active) - len(listed))


def record_delivery(service: Service, media: Media, *, how: str, act: Act) -> None:
    """Records how the key left the house (`on media`, `as a download`), once its files are written."""
    with writing(service.ledger):
        detail = {"product": media.product.id, "grant": media.jti}
        audit.write(service.ledger, act, what=f"delivered {how}", subject=media.row.keyid, detail=detail)


def _active(service: Service, order: MediaOrder) -> list[KeyRow]:
    """The agreement's keys that open the product, the newest first; blocked ones are on no media any more."""
    rows = keys.keys_of(service.ledger, order.licensing_id)
    mine = [row for row in rows if (row.kind, row.product, row.state) == (order.kind, order.product, "active")]
    return mine[::-1]


def _granted(service: Service, order: MediaOrder, *, plan: Plan, listed: list[KeyRow], act: Act) -> GrantRow:
    """The grant on record that says this already, or a new one, put on record."""
    at = settings.signing_time(service.ledger, service.clock)
    said = _said(service, order, plan=plan, listed=listed, at=at)
    usable = _usable(service)
    for row in grants.grants_of(service.ledger, order.licensing_id, product=order.product, kind=order.kind):
        before = decode(SetupGrant, row.payload)
        if row.kid in usable and msgspec.structs.replace(before, jti=said.jti, iat=said.iat) == said:
            return row
    kid = kid_in_force(current_root(service), "issuing", at=at)
    signer_of(service, kid)  # a lost key is found before anything is on record
    row = GrantRow(said.jti, order.licensing_id, order.product, order.kind, kid, encode(said), at)
    grants.add(service.ledger, row)
    detail = {"grant": row.jti, "product": order.product, "keys": [key.keyid for key in listed]}
    audit.write(service.ledger, act, what="grant signed", subject=order.licensing_id, detail=detail)
    return row


def _said(service: Service, order: MediaOrder, *, plan: Plan, listed: list[KeyRow], at: int) -> SetupGrant:
    owner = known_organization(service, known_agreement(service, order.licensing_id).organization_id)
    open_key = service.vault.envelope.open
    return SetupGrant(
        iss=plan.publisher,
        jti=crockford(int.from_bytes(service.draw(17), "big") >> 6, 26),
        iat=at,
        kind="oem" if order.kind == "oem" else "setup",
        product=order.product,
        group=plan.offer.group.id,
        licensing_id=order.licensing_id,
        keys=tuple(proof_hash(open_key(row.sealed_proof_key, row.keyid)) for row in listed),
        version=current_catalog(service).catalog.products[order.product].version,
        organization=Organization(owner.organization_id, owner.name),
    )


def _usable(service: Service) -> frozenset[str]:
    """The issuing keys that the vault holds and whose signatures are believed."""
    root = current_root(service)
    issuing = [key.public.kid for key in root.keys if key.role == "issuing" and key.state != "compromised"]
    return frozenset(kid for kid in issuing if service.vault.signer(kid) is not None)
