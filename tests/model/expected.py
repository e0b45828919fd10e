"""What a ledger has to say, worked out plainly: one thing after the other, in lists and dictionaries.

A decision is an `Answer`, or the code that it is refused with. Ids are drawn by the service: they are None until an
answer has said them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.service import Device, Key

DAY = 86_400
YEAR = 365 * DAY
WINDOW = 4 * 3_600
REQUESTS_PER_DAY, RETIREMENTS_PER_YEAR, COOL_DOWN_DAYS, REACTIVATIONS = 3, 3, 30, 2


@dataclass(slots=True, eq=False)
class HeldKey:
    """A key that was issued."""

    key: Key
    kind: str
    allowance: int
    state: str = "active"


@dataclass(slots=True, eq=False)
class Activated:
    """An activation; `returned` is when its key has it again, once it is retired."""

    key: HeldKey
    jkt: str
    id: str | None = None
    returned: int | None = None
    retired: int | None = None
    credited: bool = False


@dataclass(slots=True, eq=False)
class Slot:
    """A host's place, and the device keys that ended on it."""

    key: HeldKey
    dev: str
    jkt: str
    host: str | None = None
    live: bool = True
    reactivations: int = 0
    ended: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Certified:
    """A certificate of a slot."""

    slot: Slot
    jkt: str
    id: str | None = None
    replaced: bool = False


