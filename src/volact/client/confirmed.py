"""What a kept confirmation is worth: verified anew whenever a byte changes (spec D-11)."""

from __future__ import annotations

from dataclasses import dataclass

from volact.client.records import ConfirmationHeld
from volact.credential.telephone.confirmation import FOR_EVER, Role, Subject, month_end
from volact.credential.telephone.installation import read_installation_id
from volact.errors import Damaged, Refusal, Untrusted
from volact.licensing.states import License, Method
from volact.protocol.trust import Trust


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A believed confirmation: the license that it gives, by which key, to which computer."""

    license: License
    keyid: str
    dev: str


def judge_confirmation(trust: Trust, held: ConfirmationHeld, *, group: str) -> Confirmed | None:
    """The license of a kept confirmation for a product group, None where it proves nothing.

    Raises Damaged where the extra `phone`, without which nothing can be verified, is not installed.
    """
    try:
        from volact.protocol.confirming import believe_confirmation, confirmation_revoked_at
    except Untrusted as err:
        raise Damaged(f"a confirmation cannot be checked: {err.detail}") from err
    installation, known = read_installation_id(held.installation), trust.catalog.product_groups.get(group)
    if isinstance(installation, Refusal) or known is None:
        return None
    subject = Subject(Role.COMPUTER, known.number, trust.publisher, installation)
    found = believe_confirmation(trust, held.confirmation, subject=subject, now=held.got_at)
    if isinstance(found, Refusal):
        return None
    last = found.header.last_month
    end, revoked = None if last == FOR_EVER else month_end(last), confirmation_revoked_at(trust, found, subject=subject)
    return Confirmed(License(Method.MAK, end, revoked), installation.keyid, installation.dev)
