"""Confirmation IDs: the publisher's signature, short enough to be read out (spec C-13.4, C-13.6).

398 bits: suite 4, slot of the signing key 4, last month 8, then sign bit and x coordinate of a point of G1. What is
signed is never typed: both sides know it, or it does not hold. So a client holds nothing that could make a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from volact.credential.encoding import crockford
from volact.credential.identity import DEV_BITS, DEV_SYMBOLS
from volact.credential.productkey import GROUP_BITS, KeyKind
from volact.credential.telephone.groups import Forms
from volact.credential.telephone.installation import InstallationId
from volact.errors import Refusal, Words, say

if TYPE_CHECKING:  # what is typed can be read without the extra
    from volact.credential.telephone.keys import TelephoneKey, TelephoneSigner

SLOTS = 16
SUITE = 1  # BLS12-381, signatures in G1
FOR_EVER = 0
LONGEST = 12  # months, for what is given to hosts and directories
FORMS = Forms.of(say("confirmation ID"), "confirmation_mistyped", groups=20, start=3)
_FIRST_YEAR = 2025
_LAST_TIME = 253_402_300_799  # the end of the year 9999, where the calendar ends
_X_BITS = 381
_P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB


class Role(IntEnum):
    """What is activated by a confirmation; the numbers are in every message that was ever signed."""

    COMPUTER = 1
    HOST = 2
    DIRECTORY = 3

    @property
    def kind(self) -> KeyKind:
        """The one kind of key that serves it by telephone."""
        return KeyKind.MAK if self is Role.COMPUTER else KeyKind.HOST


@dataclass(frozen=True, slots=True)
class Subject:
    """What a confirmation is about; `group` is the number of the product group, from the key's row."""

    role: Role
    group: int
    publisher: str
    installation: InstallationId


@dataclass(frozen=True, slots=True)
class Header:
    """By which key a confirmation is signed, and the last month in which it holds: 1 is January 2025, 0 for ever."""

    slot: int
    last_month: int = FOR_EVER
    suite: int = SUITE

    @property
    def data(self) -> bytes:
        """The header as it is signed: 2 bytes."""
        return bytes([self.suite << 4 | self.slot, self.last_month])


@dataclass(frozen=True, slots=True)
class ConfirmationId:
    """A confirmation ID; whether it holds is not judged yet."""

    header: Header
    signature: bytes

    @property
    def number(self) -> int:
        """The 398 bits as a number."""
        point = int.from_bytes(self.signature, "big")
        sign, x = point >> _X_BITS & 1, point & (1 << _X_BITS) - 1
        return (int.from_bytes(self.header.data, "big") << 1 | sign) << _X_BITS | x

    @property
    def groups(self) -> tuple[str, ...]:
        """Twenty groups of seven digits, to be read out."""
        return FORMS.digits.write(self.number)

    @property
    def keyboard(self) -> tuple[str, ...]:
        """Twenty groups of five symbols, to be typed."""
        return FORMS.keyboard.write(self.number)

    @property
    def qr(self) -> str:
        """The 140 digits alone, as a QR code of version 4 holds them."""
        return "".join(self.groups)


def read_confirmation_id(text: str) -> ConfirmationId | Refusal:
    """Reads an ID in either form; refuses with `confirmation_mistyped` and `groups`, or with `confirmation_invalid`."""
    number = FORMS.read(text)
    if isinstance(number, Refusal):
        return number
    head, x = number >> _X_BITS, number & (1 << _X_BITS) - 1
    suite, slot, month, sign = head >> 13, head >> 9 & 15, head >> 1 & 255, head & 1
    if suite != SUITE:
        return _invalid(say("the confirmation ID is of a form that is not known here"))
    if x >= _P:
        return _invalid(say("no confirmation ID holds this number"))
    point = (4 | sign) << _X_BITS | x  # compressed, not infinite
    return ConfirmationId(Header(slot, month), point.to_bytes(48, "big"))


def signed_message(subject: Subject, header: Header) -> bytes:
    """The 56 bytes that a confirmation signs."""
    publisher = sha256(subject.publisher.encode()).digest()[:16]
    kind_and_group = (subject.role.kind << GROUP_BITS | subject.group).to_bytes(3, "big")
    head = b"volact/cid/v1\0" + bytes([subject.role]) + kind_and_group
    return head + publisher + subject.installation.data + header.data


def named_host(subject: Subject, header: Header) -> str:
    """The host id of a host that was activated by telephone: 75 bits of SHA-256 of the signed message."""
    digest = sha256(signed_message(subject, header)).digest()
    return crockford(int.from_bytes(digest[:10], "big") >> 80 - DEV_BITS, DEV_SYMBOLS)


def confirm(subject: Subject, header: Header, *, signer: TelephoneSigner, mask: bytes) -> ConfirmationId:
    """Signs a confirmation; the same subject and header give the same. `mask` is 48 random bytes, drawn for each call.

    Raises ValueError for a header that is out of range, or gives a host or a directory no end.
    """
    if not 0 <= header.slot < SLOTS or not 0 <= header.last_month < 256 or header.suite != SUITE:
        raise ValueError("a header is out of range")
    if subject.role is not Role.COMPUTER and header.last_month == FOR_EVER:
        raise ValueError("a confirmation for a host or a directory has an end")
    return ConfirmationId(header, signer.sign(signed_message(subject, header), mask))


def check_confirmation(
    confirmation: ConfirmationId, subject: Subject, *, key: TelephoneKey, now: int
) -> Refusal | None:
    """Refuses with `confirmation_invalid` what was not signed for this subject by this key, or is over at `now`."""
    month, last = month_of(now), confirmation.header.last_month
    if not key.verify(confirmation.signature, signed_message(subject, confirmation.header)):
        return _invalid(say("the confirmation ID was made for another installation"))
    if last != FOR_EVER and last < month:
        return _invalid(say("the last month of the confirmation ID is over"))
    if subject.role is not Role.COMPUTER and not month <= last <= month + LONGEST:
        return _invalid(say("a host or a directory is confirmed for at most twelve months"))
    return None


def month_of(time: int) -> int:
    """The month of a time (seconds since 1970) in UTC, counted from January 2025, which is 1."""
    at = datetime.fromtimestamp(min(time, _LAST_TIME), UTC)
    return (at.year - _FIRST_YEAR) * 12 + at.month


def month_end(month: int) -> int:
    """The first second (since 1970, UTC) after a month of `month_of`."""
    return int(datetime(_FIRST_YEAR + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())


def _invalid(detail: Words) -> Refusal:
    return Refusal("confirmation_invalid", detail)