@dataclass(slots=True, eq=False)
class Answer:
    """The recorded answer to a request; `lost` says that the key which signed it was compromised."""

    body: bytes
    about: Activated | Certified
    at: int
    credential: str | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and what it is about: a key, for computers with a product, or a certificate to renew."""

    body: bytes
    device: Device
    rid: str
    iat: int
    key: HeldKey | None = None
    product: str | None = None
    predecessor: Certified | None = None

    @property
    def number(self) -> tuple[str, str]:
        return self.device.jkt, self.rid


Decision = Answer | str


@dataclass(slots=True)
class Book:
    """All that the record has to hold; `entries` counts those of the audit."""

    entries: int
    keys: list[HeldKey] = field(default_factory=list)
    activations: list[Activated] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    certificates: list[Certified] = field(default_factory=list)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def used(self, key: HeldKey) -> int:
        """What holds, and what is on its way back."""
        held = sum(each.key is key and not each.credited for each in self.activations)
        return held + sum(slot.key is key and slot.live for slot in self.slots)

    def live(self, key: HeldKey) -> list[Activated]:
        """The activations of a key that hold."""
        return [each for each in self.activations if each.key is key and each.retired is None]

    def has_answered(self, asked: Asked) -> bool:
        """Whether this very request has an answer on record that is still believed."""
        before = self.answers.get(asked.number)
        return before is not None and before.body == asked.body and not before.lost

    def batch(self, asked: Sequence[Asked], now: int, *, doubt: bool = False) -> list[Decision]:
        """What requests that come together are answered: each as if it came alone, after those before it."""
        early = [self.at_the_door(each) for each in asked]
        if doubt:
            return [each or "signing_clock" for each in early]
        if None in early:
            self.settle(now)
        return [found or self._decide(each, now) for found, each in zip(early, asked, strict=True)]

    def at_the_door(self, asked: Asked) -> Decision | None:
        """What is answered without writing: a recorded answer, or a renewal of nothing that this device has."""
        if self.has_answered(asked):
            return self.answers[asked.number]
        if asked.predecessor and asked.predecessor.jkt != asked.device.jkt:
            return "key_unknown"
        return None

    def settle(self, now: int) -> None:
        """What has cooled down is its key's again."""
        for each in self.activations:
            if each.returned is not None and each.returned <= now and not each.credited:
                each.credited = True
                self.entries += 1

    def retire(self, activation: Activated, now: int) -> str | None:
        """Ends an activation, of each key only so many within a year."""
        if activation.retired is not None:
            return None
        others = [each.retired for each in self.activations if each.key is activation.key and each.retired is not None]
        if sum(at > now - YEAR for at in others) >= RETIREMENTS_PER_YEAR:
            return "retirement_limit_reached"
        activation.retired, activation.returned = now, now + COOL_DOWN_DAYS * DAY
        self.entries += 1
        self.settle(now)
        return None

    def allow(self, key: HeldKey, allowance: int) -> str | None:
        """Sets what a key allows, never below what is used."""
        if allowance < self.used(key):
            return "allowance_below_used"
        key.allowance = allowance
        self.entries += 1
        return None

    def block(self, key: HeldKey, *, revoked: bool) -> None:
        """Blocks a key, for good."""
        state = "revoked" if revoked or key.state == "revoked" else "blocked"
        self.entries += state != key.state
        key.state = state

    def free(self, slot: Slot) -> None:
        """Gives a slot back to its key."""
        self.entries += slot.live
        slot.live = False
        for each in self.certificates:
            each.replaced = each.replaced or each.slot is slot

    def compromise(self) -> None:
        """Every answer was signed by a key that nobody believes any more."""
        for answer in self.answers.values():
            answer.lost = True

    def _decide(self, asked: Asked, now: int) -> Decision:
        before = self.answers.get(asked.number)
        if before:
            return self._again(before) if before.body == asked.body else "replayed"
        if abs(asked.iat - now) > WINDOW:
            return "clock_out_of_range"
        if asked.key is None:
            about = self._renew(asked)
        elif asked.product is None:
            about = self._host(asked.device, asked.key)
        else:
            about = self._activate(asked, asked.key, now=now)
        if isinstance(about, str):
            return about
        self.answers[asked.number] = Answer(asked.body, about, now)
        return self.answers[asked.number]

    def _again(self, before: Answer) -> Decision:
        if before.lost:
            if isinstance(before.about, Certified) and not before.about.slot.live:
                return "host_slot_freed"
            before.lost, before.credential = False, None
        return before

    def _activate(self, asked: Asked, key: HeldKey, *, now: int) -> Activated | str:
        if key.kind == "host":
            return "key_wrong_kind"
        if asked.product != "tracer-9":
            return "key_wrong_product"
        if key.state != "active":
            return "key_blocked"
        for own in self.live(key):
            if own.jkt == asked.device.jkt:
                today = [each for each in self.answers.values() if each.about is own and each.at > now - DAY]
                return own if len(today) < REQUESTS_PER_DAY else "too_many_requests"
        if self.used(key) >= key.allowance:
            return "mak_exhausted"
        self.activations.append(Activated(key, asked.device.jkt))
        self.entries += 1
        return self.activations[-1]

    def _host(self, device: Device, key: HeldKey) -> Certified | str:
        if key.kind != "host":
            return "key_wrong_kind"
        if key.state != "active":
            return "key_blocked"
        slot = next((each for each in self.slots if each.key is key and each.live and each.dev == device.dev), None)
        if slot is None:
            if self.used(key) >= key.allowance:
                return "host_limit_reached"
            slot = Slot(key, device.dev, device.jkt)
            self.slots.append(slot)
            self.entries += 1
        elif slot.jkt != device.jkt:
            if slot.reactivations >= REACTIVATIONS:
                return "host_limit_reached"
            if device.jkt in slot.ended:
                return "clone_detected"
            self._move(slot, device.jkt)
        return self._certify(slot)

    def _move(self, slot: Slot, jkt: str) -> None:
        slot.ended.add(slot.jkt)
        slot.jkt = jkt
        slot.reactivations += 1
        self.entries += 1
        for each in self.certificates:
            each.replaced = each.replaced or each.slot is slot

    def _renew(self, asked: Asked) -> Certified | str:
        before = asked.predecessor
        if before is None or before.jkt != asked.device.jkt:
            return "key_unknown"
        slot = before.slot
        if slot.key.state != "active":
            return "key_blocked"
        if not slot.live:
            return "host_slot_freed"
        if slot.jkt != asked.device.jkt or before.replaced:
            return "clone_detected"
        if slot.dev != asked.device.dev:
            return "hardware_changed"
        before.replaced = True
        return self._certify(slot)

    def _certify(self, slot: Slot) -> Certified:
        self.certificates.append(Certified(slot, slot.jkt))
        return self.certificates[-1]
