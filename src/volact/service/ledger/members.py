"""Members, their roles, and invitations to them."""

from __future__ import annotations

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import InvitationRow, MemberRow, MembershipRow

_MEMBER = "member_id, email, name, at, language, theme"
_ROLE = "member_id, organization_id, role, at, ended_at"
_INVITATION = "invitation_id, email, organization_id, role, invited_by, at, expires, ended_at, member_id"


def add(ledger: Ledger, row: MemberRow) -> None:
    """Adds a member."""
    values = (row.member_id, row.email, row.name, row.at, row.language, row.theme)
    ledger.execute(f"INSERT INTO members ({_MEMBER}) VALUES (?, ?, ?, ?, ?, ?)", values)


def member(ledger: Ledger, member_id: str) -> MemberRow | None:
    """The member of that id, or None."""
    row = ledger.execute(f"SELECT {_MEMBER} FROM members WHERE member_id = ?", (member_id,)).fetchone()
    return None if row is None else MemberRow(*row)


def every_id(ledger: Ledger) -> frozenset[str]:
    """The ids of all members there ever were."""
    return frozenset(row[0] for row in ledger.execute("SELECT member_id FROM members"))


def member_at(ledger: Ledger, email: str) -> MemberRow | None:
    """The member of that address, or None."""
    row = ledger.execute(f"SELECT {_MEMBER} FROM members WHERE email = ?", (email,)).fetchone()
    return None if row is None else MemberRow(*row)


def settle(ledger: Ledger, row: MemberRow) -> None:
    """Puts a member's name and settings on record."""
    ledger.execute(
        "UPDATE members SET name = ?, language = ?, theme = ? WHERE member_id = ?",
        (row.name, row.language, row.theme, row.member_id),
    )


def roles_of(ledger: Ledger, member_id: str) -> tuple[MembershipRow, ...]:
    """The roles that a member has now, the oldest first."""
    rows = ledger.execute(
        f"SELECT {_ROLE} FROM memberships WHERE member_id = ? AND ended_at IS NULL ORDER BY at, organization_id",
        (member_id,),
    )
    return tuple(MembershipRow(*row) for row in rows)


def people_of(ledger: Ledger, organization_id: str) -> tuple[tuple[MemberRow, MembershipRow], ...]:
    """Who has a role in an organization now, by name; the publisher's own people where it is empty."""
    columns = ", ".join(f"m.{name}" for name in _MEMBER.split(", "))
    roles = ", ".join(f"r.{name}" for name in _ROLE.split(", "))
    rows = ledger.execute(
        f"""
        SELECT {columns}, {roles} FROM memberships r JOIN members m ON m.member_id = r.member_id
        WHERE r.organization_id = ? AND r.ended_at IS NULL ORDER BY m.name, m.member_id
        """,
        (organization_id,),
    )
    return tuple((MemberRow(*row[:6]), MembershipRow(*row[6:])) for row in rows)


def give_role(ledger: Ledger, row: MembershipRow) -> None:
    """Gives a member a role where it has none."""
    values = (row.member_id, row.organization_id, row.role, row.at, row.ended_at)
    ledger.execute(f"INSERT INTO memberships ({_ROLE}) VALUES (?, ?, ?, ?, ?)", values)


def end_role(ledger: Ledger, member_id: str, *, organization_id: str, at: int) -> None:
    """Ends the role that a member has in an organization."""
    ledger.execute(
        "UPDATE memberships SET ended_at = ? WHERE member_id = ? AND organization_id = ? AND ended_at IS NULL",
        (at, member_id, organization_id),
    )


def invite(ledger: Ledger, row: InvitationRow, *, secret_hash: bytes) -> None:
    """Adds an invitation."""
    values = (row.invitation_id, row.email, row.organization_id, row.role, row.invited_by, row.at, row.expires)
    ledger.execute(
        """
        INSERT INTO invitations (invitation_id, email, organization_id, role, invited_by, at, expires, secret_hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (*values, secret_hash),
    )


def invitation(ledger: Ledger, secret_hash: bytes) -> InvitationRow | None:
    """The invitation whose secret has that hash, or None."""
    row = ledger.execute(f"SELECT {_INVITATION} FROM invitations WHERE secret_hash = ?", (secret_hash,)).fetchone()
    return None if row is None else InvitationRow(*row)


def open_invitations(ledger: Ledger, organization_id: str, *, now: int) -> tuple[InvitationRow, ...]:
    """The invitations to an organization that can be accepted, the oldest first."""
    rows = ledger.execute(
        f"""
        SELECT {_INVITATION} FROM invitations
        WHERE organization_id = ? AND ended_at IS NULL AND expires > ? ORDER BY at, invitation_id
        """,
        (organization_id, now),
    )
    return tuple(InvitationRow(*row) for row in rows)


def end_invitation(ledger: Ledger, invitation_id: str, *, at: int, member_id: str | None) -> None:
    """Ends an invitation: accepted by a member, or withdrawn where that is None."""
    ledger.execute(
        "UPDATE invitations SET ended_at = ?, member_id = ? WHERE invitation_id = ? AND ended_at IS NULL",
        (at, member_id, invitation_id),
    )
