"""Which keys may be installed on a computer, and which on a host."""

from __future__ import annotations

from volact.errors import Refusal, Words, say
from volact.licensing.catalog import Catalog, Product, ProductGroup
from volact.licensing.kinds import kind_word


def check_install(catalog: Catalog, kind: str, *, number: int | None, product: str, channel: str) -> Refusal | None:
    """Whether a key of this kind and product group number may be installed for a product sold in a channel.

    In this order: a host key is for hosts alone, the kind must suit the channel (a trial key suits each), and the key
    must be for the product.
    `number` is None where a computer is turned back into a client of a host without a key.
    """
    known = catalog.products.get(product)
    if known is None:
        return unknown_product(product)
    if kind == "host":
        detail = say(
            "this is a host key; it belongs on an activation host, not on a computer with {product}",
            product=known.name,
        )
        return Refusal("key_wrong_kind", detail, {"kind": kind, "product": known.id})
    if kind == "generic" and known.needs != "activation":
        return _no_client(known)
    if kind != "trial" and _channel_of(kind) != channel:
        return _wrong_channel(known, kind, channel=channel)
    if number is None:
        return None
    return _wrong_product(catalog, known, kind=kind, number=number)


def check_host_key(catalog: Catalog, kind: str, *, number: int) -> ProductGroup | Refusal:
    """The product group of a key that is to be installed on a host; only host keys belong there.

    A group that this host's catalog does not have asks for a newer one (`host_update_required`).
    """
    if kind != "host":
        detail = say("this is {key}; an activation host takes a host key", key=_named(kind))
        return Refusal("key_wrong_kind", detail, {"kind": kind})
    group = catalog.group_by_number(number)
    if group is None:
        detail = say(
            "the key is for a product group that this host's catalog does not have; `volact host update` may bring it"
        )
        return Refusal("host_update_required", detail, {"update": None})
    return group


def products_for(catalog: Catalog, kind: str, *, number: int) -> tuple[str, ...]:
    """The ids of the products that a key of this kind and product group number can be installed for."""
    return tuple(
        product.id
        for product in catalog.products.values()
        if kind != "host" and _wrong_product(catalog, product, kind=kind, number=number) is None
    )


def unknown_product(product: str) -> Refusal:
    """The refusal of a product that the catalog does not have."""
    return Refusal(
        "unknown_product", say('the catalog has no product "{product}"', product=product), {"product": product}
    )


def _channel_of(kind: str) -> str:
    """The one channel whose installations take a key of that kind."""
    return kind if kind in ("retail", "oem") else "volume"


def _wrong_channel(product: Product, kind: str, *, channel: str) -> Refusal:
    if channel == "volume":
        detail = say(
            "this is {key}, but {product} is installed from volume media; it takes {ways}",
            key=_named(kind),
            product=product.name,
            ways=_volume_ways(product),
        )
    elif _channel_of(kind) == "volume":
        detail = say(
            "{product} is installed for the {channel} channel; volume activation serves volume editions only: "
            "install the volume edition, or use the {channel} product's own key",
            product=product.name,
            channel=kind_word(channel),
        )
    else:
        detail = say(
            "this is {key}, but {product} is installed for the {channel} channel; "
            "use the key that came with this installation",
            key=_named(kind),
            product=product.name,
            channel=kind_word(channel),
        )
    return Refusal("wrong_channel", detail, {"channel": channel, "kind": kind, "product": product.id})


def _named(kind: str) -> Words:
    return say("an OEM key") if kind == "oem" else say("a {kind} key", kind=kind_word(kind))


def _no_client(product: Product) -> Refusal:
    """A product that no host serves cannot be made a client of one."""
    if product.needs == "setup":
        detail = say("{product} needs a setup key, and no host activates it", product=product.name)
    else:
        detail = say("{product} needs no key at all, and no host activates it", product=product.name)
    return Refusal("key_wrong_product", detail, {"product": product.id})


def _volume_ways(product: Product) -> Words:
    if product.needs == "setup":
        return say("the setup key of its media")
    return say("a volume key or a host") if "host" in product.kinds else say("a volume key")


def _wrong_product(catalog: Catalog, product: Product, *, kind: str, number: int) -> Refusal | None:
    fields: dict[str, object] = {"product": product.id}
    group = catalog.group_by_number(number)
    if group is None:
        detail = say("the key is for a product group that this catalog does not have; a newer catalog may")
        return Refusal("key_wrong_product", detail, fields)
    if group.id != product.group:
        detail = say(
            "the key is for {group}, and {product} takes a key of its own", group=group.name, product=product.name
        )
        return Refusal("key_wrong_product", detail, {**fields, "product_group": group.id})
    if kind not in product.kinds and kind != "generic":
        detail = say(
            'the key is for {group}, but {product} takes no key of kind "{kind}"',
            group=group.name,
            product=product.name,
            kind=kind_word(kind),
        )
        return Refusal("key_wrong_product", detail, {**fields, "product_group": group.id})
    return None
