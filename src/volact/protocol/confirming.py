"""Which confirmations are believed: those that a telephone key of the newest root signed for the subject (spec P-8).

Needs the extra `phone`.
"""

from __future__ import annotations

from collections.abc import Callable

from volact.credential.telephone.confirmation import ConfirmationId, Subject, check_confirmation, read_confirmation_id
from volact.credential.telephone.keys import TelephoneKey
from volact.errors import Malformed, Refusal
from volact.protocol.callsheets import CallSheet
from volact.protocol.trust import Trust


def believe_confirmation(trust: Trust, text: str, *, subject: Subject, now: int) -> ConfirmationId | Refusal:
    """The confirmation that was typed, in either form, if it holds for the subject at `now` (seconds).

    Refuses with `confirmation_mistyped` and `groups`, or with `confirmation_invalid`. A confirmation has no time of its
    own: neither the dates nor the state of its key are looked at, and what is revoked is believed and told apart.
    """

    def listed(slot: int) -> dict[str, str] | None:
        key = trust.root.telephone(slot)
        return key.jwk if key else None

    return _judged(text, listed, subject=subject, now=now)


def heard_confirmation(sheet: CallSheet, text: str, *, now: int) -> ConfirmationId | Refusal:
    """The same for whoever calls for a computer, by its call sheet; raises Malformed for one that is none.

    No more than a word: the computer judges by its own root.
    """
    return _judged(text, sheet.jwk, subject=sheet.subject, now=now)


def confirmation_revoked_at(trust: Trust, confirmation: ConfirmationId, *, subject: Subject) -> int | None:
    """The time from which on a believed confirmation counts as revoked, or None."""
    said, key = subject.installation, trust.root.telephone(confirmation.header.slot)
    times = [key.compromised] if key and key.compromised is not None else []
    times += [entry.at for entry in trust.revocations.keys if entry.keyid == said.keyid]
    listed = trust.revocations.telephone
    times += [entry.at for entry in listed if (entry.keyid, entry.dev) == (said.keyid, said.dev)]
    return min(times, default=None)


def _judged(
    text: str, listed: Callable[[int], dict[str, str] | None], *, subject: Subject, now: int
) -> ConfirmationId | Refusal:
    confirmation = read_confirmation_id(text)
    if isinstance(confirmation, Refusal):
        return confirmation
    jwk = listed(confirmation.header.slot)
    try:
        key = TelephoneKey.from_jwk(jwk) if jwk else None
    except Malformed:
        key = None  # of a later version
    if key is None:
        return Refusal("confirmation_invalid", "no key that is known here signed the confirmation ID")
    return check_confirmation(confirmation, subject, key=key, now=now) or confirmation
