"""Hosts and directories by telephone: their places under a host key, and how long a confirmation holds (spec S-13).

What one place is: (key, `dev`), where `dev` is of the device key, or of the directory's id. The same installation ID
has the same confirmation until the last third of its time; then it has one with a later last month, and takes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from volact.credential.telephone.confirmation import Header, Role, Subject, month_end, month_of, named_host
from volact.credential.telephone.installation import InstallationId, named_dev
from volact.errors import Refusal, say
from volact.licensing.catalog import Catalog
from volact.licensing.hosting import Slot, admit_host
from volact.service.admission.book import Book
from volact.service.admission.computers import blocked
from volact.service.ledger import audit, slots, telephony
from volact.service.ledger.rows import CertificateRow, KeyRow, RevokedRow, SlotRow
from volact.service.ports import Act, Service
from volact.service.usecases.hosts import unknown_slot
from volact.service.usecases.revocations import revoke
from volact.service.usecases.telephonelimits import Line, key_full


@dataclass(frozen=True, slots=True)
class Wish:
    """What the center says beside the ID: a role, else the first of the key's kind; the host whose place is taken."""

    role: Role | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """One installation ID whose key was proved, and what it is decided on; `slot` is that of the key that signs now.

    `full` refuses whatever was not confirmed before, since `line` has asked for too much.
    """

    book: Book
    key: KeyRow
    subject: Subject
    slot: int
    kid: str
    catalog: Catalog
    act: Act
    line: Line
    full: Refusal | None
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


def hold_place(service: Service, proved: Proved, *, wish: Wish) -> Held | Refusal:
    """Gives the ID a place under its key, the one that it has or a new one, inside the caller's transaction."""
    place = _own(proved)
    before = telephony.confirmed(service.ledger, proved.mark, keyid=proved.key.keyid) if place else None
    header = Header(proved.slot, _last_month(proved))
    if place is not None and before is not None:
        last = before.payload[-1]
        renews = header.last_month > last and proved.now >= _renewable_from(before.since, last)
        if before.kid == proved.kid and not renews:
            header = Header(proved.slot, last)
            return _check_ended(service, proved) or Held(place, header, recorded=True)
    refusal = _check(service, proved, place=place, wish=wish)
    if refusal is not None:
        return refusal
    if place is None:
        place = _open(service, proved, header=header, wish=wish)
    _certify(proved, place, header=header)
    detail = {"host": place.host_id, "channel": proved.line.channel, "dev": proved.said.dev, "until": _end(header)}
    what = f"{proved.subject.role.name.lower()} confirmed by telephone"
    audit.write(service.ledger, proved.act, what=what, subject=proved.key.keyid, detail=detail)
    return Held(place, header, recorded=False)


def _own(proved: Proved) -> SlotRow | None:
    """The place that this very device key has, by telephone or since it was activated online or by a file."""
    dev = proved.said.dev
    taken = proved.book.slots_of(proved.key.keyid)
    return next((row for row in taken if row.jkt == proved.mark or named_dev(row.jkt) == dev), None)


def _check(service: Service, proved: Proved, *, place: SlotRow | None, wish: Wish) -> Refusal | None:
    refused = blocked(proved.key) or _check_ended(service, proved)
    if refused or place is not None:
        return refused
    if refused := proved.full or key_full(service, proved.key.keyid, now=proved.now):
        return refused
    taken = proved.book.slots_of(proved.key.keyid)
    if any(row.dev == proved.said.dev for row in taken):
        detail = say("this installation ID was confirmed in another role; a host and a directory each have their own")
        return Refusal("usage", detail)
    if wish.replaces is not None and wish.replaces not in {row.host_id for row in taken}:
        return unknown_slot(proved.key.keyid, wish.replaces)
    admitted = admit_host(
        [Slot(row.host_id, row.dev, row.jkt) for row in taken if row.host_id != wish.replaces],
        dev=proved.said.dev,
        jkt=proved.mark,
        limit=proved.key.allowance,
        reactivations=0,
        center=proved.catalog.center_for(proved.book.customers[proved.key.keyid].country),
    )
    return admitted if isinstance(admitted, Refusal) else None


def _check_ended(service: Service, proved: Proved) -> Refusal | None:
    """Refuses what the list has: a confirmation for it would be believed by nobody."""
    if not _is_ended(proved, telephony.ended_devices(service.ledger, proved.key.keyid)):
        return None
    detail = say("this installation ID was ended by the publisher, or its place was given to another host")
    return Refusal("confirmation_returned", detail, {"keyid": proved.key.keyid})


def _is_ended(proved: Proved, ended: Collection[str]) -> bool:
    return any(jkt == proved.mark or named_dev(jkt) == proved.said.dev for jkt in ended)


def _open(service: Service, proved: Proved, *, header: Header, wish: Wish) -> SlotRow:
    """A new place, or the one of a host that the center picked, which ends."""
    if wish.replaces is not None:
        _give_up(service, proved, row=proved.book.slots[wish.replaces])
    host_id = named_host(proved.subject, header)
    row = SlotRow(host_id, proved.key.keyid, proved.said.dev, proved.mark, 0, proved.now)
    proved.book.open_slot(row)
    return row


def _give_up(service: Service, proved: Proved, *, row: SlotRow) -> None:
    book, key = proved.book, proved.book.keys[row.keyid]
    slots.free(service.ledger, row)
    book.slots[row.host_id] = replace(row, live=0)
    book.keys[row.keyid] = replace(key, used=key.used - 1)
    revoke(service, [RevokedRow("host", row.host_id, row.jkt, proved.now)])
    audit.write(service.ledger, proved.act, what="host slot freed", subject=row.keyid, detail={"host": row.host_id})


def _certify(proved: Proved, place: SlotRow, *, header: Header) -> None:
    row = CertificateRow(
        jti=named_host(proved.subject, header),
        host_id=place.host_id,
        predecessor=None,
        replaced=0,
        jkt=proved.mark,
        iat=proved.now,
        exp=_end(header),
    )
    proved.book.certify(row)


def _last_month(proved: Proved) -> int:
    return month_of(proved.now) + proved.catalog.policy.telephone_months


def _end(header: Header) -> int:
    return month_end(header.last_month) - 1


def _renewable_from(since: int, last_month: int) -> int:
    """When two thirds of a confirmation's time are over."""
    return since + (month_end(last_month) - since) * 2 // 3
