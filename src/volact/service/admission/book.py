"""What a batch is decided on and what it changes: an open book that is read in one transaction and written in the same.

Nothing here knows how rows are kept. Every change goes through a method of `Book`, which notes it in `Changes` too, so
that the next request of the batch is decided on what the ones before it took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from volact.credential.claims import Organization
from volact.credential.request import ActivateRequest, HostRequest
from volact.errors import Refusal
from volact.licensing.catalog import Catalog
from volact.service.ledger.rows import ActivationRow, AnswerRow, AuditRow, CertificateRow, KeyRow, RevokedRow, SlotRow


class Ask(msgspec.Struct, frozen=True):
    """A request whose proof and signature hold, and the ids that it would give if it were granted anew."""

    request: ActivateRequest | HostRequest
    jkt: str
    jwk: Mapping[str, str]
    digest: str
    fresh_id: str  # of an activation or a certificate
    fresh_host: str

    @property
    def number(self) -> tuple[str, str]:
        """What the request is known by for good: device key and rid."""
        return self.jkt, self.request.rid


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a whole batch: time (seconds), catalog, the key that signs now and those that still may."""

    publisher: str
    now: int
    catalog: Catalog
    catalog_version: int
    revocations_version: int
    kid: str
    usable: frozenset[str]


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose key it is, as credentials name it, and the country that an activation center is picked by."""

    organization: Organization
    country: str | None


class Granted(msgspec.Struct, frozen=True):
    """The exact payload that answers a request, on record before it is signed by the key `kid`."""

    payload: bytes
    typ: str
    kid: str
    repeated: bool = False


Decision = Granted | Refusal


@dataclass(slots=True)
class Changes:
    """What a batch writes: everything or nothing of it."""

    answers: list[AnswerRow] = field(default_factory=list)
    resigned: list[AnswerRow] = field(default_factory=list)
    activations: list[ActivationRow] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    new_slots: list[SlotRow] = field(default_factory=list)
    moved_slots: list[SlotRow] = field(default_factory=list)
    certificates: list[CertificateRow] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    ended_hosts: list[str] = field(default_factory=list)
    revoked: list[RevokedRow] = field(default_factory=list)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    audit: list[AuditRow] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """The rows that a batch is about; `asked` counts a day's new requests of each activation."""

    keys: dict[str, KeyRow] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    activations: dict[tuple[str, str], ActivationRow] = field(default_factory=dict)
    answers: dict[tuple[str, str], AnswerRow] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    slots: dict[str, SlotRow] = field(default_factory=dict)
    certificates: dict[str, CertificateRow] = field(default_factory=dict)
    ended: set[tuple[str, str]] = field(default_factory=set)
    changes: Changes = field(default_factory=Changes)

    def used(self, keyid: str) -> int:
        """What is taken from a key, by the batch too."""
        return self.keys[keyid].used + self.changes.used[keyid]

    def slots_of(self, keyid: str) -> list[SlotRow]:
        """The slots of a host key that are taken."""
        return [slot for slot in self.slots.values() if slot.keyid == keyid and slot.live]

    def answer(self, row: AnswerRow) -> Granted:
        """Puts the payload that answers a new request on record."""
        self.answers[row.jkt, row.rid] = row
        self.asked[row.about] += 1
        self.changes.answers.append(row)
        return Granted(row.payload, row.typ, row.kid)

    def answer_afresh(self, row: AnswerRow) -> Granted:
        """Puts another payload in the place of one whose signing key is gone."""
        self.answers[row.jkt, row.rid] = row
        self.changes.resigned.append(row)
        return Granted(row.payload, row.typ, row.kid)

    def activate(self, row: ActivationRow) -> None:
        """Adds an activation, which takes one from its key."""
        self.activations[row.keyid, row.jkt] = row
        self.changes.activations.append(row)
        self._take(row.keyid)

    def open_slot(self, row: SlotRow) -> None:
        """Adds a slot, which takes one from its host key."""
        self.slots[row.host_id] = row
        self.changes.new_slots.append(row)
        self._take(row.keyid)

    def move_slot(self, row: SlotRow, at: int) -> None:
        """Gives a slot to a new device key; the old one ends at `at`, with every certificate that it has."""
        before = self.slots[row.host_id]
        self.slots[row.host_id] = row
        self.ended.add((row.host_id, before.jkt))
        for certificate in [each for each in self.certificates.values() if each.host_id == row.host_id]:
            self.certificates[certificate.jti] = replace(certificate, replaced=1)
        self.changes.moved_slots.append(row)
        self.changes.ended_hosts.append(row.host_id)
        self.changes.revoked.append(RevokedRow("host", row.host_id, before.jkt, at))

    def settle_slot(self, row: SlotRow) -> None:
        """Keeps what was learned of a slot's host, which is the same: nothing of it ends."""
        self.slots[row.host_id] = row
        self.changes.moved_slots.append(row)

    def certify(self, row: CertificateRow) -> None:
        """Adds a certificate, which replaces its predecessor."""
        self.certificates[row.jti] = row
        self.changes.certificates.append(row)
        if row.predecessor is not None:
            before = self.certificates[row.predecessor]
            self.certificates[row.predecessor] = replace(before, replaced=1)
            self.changes.replaced.append(row.predecessor)

    def refuse(self, keyid: str, refusal: Refusal) -> Refusal:
        """Puts a refusal on record, as one more of its code for the key."""
        self.changes.refused[keyid, refusal.code] += 1
        return refusal

    def audit(self, act: str, subject: str, *, at: int, detail: str) -> None:
        """Adds a line to the audit in the name of the device API; `detail` is JSON."""
        self.changes.audit.append(AuditRow(0, at, "device API", act, subject, detail))

    def _take(self, keyid: str) -> None:
        self.changes.used[keyid] += 1
