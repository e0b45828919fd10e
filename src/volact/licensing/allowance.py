"""How many activations a key has, and counting them so that no key ever gives one too many."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from volact.errors import Refusal, Words, say, say_number
from volact.licensing.catalog import UNCOUNTED, Allowance, Band, Catalog, Center
from volact.licensing.kinds import kind_word

_UNSTATED = 50
_MOST = 1_000_000_000
_OURS = "ours"  # whose figure it is where a catalog says so, and where it says nothing


def default_allowance(catalog: Catalog, program: str, *, level: str | None, licenses: int, kind: str) -> int:
    """The activations that a new key gets when nobody says a number.

    A multiple activation key: by its program's table in the catalog, 50 where that says nothing (our figure). A host
    key: its host slots. A kind that counts nothing: 0. Any other: one. An unknown program is a KeyError.
    """
    if kind == "host":
        return catalog.policy.host_slots
    if kind != "mak":
        return 0 if kind in UNCOUNTED else 1
    return _line(catalog.programs[program].allowance, level=level, licenses=licenses).activations


class Grounds(Struct, frozen=True):
    """How many activations a new multiple activation key gets, and why: whole sentences, in the order of reasoning."""

    activations: int
    because: tuple[Words, ...]


def explain(catalog: Catalog, program: str, *, level: str | None, licenses: Mapping[str, int], product: str) -> Grounds:
    """Why a multiple activation key of a product gets so many activations; an unknown program or product is a KeyError.

    `licenses` are all those of the Licensing ID, by product; those of the product's group count (F28).
    """
    under, group = catalog.programs[program], catalog.group_of(product)
    number = licenses_of(catalog, licenses, group=group.id)
    line = _line(under.allowance, level=level, licenses=number)
    because = [say("The agreement is made under {program}.", program=under.name)]
    if under.allowance.by_level:
        known = say("Its price level is {level}.", level=level)
        because.append(known if level else say("No price level is on record of it."))
    bought = say_number(
        "Under this Licensing ID, {num} license of the product group {group} was purchased.",
        "Under this Licensing ID, {num} licenses of the product group {group} were purchased.",
        num=number,
        group=group.name,
    )
    because += [bought, line.rule]
    whose = say("Whose figure that is: {source}.", source=say("ours") if line.source == _OURS else line.source)
    because.append(whose if line.source else say("The catalog does not say whose it is."))
    if line.activations > number:
        because.append(say("That is more than the licenses, so that reactivations and virtual computers have room."))
    return Grounds(line.activations, tuple(because))


def licenses_of(catalog: Catalog, licenses: Mapping[str, int], *, group: str) -> int:
    """The licenses of one product group, whichever of its products they are of."""
    return sum(licenses.get(product.id, 0) for product in catalog.products_of((group,)))


class _Line(Struct, frozen=True):
    """The line of a program's table that applies: its number, itself as a sentence, whose figure it is."""

    activations: int
    rule: Words
    source: str | None


def _line(table: Allowance, *, level: str | None, licenses: int) -> _Line:
    if (number := table.activations) is not None:
        rule = say("Each key gets {activations}.", activations=_activations(number))
        return _Line(number, rule, table.source)
    if table.by_level:
        return _by_level(table, level)
    for band in table.bands:
        if licenses <= band.up_to:
            return _Line(band.activations, _up_to(band), band.source or table.source)
    if table.per_license is None:
        rule = say("The program names no number, and a key then gets {activations}.", activations=_UNSTATED)
        return _Line(_UNSTATED, rule, _OURS)
    number = min(table.per_license * licenses, _MOST)
    each = _activations(table.per_license)
    rule = say("Each license gives {activations}, which makes {all}.", activations=each, all=number)
    if table.bands:
        above = _licenses(table.bands[-1].up_to)
        rule = say(
            "Above {licenses}, each license gives {activations}, which makes {all}.",
            licenses=above,
            activations=each,
            all=number,
        )
    return _Line(number, rule, table.source)


