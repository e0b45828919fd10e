"""How many activations a key has, and counting them so that no key ever gives one too many."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from enum import StrEnum

from msgspec import Struct

from volact.errors import Refusal
from volact.licensing.catalog import UNCOUNTED, Allowance, Catalog, Center

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
    return _by_table(catalog.programs[program].allowance, level=level, licenses=licenses)


def _by_table(table: Allowance, *, level: str | None, licenses: int) -> int:
    if table.activations is not None:
        return table.activations
    if table.by_level:
        # An agreement whose level nobody has said yet gets the least that any level has.
        return table.by_level.get(level or "", min(table.by_level.values()))
    for band in table.bands:
        if licenses <= band.up_to:
            return band.activations
    return min(table.per_license * licenses, _MOST) if table.per_license is not None else _UNSTATED


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
    activations = "its one activation" if allowance == 1 else f"all {allowance} activations"
    detail = f"the key has given {activations}; computers activated before keep their license"
    return Refusal("mak_exhausted", detail, {"allowance": allowance, "center": center.as_fields if center else None})


def check_activations(activations: int) -> Refusal | None:
    """Refuses (`usage`) a number of activations that no key can have: below 0 or above a thousand million."""
    if 0 <= activations <= _MOST:
        return None
    return Refusal("usage", f"a key has from 0 to {_MOST} activations, not {activations}", {"activations": activations})


def check_counted(kind: str) -> Refusal | None:
    """Refuses (`usage`) a number of activations for a kind of key that counts nothing."""
    if kind not in UNCOUNTED:
        return None
    return Refusal("usage", f"a {kind} key counts nothing, so it has no number of activations", {"kind": kind})


def set_allowance(used: int, new: int) -> Refusal | None:
    """Refuses (`allowance_below_used`) an allowance below what the key has given already."""
    if new >= used:
        return None
    detail = f"{used} of the key's activations are taken, so its allowance cannot be {new}"
    return Refusal("allowance_below_used", detail, {"used": used, "activations": new})
