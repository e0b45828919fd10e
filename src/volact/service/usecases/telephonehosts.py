"""Hosts and directories by telephone: their places under a host key, and how long a confirmation holds (spec S-13).

What one place is: (key, `dev`), where `dev` is of the device key, or of the directory's id. The same installation ID
has the same confirmation until the last third of its time; then it has one with a later last month, and takes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from volact.credential.telephone.confirmation import Header, Role, Subject, month_end, month_of, named_host
from volact.credential.telephone.installation import InstallationId, named_dev
from volact.errors import Refusal
from volact.licensing.catalog import Catalog
from volact.licensing.hosting import Slot, admit_host
from volact.service.admission.book import Book
from volact.service.admission.computers import blocked
from volact.service.ledger import audit, slots, telephony
from volact.service.ledger.rows import CertificateRow, KeyRow, RevokedRow, SlotRow
from volact.service.ports import Act, Service
from volact.service.usecases.revocations import revoke


@dataclass(frozen=True, slots=True)
class Wish:
    """What the center says beside the ID: a role, else the first of the key's kind; the host whose place is taken."""

    role: Role | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One installation ID whose key was proved, and what it is decided on; `slot` is that of the key that signs now."""

    book: Book
    key: KeyRow
    subject: Subject
    slot: int
    kid: str
    catalog: Catalog
    act: Act
    channel: str
    now: int

    @property
    def said(self) -> InstallationId:
        """The installation ID."""
        return self.subject.installation

    @property
    def mark(self) -> str:
        """What the record has for a device key whose thumbprint was never told."""
        return telephony.mark(self.subject.role, self.said.dev)


@dataclass(frozen=True, slots=True)
class Held:
    """What is to be signed for a place; `recorded` says that it is on record already."""

    place: SlotRow
    header: Header
    recorded: bool


def hold_place(service: Service, case: Case, *, wish: Wish) -> Held | Refusal:
    """Gives the ID a place under its key, the one that it has or a new one, inside the caller's transaction."""
    place = _own(case)
    before = telephony.confirmed(service.ledger, case.mark, keyid=case.key.keyid) if place else None
    header = Header(case.slot, _last_month(case))
    if place is not None and before is not None:
        last = before.payload[-1]
        renews = header.last_month > last and case.now >= _renewable_from(before.since, last)
        if before.kid == case.kid and not renews:
            header = Header(case.slot, last)
            return _check_ended(service, case) or Held(place, header, recorded=True)
    refusal = _check(service, case, place=place, wish=wish)
    if refusal is not None:
        return refusal
    if place is None:
        place = _open(service, case, header=header, wish=wish)
    _certify(case, place, header=header)
    detail = {"host": place.host_id, "channel": case.channel, "dev": case.said.dev, "until": _end(header)}
    what = f"{case.subject.role.name.lower()} confirmed by telephone"
    audit.write(service.ledger, case.act, what=what, subject=case.key.keyid, detail=detail)
    return Held(place, header, recorded=False)


def _own(case: Case) -> SlotRow | None:
    """The place that this very device key has, by telephone or since it was activated online or by a file."""
    dev = case.said.dev
    taken = case.book.slots_of(case.key.keyid)
    return next((row for row in taken if row.jkt == case.mark or named_dev(row.jkt) == dev), None)


def _check(service: Service, case: Case, *, place: SlotRow | None, wish: Wish) -> Refusal | None:
    refused = blocked(case.key) or _check_ended(service, case)
    if refused or place is not None:
        return refused
    taken = case.book.slots_of(case.key.keyid)
    if any(row.dev == case.said.dev for row in taken):
        detail = "this installation ID was confirmed in another role; a host and a directory each have their own"
        return Refusal("usage", detail)
    if wish.replaces is not None and wish.replaces not in {row.host_id for row in taken}:
        detail = f'no host of the key {case.key.keyid} has the id "{wish.replaces}"'
        return Refusal("unknown_host", detail, {"keyid": case.key.keyid, "host_id": wish.replaces})
    admitted = admit_host(
        [Slot(row.host_id, row.dev, row.jkt) for row in taken if row.host_id != wish.replaces],
        dev=case.said.dev,
        jkt=case.mark,
        limit=case.key.allowance,
        reactivations=0,
        center=case.catalog.center_for(case.book.customers[case.key.keyid].country),
    )
    return admitted if isinstance(admitted, Refusal) else None


def _check_ended(service: Service, case: Case) -> Refusal | None:
    """Refuses what the list has: a confirmation for it would be believed by nobody."""
    if not _is_ended(case, telephony.ended_devices(service.ledger, case.key.keyid)):
        return None
    detail = "this installation ID was ended by the publisher, or its place was given to another host"
    return Refusal("confirmation_returned", detail, {"keyid": case.key.keyid})


def _is_ended(case: Case, ended: Collection[str]) -> bool:
    return any(jkt == case.mark or named_dev(jkt) == case.said.dev for jkt in ended)


def _open(service: Service, case: Case, *, header: Header, wish: Wish) -> SlotRow:
    """A new place, or the one of a host that the center picked, which ends."""
    if wish.replaces is not None:
        _give_up(service, case, row=case.book.slots[wish.replaces])
    host_id = named_host(case.subject, header)
    row = SlotRow(host_id, case.key.keyid, case.said.dev, case.mark, 0, case.now)
    case.book.open_slot(row)
    return row


def _give_up(service: Service, case: Case, *, row: SlotRow) -> None:
    book, key = case.book, case.book.keys[row.keyid]
    slots.free(service.ledger, row)
    book.slots[row.host_id] = replace(row, live=0)
    book.keys[row.keyid] = replace(key, used=key.used - 1)
    revoke(service, [RevokedRow("host", row.host_id, row.jkt, case.now)])
    audit.write(service.ledger, case.act, what="host slot freed", subject=row.keyid, detail={"host": row.host_id})


def _certify(case: Case, place: SlotRow, *, header: Header) -> None:
    row = CertificateRow(
        jti=named_host(case.subject, header),
        host_id=place.host_id,
        predecessor=None,
        replaced=0,
        jkt=case.mark,
        iat=case.now,
        exp=_end(header),
    )
    case.book.certify(row)


def _last_month(case: Case) -> int:
    return month_of(case.now) + case.catalog.policy.telephone_months


def _end(header: Header) -> int:
    return month_end(header.last_month) - 1


def _renewable_from(since: int, last_month: int) -> int:
    """When two thirds of a confirmation's time are over."""
    return since + (month_end(last_month) - since) * 2 // 3