def _by_level(table: Allowance, level: str | None) -> _Line:
    """An agreement whose level is not on record, or not in the table, gets the least that any level has."""
    known = table.by_level.get(level or "")
    if known is not None:
        rule = say("At level {level}, a key gets {activations}.", level=level, activations=_activations(known))
        return _Line(known, rule, table.source)
    least = min(table.by_level.values())
    rule = say("The table has no such level, and a key then gets the least of it, {least}.", least=least)
    return _Line(least, rule, table.source)


def _up_to(band: Band) -> Words:
    return say(
        "Up to {licenses} of the product group, a key gets {activations}.",
        licenses=_licenses(band.up_to),
        activations=_activations(band.activations),
    )


def _licenses(number: int) -> Words:
    return say_number("{num} license", "{num} licenses", num=number)


def _activations(number: int) -> Words:
    return say_number("{num} activation", "{num} activations", num=number)


class Rollout(Struct, frozen=True):
    """Whether what remains of a key is enough for so many computers, and how many activations to ask for."""

    remaining: int
    enough: bool
    ask_for: int


def check_rollout(remaining: int, computers: int) -> Rollout | Refusal:
    """Whether a key suffices, each computer taking one activation (F29); refuses (`usage`) fewer than one computer."""
    if not 1 <= computers <= _MOST:
        detail = say("from 1 to {most} computers are rolled out, not {computers}", most=_MOST, computers=computers)
        return Refusal("usage", detail, {"computers": computers})
    missing = max(0, computers - remaining)
    return Rollout(remaining, not missing, missing)


class Verdict(StrEnum):
    """What one request takes from a key: one more, nothing because it is covered, or nothing because none is left."""

    NEW = "new"
    COVERED = "covered"
    EXHAUSTED = "exhausted"


class Admission(Struct, frozen=True):
    """What a batch of requests takes from one key: a verdict for each, in order, and how many it takes in all."""

    verdicts: tuple[Verdict, ...]
    taken: int


def admit(allowance: int, used: int, *, asks: Iterable[Hashable], live: Collection[Hashable]) -> Admission:
    """Admits a batch in the order of its arrival, as if each request came alone, and never beyond the allowance.

    An ask is what one activation is (online: the device key); `live` are the asks that have an activation on record,
    which take nothing; a second ask in the same batch takes nothing either.
    """
    covered = set(live)
    verdicts: list[Verdict] = []
    taken = 0
    for ask in asks:
        if ask in covered:
            verdicts.append(Verdict.COVERED)
        elif used + taken < allowance:
            covered.add(ask)
            taken += 1
            verdicts.append(Verdict.NEW)
        else:
            verdicts.append(Verdict.EXHAUSTED)
    return Admission(tuple(verdicts), taken)


def exhausted(allowance: int, center: Center | None) -> Refusal:
    """The refusal of a key that has no activation left, with the center to call."""
    detail = say_number(
        "the key has given its one activation; computers activated before keep their license",
        "the key has given all {num} activations; computers activated before keep their license",
        num=allowance,
    )
    return Refusal("mak_exhausted", detail, {"allowance": allowance, "center": center.as_fields if center else None})


def check_activations(activations: int) -> Refusal | None:
    """Refuses (`usage`) a number of activations that no key can have: below 0 or above a thousand million."""
    if 0 <= activations <= _MOST:
        return None
    detail = say("a key has from 0 to {most} activations, not {activations}", most=_MOST, activations=activations)
    return Refusal("usage", detail, {"activations": activations})


def check_counted(kind: str) -> Refusal | None:
    """Refuses (`usage`) a number of activations for a kind of key that counts nothing."""
    if kind not in UNCOUNTED:
        return None
    detail = say("a {kind} key counts nothing, so it has no number of activations", kind=kind_word(kind))
    return Refusal("usage", detail, {"kind": kind})


def set_allowance(used: int, new: int) -> Refusal | None:
    """Refuses (`allowance_below_used`) an allowance below what the key has given already."""
    if new >= used:
        return None
    detail = say("{used} of the key's activations are taken, so its allowance cannot be {new}", used=used, new=new)
    return Refusal("allowance_below_used", detail, {"used": used, "activations": new})
