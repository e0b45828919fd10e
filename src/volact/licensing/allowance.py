"""How many activations a key has, and counting them so that no key ever gives one too many."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from volact.errors import Refusal, say, say_number
from volact.licensing.catalog import UNCOUNTED, Allowance, Catalog, Center
from volact.licensing.kinds import kind_word

_UNSTATED = 50
_MOST = 1_000_000_000


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
    because: tuple[str, ...]


def explain(catalog: Catalog, program: str, *, level: str | None, licenses: Mapping[str, int], product: str) -> Grounds:
    """Why a multiple activation key of a product gets so many activations; an unknown program or product is a KeyError.

    `licenses` are all those of the Licensing ID, by product; those of the product's group count (F28).
    """
    under, group = catalog.programs[program], catalog.group_of(product)
    number = licenses_of(catalog, licenses, group=group.id)
    line = _line(under.allowance, level=level, licenses=number)
    bought = f"{_counted(number, 'license')} of the product group {group.name}"
    because = [f"The agreement is made under {under.name}."]
    if under.allowance.by_level:
        because.append(f"Its price level is {level}." if level else "No price level is on record of it.")
    because.append(f"Under this Licensing ID, {bought} {'was' if number == 1 else 'were'} purchased.")
    because.append(f"{line.rule}.")
    because.append(f"Whose figure that is: {line.source}." if line.source else "The catalog does not say whose it is.")
    if line.activations > number:
        because.append("That is more than the licenses, so that reactivations and virtual computers have room.")
    return Grounds(line.activations, tuple(because))


def licenses_of(catalog: Catalog, licenses: Mapping[str, int], *, group: str) -> int:
    """The licenses of one product group, whichever of its products they are of."""
    return sum(licenses.get(product.id, 0) for product in catalog.products_of((group,)))


class _Line(Struct, frozen=True):
    """The line of a program's table that applies: its number, itself in words, whose figure it is."""

    activations: int
    rule: str
    source: str | None


def _line(table: Allowance, *, level: str | None, licenses: int) -> _Line:
    if table.activations is not None:
        return _Line(table.activations, f"Each key gets {_counted(table.activations, 'activation')}", table.source)
    if table.by_level:
        return _by_level(table, level)
    for band in table.bands:
        if licenses <= band.up_to:
            given = _counted(band.activations, "activation")
            rule = f"Up to {_counted(band.up_to, 'license')} of the product group, a key gets {given}"
            return _Line(band.activations, rule, band.source or table.source)
    if table.per_license is None:
        return _Line(_UNSTATED, f"The program names no number, and a key then gets {_UNSTATED}", "ours")
    number = min(table.per_license * licenses, _MOST)
    above = f"Above {_counted(table.bands[-1].up_to, 'license')}, each" if table.bands else "Each"
    each = _counted(table.per_license, "activation")
    return _Line(number, f"{above} license gives {each}, which makes {number}", table.source)


def _by_level(table: Allowance, level: str | None) -> _Line:
    """An agreement whose level is not on record, or not in the table, gets the least that any level has."""
    known = table.by_level.get(level or "")
    if known is not None:
        return _Line(known, f"At level {level}, a key gets {_counted(known, 'activation')}", table.source)
    least = min(table.by_level.values())
    return _Line(least, f"The table has no such level, and a key then gets the least of it, {least}", table.source)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


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
