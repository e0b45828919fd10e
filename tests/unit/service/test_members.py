"""Members on both databases: what an invitation gives, once, and who is left to invite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.service.conftest import Office
from volact.errors import Refused
from volact.service.ledger import audit, members
from volact.service.ports import Act
from volact.service.roles import Role
from volact.service.usecases.customers import add_organization
from volact.service.usecases.members import Invited, accept, change_role, invite, withdraw


@pytest.fixture
def here(office: Office) -> str:
    """An organization."""
    return add_organization(office.service, "Nordlys Energi", parent=None, country="NO", act=office.act)


def invited(office: Office, here: str, role: Role, email: str = "kari@example.org") -> Invited:
    """A new invitation."""
    return invite(office.service, email, role=role, organization_id=here, act=office.act)


def joined(office: Office, made: Invited, member_id: str = "K") -> str:
    """Accepts it; gives the member's id."""
    return accept(office.service, made.secret, member_id=member_id, name="Kari", act=office.act).member_id


def roles(office: Office, member_id: str) -> list[str]:
    """Which roles a member has now."""
    return [row.role for row in members.roles_of(office.service.ledger, member_id)]


def ended(office: Office, made: Invited) -> bool:
    """Whether a link holds no more."""
    with pytest.raises(Refused) as caught:
        joined(office, made)
    return caught.value.code == "invitation_ended"


def test_a_later_invitation_ends_the_earlier_one(office: Office, here: str) -> None:
    """An address has one open invitation to an organization: the newest; those elsewhere and of others stay."""
    first, other = invited(office, here, Role.ADMINISTRATOR), invited(office, here, Role.KEY_READER, "ola@example.org")
    elsewhere = invited(office, "", Role.AUDITOR)
    second = invited(office, here, Role.REPORT_READER, " Kari@Example.org")
    assert ended(office, first)
    assert roles(office, joined(office, second)) == [Role.REPORT_READER]
    joined(office, elsewhere)
    assert sorted(roles(office, "K")) == [Role.AUDITOR, Role.REPORT_READER]
    assert roles(office, joined(office, other, "O")) == [Role.KEY_READER]
    acts = [row.act for row in audit.history(office.service.ledger, here)]
    assert acts.count("invitation withdrawn") == 1


def test_no_link_gives_back_a_role_that_was_taken(office: Office, here: str) -> None:
    """An invitation that was open beside another is worth nothing once a role was accepted, changed or taken away."""
    ledger, now = office.service.ledger, office.act.now

    def left(made: Invited, number: int) -> None:
        """One that an earlier version left open beside another."""
        row = replace(made.row, invitation_id=f"V-{number}", role=Role.ADMINISTRATOR)
        members.invite(ledger, row, secret_hash=bytes([number]) * 32)

    made = invited(office, here, Role.KEY_READER)
    left(made, 1)
    joined(office, made)
    assert not members.open_invitations(ledger, here, now=now)
    for number, role in enumerate((Role.REPORT_READER, None), 2):
        left(made, number)
        change_role(office.service, "K", organization_id=here, role=role, act=office.act)
        assert not members.open_invitations(ledger, here, now=now)
    assert roles(office, "K") == []


def test_the_role_that_a_member_has_changes_nothing(office: Office, here: str) -> None:
    """A role given twice is on record once, as a form that is sent twice gives it."""
    joined(office, invited(office, here, Role.ADMINISTRATOR))
    joined(office, invited(office, here, Role.KEY_READER, "ola@example.org"), "O")
    for _ in range(2):
        change_role(office.service, "O", organization_id=here, role=Role.REPORT_READER, act=office.act)
    assert roles(office, "O") == [Role.REPORT_READER]
    assert [row.act for row in audit.history(office.service.ledger, here)].count("role changed") == 1


def test_the_only_administrator_stays_one_whoever_asks_first(office: Office, here: str) -> None:
    """Of two administrators who take the role from each other the second is refused."""
    joined(office, invited(office, here, Role.ADMINISTRATOR), "K")
    joined(office, invited(office, here, Role.ADMINISTRATOR, "ola@example.org"), "O")
    change_role(office.service, "O", organization_id=here, role=Role.KEY_READER, act=office.act)
    for role in (Role.KEY_ADMINISTRATOR, None):
        with pytest.raises(Refused, match="only administrator"):
            change_role(office.service, "K", organization_id=here, role=role, act=office.act)
    assert roles(office, "K") == [Role.ADMINISTRATOR]


def test_what_was_withdrawn_is_recorded_once(office: Office, here: str) -> None:
    """An invitation is withdrawn in its own organization alone, and once."""
    made = invited(office, here, Role.KEY_READER)
    for where in ("", here, here):
        withdraw(office.service, made.row.invitation_id, organization_id=where, act=office.act)
    assert ended(office, made)
    assert [row.act for row in audit.history(office.service.ledger, here)].count("invitation withdrawn") == 1


@pytest.mark.parametrize(
    "text",
    [
        "kari,ola@example.org", "kari@example.org,ola", "<kari@example.org>", '"kari@example.org', "kari;ola@a.example",
        "kari@" + "b" * 64 + ".example", "kari@" + "ø" * 64, "kari@example..org", ".kari@example.org", "a@b@c.example",
        "kari", "kari@", "@example.org", "kari @example.org", "kari@example.org\nola", "k" * 65 + "@example.org",
    ],
)  # fmt: skip
def test_an_address_is_one_address(office: Office, here: str, text: str) -> None:
    """What mail programs read as several addresses, as a name beside one, or as none, is refused."""
    with pytest.raises(Refused) as caught:
        invited(office, here, Role.KEY_READER, text)
    assert caught.value.code == "usage"


@pytest.mark.parametrize("text", ["kari@example.org", "Kari.Lie+volact@post.example.org", "o'hara@localhost", "å@ø.no"])
def test_an_address_may_be_of_any_usual_form(office: Office, here: str, text: str) -> None:
    """Addresses with points, a plus, an apostrophe and letters of any alphabet are taken, in small letters."""
    assert invited(office, here, Role.KEY_READER, text).row.email == text.lower()


def test_who_invited_is_on_record(office: Office, here: str) -> None:
    """An invitation is recorded with its address and role, and without its secret."""
    made = invite(
        office.service, "k@example.org", role=Role.KEY_READER, organization_id=here, act=Act("ola", office.act.now)
    )
    assert made.row.invited_by == "ola"
    assert made.secret.encode() not in office.on_record()
