"""Limits of activation by telephone, on record so that a restart forgets nothing (spec S-14).

Counted is what was confirmed anew, and what did not hold: by key, by caller and by channel, under one ceiling of the
publisher's, each over the 24 hours before. Activations online count nowhere here, and nothing here refuses them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from volact.errors import Refusal, Words, say
from volact.service.admission.computers import DAY
from volact.service.ledger import telephony
from volact.service.ports import Service
from volact.service.usecases.catalogs import current_catalog


@dataclass(frozen=True, slots=True)
class Line:
    """By which channel it is asked, and by whom: a mark of the caller, empty where nobody is told apart.

    Where `seen` is given, keys under other Licensing IDs are to the caller as unknown ones.
    """

    channel: str
    caller: str = ""
    seen: Collection[str] | None = None


def line_full(service: Service, line: Line, *, now: int) -> Refusal | None:
    """Refuses (`too_many_requests`) what comes by a channel, or from a caller, that has asked for too much."""
    policy, read = current_catalog(service).catalog.policy, service.ledger
    since = now - DAY
    if line.caller:
        used = telephony.counted(read, since=since, channel=line.channel, caller=line.caller)
        if refused := _full(used, policy.telephone_per_caller, of="caller", now=now):
            return refused
    used = telephony.counted(read, since=since, channel=line.channel)
    if refused := _full(used, policy.telephone_per_channel, of="channel", now=now):
        return refused
    return _full(telephony.counted(read, since=since), policy.telephone_per_day, of="publisher", now=now)


def key_full(service: Service, keyid: str, *, now: int) -> Refusal | None:
    """Refuses (`too_many_requests`) a key that enough computers were activated with by telephone."""
    most = current_catalog(service).catalog.policy.telephone_per_key
    return _full(telephony.counted(service.ledger, since=now - DAY, keyid=keyid), most, of="key", now=now)


def count(service: Service, line: Line, *, keyid: str | None, now: int) -> None:
    """Counts one confirmation of a key, or an ID that did not hold (None), inside the caller's transaction."""
    telephony.count(service.ledger, line.channel, caller=line.caller, keyid=keyid, at=now, forget=now - DAY)


def _most(of: str, most: int) -> Words:
    return {
        "caller": say("{most} by telephone within 24 hours are the most for one caller", most=most),
        "channel": say("{most} by telephone within 24 hours are the most for one channel", most=most),
        "key": say("{most} by telephone within 24 hours are the most for one key", most=most),
        "publisher": say("{most} by telephone within 24 hours are the most for one publisher", most=most),
    }[of]


def _full(used: tuple[int, int], most: int, *, of: str, now: int) -> Refusal | None:
    times, oldest = used
    if times < most:
        return None
    return Refusal("too_many_requests", _most(of, most), {"retry_after": (oldest or now) + DAY - now, "limit": of})
