"""An agreement's days, program and licenses: when its Licensing ID may be given keys, and for which products.

Days are ISO texts (2026-11-24), counted in UTC; the first and the last one both belong to the agreement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

from volact.errors import Refusal, say
from volact.licensing.catalog import Catalog, Program

LEVELS = ("A", "B", "C", "D")  # those of a program that names none


def day_of(now: int) -> str:
    """The ISO day, in UTC, of a time in seconds since 1970."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def is_day(text: str) -> bool:
    """Whether a text is an ISO day that exists, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def levels_of(program: Program) -> tuple[str, ...]:
    """The price levels that an agreement under a program may have."""
    return tuple(program.allowance.by_level) or LEVELS


def check_dates(valid_from: str | None, valid_until: str | None, *, today: str) -> Refusal | None:
    """Refuses before an agreement's first day and after its last; a missing day is no limit."""
    if valid_from is not None and today < valid_from:
        detail = say("the agreement begins on {day}; keys are given from that day on", day=valid_from)
        return Refusal("agreement_not_started", detail, {"valid_from": valid_from})
    if valid_until is not None and today > valid_until:
        detail = say("the agreement ended on {day}; keys given before go on working", day=valid_until)
        return Refusal("agreement_ended", detail, {"valid_until": valid_until})
    return None


def check_program(catalog: Catalog, program: str, *, level: str | None = None, new: bool = False) -> Refusal | None:
    """Refuses a program that the catalog does not have (`unknown_program`), or a price level that it does not have.

    A new agreement needs a program that is still sold (`entry_retired`), and a level where that has amounts by level
    (`level_required`).
    """
    known = catalog.programs.get(program)
    if known is None:
        detail = say('the catalog has no program "{program}"', program=program)
        return Refusal("unknown_program", detail, {"program": program})
    if new and known.retired:
        detail = say("{program} is no longer sold; its agreements go on, and no new one is made", program=known.name)
        return Refusal("entry_retired", detail, {"program": program})
    levels = levels_of(known)
    if new and level is None and known.allowance.by_level:
        told = ", ".join(levels)
        detail = say("{program} gives activations by price level: {levels}", program=known.name, levels=told)
        return Refusal("level_required", detail, {"program": program, "levels": list(levels)})
    if level is not None and level not in levels:
        detail = say(
            '{program} has no price level "{level}"; its levels are {levels}',
            program=known.name,
            level=level,
            levels=", ".join(levels),
        )
        return Refusal("unknown_level", detail, {"level": level, "levels": list(levels)})
    return None


def check_entitled(catalog: Catalog, program: str, *, licenses: Mapping[str, int], product: str) -> Refusal | None:
    """Refuses (`units_required`) keys of a product that nothing purchased under the program gives a claim to.

    Per pool: one license of any product of the pool is enough. Per purchase: the product itself, or one that may be
    downgraded to it, or one of these two whose client access licenses it is. An unknown program is a KeyError.
    """
    under, asked = catalog.programs[program], catalog.products[product]
    if product in entitled(catalog, program, licenses=licenses):
        return None
    fields: dict[str, object] = {"product": product, "program": program}
    if under.keys == "pool":
        pool = catalog.pools[catalog.group_of(product).pool]
        detail = say(
            "{program} gives keys for {product} once something of the pool {pool} was purchased",
            program=under.name,
            product=asked.name,
            pool=pool.name,
        )
        return Refusal("units_required", detail, fields | {"pool": pool.id})
    detail = say(
        "{program} gives keys for what was purchased; nothing purchased under it here is {product}, or may be "
        "downgraded to it",
        program=under.name,
        product=asked.name,
    )
    return Refusal("units_required", detail, fields)


def entitled(catalog: Catalog, program: str, *, licenses: Mapping[str, int]) -> Collection[str]:
    """All products that the licenses purchased under a program give a claim to; an unknown program is a KeyError."""
    keys = catalog.programs[program].keys
    if keys == "all":
        return catalog.products.keys()
    owned = [catalog.products[name] for name, number in licenses.items() if number > 0 and name in catalog.products]
    groups = catalog.product_groups
    if keys == "pool":
        pools = {groups[each.group].pool for each in owned}
        return {each.id for each in catalog.products.values() if groups[each.group].pool in pools}
    usable = {each.id for each in owned}.union(*(each.downgrades for each in owned))
    return usable | {access for name in usable if (access := catalog.products[name].client_access)}
