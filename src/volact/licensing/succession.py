"""Which edits of a catalog keep every promise that was issued under the one before.

Keys carry a product group's number, activations and leases a product's id, agreements a program's id. What stands in
one of those has to stay; names, figures, thresholds, platforms and allowances are the publisher's to change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from volact.errors import Refusal, Words, say
from volact.licensing.agreements import levels_of
from volact.licensing.catalog import Catalog
from volact.licensing.tables import first_of, step


def check_successor(
    old: Catalog,
    new: Catalog,
    *,
    issued_groups: Collection[str],
    issued_products: Collection[str],
    issued_programs: Collection[tuple[str, str | None]],
) -> Refusal | None:
    """Refuses (`catalog_invalid`) an edit that breaks a key, an activation, a lease or an agreement already issued.

    `issued_groups` are those that keys were issued for, `issued_products` those that were activated, bought or named by
    a grant, and `issued_programs` those that agreements were made under, each with the price level of one.
    """
    groups = _kept_groups(old, issued_groups)
    named = set(issued_products) | {product.id for product in old.products_of(tuple(groups))}
    problems = [
        *_broken_groups(old, new, groups=groups, issued=issued_groups),
        *_broken_products(old, new, products=[product for product in old.products if product in named]),
        *_broken_programs(old, new, agreed=issued_programs),
    ]
    if not problems:
        return None
    path, reason = problems[0]
    listed = [{"path": path, "line": None, "reason": str(reason)} for path, reason in problems]
    detail = first_of(say("{path}: {reason}", path=path, reason=reason), len(problems))
    return Refusal("catalog_invalid", detail, {"path": path, "line": None, "problems": listed})


def _kept_groups(old: Catalog, issued: Collection[str]) -> list[str]:
    """Issued groups, and those that a host key of one of them serves: their computers may hold leases."""
    kept = {served for group in issued if group in old.product_groups for served in old.groups_of_host_key(group)}
    return [group for group in old.product_groups if group in kept]


def _broken_groups(
    old: Catalog, new: Catalog, *, groups: Collection[str], issued: Collection[str]
) -> Iterator[tuple[str, Words]]:
    for group in groups:
        before, after, path = old.product_groups[group], new.product_groups.get(group), step("product_groups", group)
        if after is None:
            yield path, say("is gone, but keys that were issued serve this product group")
            continue
        if after.number != before.number:
            was, now = before.number, after.number
            reason = say("changed from {before} to {after}, which stands in keys", before=was, after=now)
            yield f"{path}.number", reason
        for kind in before.kinds:
            if group in issued and kind not in after.kinds:
                yield f"{path}.kinds", say('lost "{kind}", but keys were issued for this product group', kind=kind)


def _broken_products(old: Catalog, new: Catalog, *, products: Collection[str]) -> Iterator[tuple[str, Words]]:
    for product in products:
        before, after, path = old.products[product], new.products.get(product), step("products", product)
        if after is None:
            yield path, say("is gone, but keys that were issued are for this product")
            continue
        if after.group != before.group:
            was, now = before.group, after.group
            reason = say('changed from "{before}" to "{after}", but keys were issued', before=was, after=now)
            yield f"{path}.group", reason
        for kind in before.kinds:
            if kind not in after.kinds:
                reason = say('lost "{kind}", but keys that were issued are for this product', kind=kind)
                yield f"{path}.kinds", reason


def _broken_programs(
    old: Catalog, new: Catalog, *, agreed: Collection[tuple[str, str | None]]
) -> Iterator[tuple[str, Words]]:
    for program in sorted({name for name, _ in agreed} - set(new.programs)):
        yield step("programs", program), say("is gone, but agreements were made under this program")
    for program, level in sorted((name, level) for name, level in agreed if level and name in new.programs):
        lost = level not in levels_of(new.programs[program])
        if lost and program in old.programs and level in levels_of(old.programs[program]):
            path = step("programs", program) + ".allowance.by_level"
            yield path, say('lost "{level}", but agreements of this level were made under the program', level=level)
