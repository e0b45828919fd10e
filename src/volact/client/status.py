"""What a product is told about its license."""

from __future__ import annotations

from dataclasses import dataclass

from volact.licensing.states import Action as Action
from volact.licensing.states import Method as Method
from volact.licensing.states import Reason as Reason
from volact.licensing.states import State as State


@dataclass(frozen=True, slots=True)
class Status:
    """What a product's license is worth now: `expires` is RFC 3339 text in UTC, `days_left` rounded down.

    `source` says where the license comes from: a host's URL, or the id of a key. The product keeps working in every
    state; `action` is what the publisher's policy suggests to it.
    """

    product: str
    state: State
    reason: Reason | None = None
    method: Method | None = None
    days_left: int | None = None
    expires: str | None = None
    source: str | None = None
    action: Action = Action.ALLOW
