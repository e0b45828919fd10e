"""What a product's license is worth on one computer now: state, reason, method, what is left, and what to do.

    unlicensed -> grace -> licensed (for good, or until a lease's end) -> notification

Facts come from what is believed and on disk, never from an unsigned answer. When several things are wrong at once,
the one whose grace ends first decides. A trial that has ended is no license at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct, structs

from volact.licensing.catalog import DEFAULT_ACTIONS, Policy

_DAY = 86_400


class State(StrEnum):
    """Where a product stands; it keeps working in each of them."""

    UNLICENSED = "unlicensed"
    GRACE = "grace"
    LICENSED = "licensed"
    NOTIFICATION = "notification"


class Reason(StrEnum):
    """Why a product is not licensed; append-only, as it travels to products."""

    NOT_ACTIVATED = "not_activated"
    NO_KEY = "no_key"
    HARDWARE_CHANGED = "hardware_changed"
    LEASE_EXPIRED = "lease_expired"
    LEFT_DIRECTORY = "left_directory"
    REVOKED = "revoked"
    ROOT_UNTRUSTED = "root_untrusted"
    STATE_DAMAGED = "state_damaged"


class Method(StrEnum):
    """What licensed a product, or would license it as it is set up now."""

    HOST = "host"
    MAK = "mak"
    DIRECTORY = "directory"
    SETUP = "setup"
    RETAIL = "retail"
    OEM = "oem"
    TRIAL = "trial"


_METHODS = {"mak": Method.MAK, "cal": Method.MAK, "setup": Method.SETUP, "retail": Method.RETAIL, "oem": Method.OEM,
            "trial": Method.TRIAL}  # fmt: skip


def method_of(kind: str) -> Method | None:
    """The method of a kind of key on a computer, None for `generic` and for kinds that license no computer.

    A client access key works as a multiple activation key on the server that holds the licenses.
    """
    return _METHODS.get(kind)


class Action(StrEnum):
    """What the publisher's policy suggests to the product."""

    ALLOW = "allow"
    WARN = "warn"
    LIMIT = "limit"


class License(Struct, frozen=True):
    """A believed credential: the method it came by, its end in seconds (None: no end), and when it was revoked."""

    method: Method
    expires: int | None = None
    revoked_at: int | None = None

    def is_ended_trial(self, now: int) -> bool:
        """Whether this is a trial whose days are over."""
        return self.method is Method.TRIAL and self.expires is not None and now >= self.expires


class Facts(Struct, frozen=True, kw_only=True):
    """What is known about one product on one computer; times in seconds since 1970, `installed_at` 0 where it is lost.

    `key` is the kind of the newest installed key (None: none, and so a client of a host in the volume channel);
    `hardware_changed_at` is when a mismatch between the license and the machine was first noticed; `fault` is
    ROOT_UNTRUSTED or STATE_DAMAGED where no license can be read.
    """

    installed_at: int
    channel: str = "volume"
    needs: str = "activation"
    key: str | None = None
    license: License | None = None
    hardware_changed_at: int | None = None
    fault: Reason | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """What a product is told: `days_left` is rounded down, `expires` is in seconds, both None where there is no end."""

    state: State
    reason: Reason | None
    method: Method | None
    days_left: int | None
    expires: int | None
    action: Action


def license_state(facts: Facts, policy: Policy, *, now: int) -> Standing:
    """The standing of a product at `now`, a time in seconds."""
    if facts.license is not None and facts.license.is_ended_trial(now):
        facts = structs.replace(facts, license=None)
    method = _method(facts)
    if facts.fault is Reason.STATE_DAMAGED:
        return _damaged(facts, policy, now=now)
    if facts.fault is not None:  # nothing believed is known under a foreign root
        return _standing(policy, State.UNLICENSED, reason=facts.fault, method=None)
    if facts.license is not None:
        return _licensed(facts, facts.license, policy=policy, now=now)
    if facts.needs == "none":
        return _standing(policy, State.LICENSED, reason=None, method=None)
    if facts.channel != "volume" or facts.needs == "setup":
        reason = Reason.NO_KEY if facts.key is None else Reason.NOT_ACTIVATED
        return _standing(policy, State.UNLICENSED, reason=reason, method=method)
    end = facts.installed_at + policy.grace_days * _DAY
    return _grace(policy, Reason.NOT_ACTIVATED, method=method, end=end, now=now)


def _damaged(facts: Facts, policy: Policy, *, now: int) -> Standing:
    """A damaged file takes no grace from an honest computer: where it is known, the time since installation decides."""
    if facts.installed_at == 0:
        return _standing(policy, State.NOTIFICATION, reason=Reason.STATE_DAMAGED, method=None)
    whole = license_state(structs.replace(facts, fault=None), policy, now=now)
    return structs.replace(whole, reason=Reason.STATE_DAMAGED)


def _licensed(facts: Facts, license: License, *, policy: Policy, now: int) -> Standing:
    troubles = sorted(_troubles(facts, license, policy=policy, now=now))
    if troubles:
        end, reason = troubles[0]
        return _grace(policy, reason, method=license.method, end=end, now=now)
    left = None if license.expires is None else (license.expires - now) // _DAY
    return Standing(
        state=State.LICENSED,
        reason=None,
        method=license.method,
        days_left=left,
        expires=license.expires,
        action=_action(policy, State.LICENSED),
    )


def _troubles(facts: Facts, license: License, *, policy: Policy, now: int) -> Iterator[tuple[int, Reason]]:
    """What is wrong with a license, each with the end of its grace."""
    if license.revoked_at is not None:
        yield license.revoked_at + policy.revoked_grace_days * _DAY, Reason.REVOKED
    if facts.hardware_changed_at is not None:
        yield facts.hardware_changed_at + policy.hardware_grace_days * _DAY, Reason.HARDWARE_CHANGED
    if license.expires is not None and now >= license.expires:
        # From the lease's end and not from when it was noticed: a computer that slept gains nothing.
        lapsed = Reason.LEFT_DIRECTORY if license.method is Method.DIRECTORY else Reason.LEASE_EXPIRED
        yield license.expires + policy.lapse_grace_days * _DAY, lapsed


def _grace(policy: Policy, reason: Reason, *, method: Method | None, end: int, now: int) -> Standing:
    if now >= end:
        return _standing(policy, State.NOTIFICATION, reason=reason, method=method)
    return Standing(
        state=State.GRACE,
        reason=reason,
        method=method,
        days_left=(end - now) // _DAY,
        expires=end,
        action=_action(policy, State.GRACE),
    )


def _standing(policy: Policy, state: State, *, reason: Reason | None, method: Method | None) -> Standing:
    """A state that nothing ends by itself; a notification has no day left."""
    left = 0 if state is State.NOTIFICATION else None
    return Standing(
        state=state, reason=reason, method=method, days_left=left, expires=None, action=_action(policy, state)
    )


def _action(policy: Policy, state: State) -> Action:
    return Action(policy.actions.get(state, DEFAULT_ACTIONS[state]))


def _method(facts: Facts) -> Method | None:
    """The method of the license, else of the newest installed key, else a host for a volume edition."""
    if facts.license is not None:
        return facts.license.method
    own = None if facts.key is None else method_of(facts.key)
    if own is not None:
        return own
    return Method.HOST if facts.channel == "volume" and facts.needs == "activation" else None
