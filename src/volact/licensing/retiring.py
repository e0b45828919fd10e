"""Returning the activation of a computer that is retired: when that may be done, and when its key has it back."""

from __future__ import annotations

from collections.abc import Collection

from volact.errors import Refusal, say_number
from volact.licensing.catalog import Center, Policy

YEAR_SECONDS = 365 * 86_400
_DAY = 86_400


def check_retirement(
    policy: Policy, times: Collection[int], *, now: int, center: Center | None = None
) -> Refusal | None:
    """Whether one more activation of a key may be returned, where others were at `times` (seconds).

    Refuses `retirement_not_allowed` where the policy returns none, and `retirement_limit_reached` once as many as it
    allows were returned within 365 days; both with the center to call.
    """
    fields: dict[str, object] = {"center": center.as_fields if center else None}
    most = policy.retirements_per_year
    if most == 0:
        return Refusal("retirement_not_allowed", "the publisher gives no activation back", fields)
    if sum(at > now - YEAR_SECONDS for at in times) < most:
        return None
    detail = say_number(
        "{num} activation of this key came back within 365 days, and no more do",
        "{num} activations of this key came back within 365 days, and no more do",
        num=most,
    )
    return Refusal("retirement_limit_reached", detail, {**fields, "retirements_per_year": most})


def credit_time(policy: Policy, now: int) -> int:
    """From when on (seconds) the key has the activation again: the cool-down lets its computer end."""
    return now + policy.retirement_days * _DAY
