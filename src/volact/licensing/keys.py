"""Which keys may be issued for a product, and which may be installed on a computer."""

from __future__ import annotations

from msgspec import Struct

from volact.errors import Refusal
from volact.licensing.agreements import check_dates
from volact.licensing.catalog import VOLUME_KINDS, Catalog, Product, ProductGroup

BUILT_KINDS = ("mak", "host", "retail")
_CLIENT_KINDS = ("generic", "mak", "retail")


class Offer(Struct, frozen=True):
    """What a key is made for: the product group that it carries, and its kind."""

    group: ProductGroup
    kind: str


def check_issue(
    catalog: Catalog, product: str, *, kind: str, valid_from: str | None, valid_until: str | None, today: str
) -> Offer | Refusal:
    """Whether a key of this kind may be given for a product today, and for which product group it is then made.

    Days are ISO texts. A host key may belong to another group than the product, which the catalog's `host_group` names.
    """
    known = catalog.products.get(product)
    if known is None:
        return unknown_product(product)
    if kind not in known.kinds or kind not in BUILT_KINDS:
        return _kind_not_offered(known, kind)
    ended = check_dates(valid_from, valid_until, today=today)
    if ended is not None:
        return ended
    group = catalog.product_groups[known.group]
    return Offer(catalog.product_groups[group.host_key_group] if kind == "host" else group, kind)


def check_install(catalog: Catalog, kind: str, *, number: int | None, product: str, channel: str) -> Refusal | None:
    """Whether a key of this kind and product group number may be installed for a product sold in a channel.

    In this order: the kind must be one that a computer takes, it must suit the channel, and it must be for the product.
    `number` is None where a computer is turned back into a client of a host without a key.
    """
    known = catalog.products.get(product)
    if known is None:
        return unknown_product(product)
    if kind not in _CLIENT_KINDS:
        return _wrong_kind(known, kind)
    if (kind in VOLUME_KINDS) != (channel == "volume"):
        return _wrong_channel(known, kind, channel=channel)
    if number is None:
        return None
    return _wrong_product(catalog, known, kind=kind, number=number)


def check_host_key(catalog: Catalog, kind: str, *, number: int) -> ProductGroup | Refusal:
    """The product group of a key that is to be installed on a host; only host keys belong there.

    A group that this host's catalog does not have asks for a newer one (`host_update_required`).
    """
    if kind != "host":
        detail = f"this is a {kind} key; an activation host takes a host key"
        return Refusal("key_wrong_kind", detail, {"kind": kind})
    group = catalog.group_by_number(number)
    if group is None:
        detail = (
            "the key is for a product group that this host's catalog does not have; `volact host update` may bring it"
        )
        return Refusal("host_update_required", detail, {"update": None})
    return group


def products_for(catalog: Catalog, kind: str, *, number: int) -> tuple[str, ...]:
    """The ids of the products that a key of this kind and product group number can be installed for."""
    return tuple(
        product.id
        for product in catalog.products.values()
        if kind in _CLIENT_KINDS and _wrong_product(catalog, product, kind=kind, number=number) is None
    )


def unknown_product(product: str) -> Refusal:
    """The refusal of a product that the catalog does not have."""
    return Refusal("unknown_product", f'the catalog has no product "{product}"', {"product": product})


def _kind_not_offered(product: Product, kind: str) -> Refusal:
    offered = [word for word in product.kinds if word in BUILT_KINDS]
    instead = f"offered are: {', '.join(offered)}" if offered else "no key is given for it here"
    detail = f'kind "{kind}" is not offered for {product.name}; {instead}'
    return Refusal("kind_not_offered", detail, {"kind": kind, "product": product.id, "kinds": offered})


def _wrong_kind(product: Product, kind: str) -> Refusal:
    if kind == "host":
        detail = f"this is a host key; it belongs on an activation host, not on a computer with {product.name}"
    else:
        detail = f'a key of kind "{kind}" activates nothing on a computer with {product.name}'
    return Refusal("key_wrong_kind", detail, {"kind": kind, "product": product.id})


def _wrong_channel(product: Product, kind: str, *, channel: str) -> Refusal:
    if channel == "volume":
        detail = (
            f"this is a retail key, but {product.name} is installed from volume media; it takes a volume key or a host"
        )
    else:
        detail = (
            f"{product.name} is installed for the {channel} channel; volume activation serves volume editions only: "
            f"install the volume edition, or use the {channel} product's own key"
        )
    return Refusal("wrong_channel", detail, {"channel": channel, "kind": kind, "product": product.id})


def _wrong_product(catalog: Catalog, product: Product, *, kind: str, number: int) -> Refusal | None:
    fields: dict[str, object] = {"product": product.id}
    group = catalog.group_by_number(number)
    if group is None:
        detail = "the key is for a product group that this catalog does not have; a newer catalog may"
        return Refusal("key_wrong_product", detail, fields)
    if group.id != product.group:
        detail = f"the key is for {group.name}, and {product.name} takes a key of its own"
        return Refusal("key_wrong_product", detail, {**fields, "product_group": group.id})
    if kind not in product.kinds and kind != "generic":
        detail = f'the key is for {group.name}, but {product.name} takes no key of kind "{kind}"'
        return Refusal("key_wrong_product", detail, {**fields, "product_group": group.id})
    return None
