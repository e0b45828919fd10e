"""How many distinct computers a host has counted, and whether that is enough for a product.

A computer is a `dev`; in one count group it counts once within the window, however many products, keys and requests it
has. The host's store says what is on record; what a request adds to it, and what its sender is told, is judged here,
as if requests came one by one in the order of their arrival.
"""

from __future__ import annotations

from msgspec import Struct

from volact.errors import Refusal, say_number
from volact.licensing.catalog import Catalog, Policy

_DAY = 86_400


class Count(Struct, frozen=True):
    """What a computer is told: the distinct computers counted, the product's threshold, and whether it is met."""

    count: int
    threshold: int
    met: bool


def is_counted(catalog: Catalog, product: str, *, virtual: bool) -> bool:
    """Whether a computer with this product adds to the count: a virtual one only if the product's version says so."""
    return not virtual or catalog.products[product].counts_virtual


def window_start(policy: Policy, now: int) -> int:
    """The first second of the counting window: computers last seen at or after it count."""
    return now - policy.window_days * _DAY


def judge(counted: int, *, threshold: int, already: bool, counts: bool) -> Count:
    """The count told to one computer: with itself, unless it is an uncounted virtual one.

    `counted` are the distinct computers on record in the window, `already` says whether this one is among them.
    """
    count = counted + (counts and not already)
    return Count(count, threshold, count >= threshold)


def check_count(count: Count, *, retry_after: int) -> Refusal | None:
    """Refuses (`count_insufficient`) first activations and renewals alike while the threshold is not met.

    `retry_after` is in seconds.
    """
    if count.met:
        return None
    detail = say_number(
        "the host has counted {count} of the {threshold} computers that this product needs; "
        "it activates when {num} more computer asks within the counting window",
        "the host has counted {count} of the {threshold} computers that this product needs; "
        "it activates when {num} more computers ask within the counting window",
        num=count.threshold - count.count,
        count=count.count,
        threshold=count.threshold,
    )
    fields = {"count": count.count, "threshold": count.threshold, "retry_after": retry_after}
    return Refusal("count_insufficient", detail, fields)
