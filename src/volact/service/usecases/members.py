"""Members of the pages: invited by a link that holds once, accepted, given another role, let go."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, members
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import InvitationRow, MemberRow, MembershipRow
from volact.service.ports import Act, Service
from volact.service.roles import CUSTOMERS, PUBLISHERS, Right, Role, may
from volact.service.usecases.customers import known_organization
from volact.service.usecases.names import check_name, draw_id, misused

INVITED_SECONDS = 72 * 3_600
LANGUAGES = ("en", "fr", "nb")
THEMES = ("light", "dark")
_PART = r"[^@\s.,;:<>()\[\]\\\"]"  # what tells several addresses, or a name and an address, apart is in none
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_PART}+(\.{_PART}+)*@{_PART}{{1,63}}(\.{_PART}{{1,63}})*")
_CALLED = re.compile(r".*\(member ([0-9A-Z]+)\)")
_LONGEST = 254


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation in the one moment when its secret is known, and what is on record of it."""

    secret: str
    row: InvitationRow


def invite(service: Service, email: str, *, role: Role, organization_id: str, act: Act) -> Invited:
    """Invites an address to a role of an organization, the publisher's where that is empty, for 72 hours.

    It ends one that the address still has there. Whether who invites may give that role is for the caller to check.
    Raises Refused: `usage`, `unknown_organization`, and `already_member` for somebody who has a role there.
    """
    address = check_address(email)
    if role not in (CUSTOMERS if organization_id else PUBLISHERS):
        raise misused(say("{role} is no role there", role=role))
    secret = secrets.token_urlsafe(32)
    with writing(service.ledger):
        if organization_id:
            known_organization(service, organization_id)
        known = members.member_at(service.ledger, address)
        if known and _role(service, known.member_id, organization_id=organization_id):
            said = say("{email} has a role there already: change that instead", email=address)
            raise Refused(Refusal("already_member", said, {"email": address}))
        _end_open(service, address, organization_id=organization_id, act=act)
        row = InvitationRow(
            invitation_id=draw_id(service.draw, "V", taken=lambda _: False),
            email=address,
            organization_id=organization_id,
            role=role,
            invited_by=act.who,
            at=act.now,
            expires=act.now + INVITED_SECONDS,
        )
        members.invite(service.ledger, row, secret_hash=_hash(secret))
        detail = {"invitation": row.invitation_id, "email": address, "role": role}
        audit.write(service.ledger, act, what="member invited", subject=organization_id or "publisher", detail=detail)
    return Invited(secret, row)


def invitation(service: Service, secret: str, *, now: int) -> InvitationRow:
    """The invitation of a link; raises Refused (`invitation_ended`), alike whatever is wrong with it."""
    with reading(service.ledger):
        found = members.invitation(service.ledger, _hash(secret))
    if found is None or found.ended_at is not None or found.expires <= now:
        raise Refused(Refusal("invitation_ended", "this link was used, was withdrawn, or is older than 72 hours"))
    return found


def accept(service: Service, secret: str, *, member_id: str, name: str, act: Act) -> MemberRow:
    """Makes who holds the link a member, or gives a member of that address the role, once.

    `member_id` is what a new member is called from then on. Raises Refused: `invitation_ended`, `usage`.
    """
    with writing(service.ledger):
        invited = invitation(service, secret, now=act.now)
        found = members.member_at(service.ledger, invited.email)
        if found is None:
            found = MemberRow(member_id, invited.email, check_name(name, say("a name")), act.now)
            members.add(service.ledger, found)
        members.end_invitation(service.ledger, invited.invitation_id, at=act.now, member_id=found.member_id)
        _end_open(service, found.email, organization_id=invited.organization_id, act=act)
        members.end_role(service.ledger, found.member_id, organization_id=invited.organization_id, at=act.now)
        role = MembershipRow(found.member_id, invited.organization_id, invited.role, act.now)
        members.give_role(service.ledger, role)
        detail = {"invitation": invited.invitation_id, "member": found.member_id, "role": invited.role}
        act = replace(act, who=called(found))
        subject = invited.organization_id or "publisher"
        audit.write(service.ledger, act, what="invitation accepted", subject=subject, detail=detail)
    return found


