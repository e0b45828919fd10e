"""Invitations that are accepted, or sent, in a hurry."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx

from tests.support.pages import PASSWORD, Person, join, visitor
from tests.support.service import Place, Running, now
from volact.service.ledger import members
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import MembershipRow
from volact.service.roles import Role
from volact.service.usecases.members import Invited, change_role, invite


def invited(place: Place, email: str, *, role: Role, organization_id: str = "") -> Invited:
    """An invitation."""
    with place.opened() as service:
        return invite(service, email, role=role, organization_id=organization_id, act=now())


def roles(place: Place, email: str) -> tuple[MembershipRow, ...]:
    """What a member is."""
    with place.opened() as service:
        member = members.member_at(service.ledger, email)
        return members.roles_of(service.ledger, member.member_id) if member else ()


def accept(running: Running, made: list[Invited]) -> list[httpx.Response]:
    """Opens each link in a browser of its own, and then sends all their forms at once."""

    def send(browser: Person, one: Invited) -> httpx.Response:
        return browser.post(f"/invitation/{one.secret}", name="Kari Lie", password=PASSWORD)

    browsers = [visitor(running) for _ in made]
    for browser, one in zip(browsers, made, strict=True):
        browser.get(f"/invitation/{one.secret}")
    with ThreadPoolExecutor(len(made)) as pool:
        return list(pool.map(send, browsers, made))


def signed_in(running: Running, email: str) -> httpx.Response:
    """The page on which the password that was chosen leads."""
    person = visitor(running)
    person.get("/account/login/")
    return person.post("/account/login/", login=email, password=PASSWORD)


def test_a_link_that_is_accepted_several_times_at_once_makes_one_account(place: Place, running: Running) -> None:
    """Of several who accept a link at one moment one is let in, the others are told that it ended, and the password
    that was chosen signs in."""
    for number in range(5):
        email = f"hurried{number}@example.org"
        made = invited(place, email, role=Role.AUDITOR)
        assert sorted(page.status_code for page in accept(running, [made] * 4)) == [200, 410, 410, 410]
        assert [row.role for row in roles(place, email)] == [Role.AUDITOR]
        assert signed_in(running, email).url.path == "/office/record/"


def test_two_links_that_are_accepted_at_once_make_one_account(
    place: Place, running: Running, organization_id: str
) -> None:
    """Who accepts invitations of two organizations at one moment is one member with both roles, who can sign in."""
    for number in range(5):
        email = f"wanted{number}@example.org"
        both = [
            invited(place, email, role=Role.AUDITOR),
            invited(place, email, role=Role.REPORT_READER, organization_id=organization_id),
        ]
        assert [page.status_code for page in accept(running, both)] == [200, 200]
        assert sorted(row.role for row in roles(place, email)) == [Role.AUDITOR, Role.REPORT_READER]
        assert signed_in(running, email).status_code == 200
        assert signed_in(running, email).url.path != "/account/login/"


def test_an_invitation_to_what_no_letter_can_be_sent_to_is_not_lost(
    place: Place, running: Running, organization_id: str
) -> None:
    """Where an address is none that mail programs can write, its invitation stands and its link is handed over."""
    admin = join(place, running, role=Role.ADMINISTRATOR, organization_id=organization_id)
    here = f"/portal/{organization_id}/people/"
    admin.get(here)
    page = admin.post(here, do="invite", role=Role.KEY_READER, email=f"kari@{'ø' * 60}.example")
    assert page.status_code == 200
    assert "/invitation/" in page.text
    assert "could not be sent" in page.text


def test_who_loses_the_role_while_a_form_waits_does_nothing(
    place: Place, running: Running, organization_id: str
) -> None:
    """A form that waits for others to be written is not done where its sender's role was taken away meanwhile."""
    keeper = join(place, running, role=Role.ADMINISTRATOR, organization_id=organization_id)
    admin = join(place, running, role=Role.ADMINISTRATOR, organization_id=organization_id)
    here = f"/portal/{organization_id}/people/"
    admin.get(here)
    with place.opened() as service, ThreadPoolExecutor(1) as pool:
        member = members.member_at(service.ledger, admin.email)
        assert member is not None
        with writing(service.ledger):
            sent = pool.submit(admin.post, here, do="invite", role=Role.ADMINISTRATOR, email="late@example.org")
            time.sleep(1)  # until it waits; one that comes later finds no role at all
            change_role(service, member.member_id, organization_id=organization_id, role=None, act=now())
        assert sent.result().status_code == 404
    assert "late@example.org" not in keeper.get(here).text


def test_who_became_a_member_as_the_service_was_ended_can_sign_in(tmp_path: Path) -> None:
    """An account that was not opened any more when its member was on record is opened with the next start."""
    place = Place.make(tmp_path / "service", catalog="demo")
    with place.running() as running:
        kari = join(place, running, role=Role.AUDITOR)
    with closing(sqlite3.connect(place.folder / "accounts.db")) as accounts, accounts:
        accounts.execute("UPDATE auth_user SET is_active = 0")
        accounts.execute("DELETE FROM account_emailaddress")
        accounts.execute(
            "INSERT INTO auth_user (username, email, password, is_active, is_staff, is_superuser, first_name,"
            " last_name, date_joined) VALUES ('nobody', 'nobody@example.org', '', 0, 0, 0, '', '', '2026-01-01')"
        )
    with place.running() as running:
        assert signed_in(running, kari.email).url.path == "/office/record/"
    with closing(sqlite3.connect(place.folder / "accounts.db")) as accounts:
        opened = accounts.execute("SELECT email FROM auth_user WHERE is_active = 1").fetchall()
    assert opened == [(kari.email,)]
