"""Which keys may be issued for a product under an agreement, and for which product group they are then made."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from volact.errors import Refusal, in_turn, say
from volact.licensing.agreements import check_dates, check_entitled
from volact.licensing.catalog import Catalog, Product, ProductGroup
from volact.licensing.keys import unknown_product
from volact.licensing.kinds import kind_word


class Offer(Struct, frozen=True):
    """What a key is made for: the product group that it carries, and its kind."""

    group: ProductGroup
    kind: str


class Holding(Struct, frozen=True, kw_only=True):
    """What an agreement's keys follow from: its program, the licenses by product, its first and last day (ISO)."""

    program: str
    licenses: Mapping[str, int] = {}
    valid_from: str | None = None
    valid_until: str | None = None


def check_issue(
    catalog: Catalog, product: str, *, kind: str, holding: Holding, today: str, on_media: bool = False
) -> Offer | Refusal:
    """Whether a key of this kind may be given for a product today, and for which product group it is then made.

    A host key may belong to another group than the product, which the catalog's `host_group` names. `on_media` says
    that the key is to lie on the product's media, which is the only place for some setup keys.
    """
    refused = check_offer(catalog, product, kind=kind, holding=holding, on_media=on_media) or check_dates(
        holding.valid_from, holding.valid_until, today=today
    )
    if refused is not None:
        return refused
    group = catalog.group_of(product)
    return Offer(catalog.product_groups[group.host_key_group] if kind == "host" else group, kind)


def check_offer(
    catalog: Catalog, product: str, *, kind: str, holding: Holding, on_media: bool = False
) -> Refusal | None:
    """The same without the agreement's days.

    Refuses, in this order: `unknown_product`, `kind_not_offered`, `entry_retired`, `units_required`.
    """
    known = catalog.products.get(product)
    if known is None:
        return unknown_product(product)
    if kind not in offered_kinds(known, on_media=on_media):
        return _kind_not_offered(known, kind)
    return check_sold(known) or check_entitled(catalog, holding.program, licenses=holding.licenses, product=product)


def check_shown(catalog: Catalog, product: str, *, kind: str, program: str) -> Refusal | None:
    """Refuses (`key_not_shown`) a key that the activation center alone gives out (F11), or that is on media only (F40).

    What the catalog does not name any more is shown.
    """
    known, sold_by = catalog.products.get(product), catalog.programs.get(program)
    if known is not None and known.key_on_media and kind == "setup":
        detail = say("the setup key of {product} comes on its media and is shown nowhere else", product=known.name)
    elif sold_by is not None and not sold_by.shows_keys:
        detail = say("keys under {program} are given out by the activation center alone", program=sold_by.name)
    else:
        return None
    return Refusal("key_not_shown", detail, {"product": product, "program": program})


def check_sold(product: Product) -> Refusal | None:
    """Refuses (`entry_retired`) a product for which nothing new is given any more."""
    if not product.retired:
        return None
    detail = say("{product} is no longer sold; what was given for it before goes on working", product=product.name)
    return Refusal("entry_retired", detail, {"product": product.id})


def offered_kinds(product: Product, *, on_media: bool = False) -> tuple[str, ...]:
    """The kinds of key that are given for a product; a setup key that is printed on the media is given with it only."""
    hidden = product.key_on_media and not on_media
    return tuple(kind for kind in product.kinds if not (hidden and kind == "setup"))


def _kind_not_offered(product: Product, kind: str) -> Refusal:
    offered = offered_kinds(product)
    name, word, kinds = product.name, kind_word(kind), in_turn(", ", *map(kind_word, offered))
    if product.key_on_media and kind == "setup":
        detail = say("the setup key of {product} comes on its media and is given out in no other way", product=name)
    elif offered:
        detail = say(
            'kind "{kind}" is not offered for {product}; offered are: {kinds}', kind=word, product=name, kinds=kinds
        )
    else:
        detail = say('kind "{kind}" is not offered for {product}; no key is given for it', kind=word, product=name)
    fields = {
        "kind": kind,
        "product": product.id,
        "kinds": list(offered),
        "key_on_media": product.key_on_media,
    }
    return Refusal("kind_not_offered", detail, fields)