def withdraw(service: Service, invitation_id: str, *, organization_id: str, act: Act) -> None:
    """Ends an open invitation of an organization; one that is not open stays as it is."""
    with writing(service.ledger):
        waiting = members.open_invitations(service.ledger, organization_id, now=act.now)
        _end(service, (row for row in waiting if row.invitation_id == invitation_id), act=act)


def change_role(service: Service, member_id: str, *, organization_id: str, role: Role | None, act: Act) -> None:
    """Gives a member another role in an organization, or none there any more; no link gives back the one before.

    The role that the member has already changes nothing. Raises Refused: `unknown_member`, and `last_administrator`
    where nobody would be left who can invite.
    """
    with writing(service.ledger):
        before = _role(service, member_id, organization_id=organization_id)
        if before is None:
            raise Refused(Refusal("unknown_member", "nobody of that id has a role there", {"member_id": member_id}))
        if role == before:
            return
        if role is not None and role not in (CUSTOMERS if organization_id else PUBLISHERS):
            raise misused(say("{role} is no role there", role=role))
        inviting = [row for _, row in members.people_of(service.ledger, organization_id) if _invites(row.role)]
        if _invites(before) and not (role and may(role, Right.MEMBERS)) and len(inviting) == 1:
            said = say("the only administrator stays one: give somebody else that role first")
            raise Refused(Refusal("last_administrator", said, {"member_id": member_id}))
        members.end_role(service.ledger, member_id, organization_id=organization_id, at=act.now)
        named = members.member(service.ledger, member_id)
        _end_open(service, named.email if named else "", organization_id=organization_id, act=act)
        if role is not None:
            members.give_role(service.ledger, MembershipRow(member_id, organization_id, role, act.now))
        detail = {"member": member_id, "role": role, "before": before}
        audit.write(service.ledger, act, what="role changed", subject=organization_id or "publisher", detail=detail)


def settle_member(service: Service, member_id: str, *, name: str, language: str | None, theme: str | None) -> None:
    """Puts a member's own settings on record; raises Refused: `usage`."""
    if language not in (None, *LANGUAGES) or theme not in (None, *THEMES):
        raise misused(say("that is not offered"))
    with writing(service.ledger):
        found = members.member(service.ledger, member_id)
        if found is not None:
            changed = replace(found, name=check_name(name, say("a name")), language=language, theme=theme)
            members.settle(service.ledger, changed)


def check_address(text: str) -> str:
    """The address in lower case; raises Refused (`usage`) for a text that is none."""
    address = text.strip().lower()
    if len(address) > _LONGEST or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise misused(say("an e-mail address looks like ingrid@example.org"))
    return address


def called(member: MemberRow) -> str:
    """What the record calls a member who acts."""
    return f"{member.name} (member {member.member_id})"


def member_id(who: str) -> str:
    """The id of the member whom the record calls so; empty for anybody else."""
    found = _CALLED.fullmatch(who)
    return found[1] if found else ""


def _end_open(service: Service, email: str, *, organization_id: str, act: Act) -> None:
    """Ends what an address could still accept in an organization: one invitation at a time says what it is to be."""
    waiting = members.open_invitations(service.ledger, organization_id, now=act.now)
    _end(service, (row for row in waiting if row.email == email), act=act)


def _end(service: Service, rows: Iterable[InvitationRow], *, act: Act) -> None:
    for row in rows:
        members.end_invitation(service.ledger, row.invitation_id, at=act.now, member_id=None)
        detail, subject = {"invitation": row.invitation_id}, row.organization_id or "publisher"
        audit.write(service.ledger, act, what="invitation withdrawn", subject=subject, detail=detail)


def _role(service: Service, member_id: str, *, organization_id: str) -> str | None:
    has = members.roles_of(service.ledger, member_id)
    return next((row.role for row in has if row.organization_id == organization_id), None)


def _invites(role: str) -> bool:
    return may(Role(role), Right.MEMBERS)


def _hash(secret: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
