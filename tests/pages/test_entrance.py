"""What happens at the door: too many tries, ended sessions and roles, invitations that ended, links that lead away."""

from __future__ import annotations

import re
import time

import pytest

from tests.support.pages import PASSWORD, Person, age, code, join, visitor
from tests.support.service import Place, Running, now
from volact.service.ports import Act
from volact.service.roles import Role
from volact.service.usecases.members import change_role, invite, withdraw


def test_five_wrong_passwords_close_the_door_for_that_account(place: Place, running: Running) -> None:
    """After five wrong passwords the right one is refused too, whoever has it, and other accounts sign in."""
    known, other = join(place, running, role=Role.AUDITOR), join(place, running, role=Role.AUDITOR)
    guesser = visitor(running)
    guesser.get("/account/login/")
    for _ in range(5):
        page = guesser.post("/account/login/", login=known.email, password="not the password")
        assert "No account has this address and this password" in page.text
    page = guesser.post("/account/login/", login=known.email, password=PASSWORD)
    assert "Too many tries" in page.text
    assert guesser.get("/office/record/").url.path == "/account/login/"
    assert guesser.post("/account/login/", login=other.email, password=PASSWORD).url.path == "/office/record/"


def test_five_wrong_codes_close_the_door(place: Place, running: Running) -> None:
    """After five wrong codes of the second factor the right one is refused as well."""
    person = join(place, running, role=Role.AUDITOR)
    person.prove()
    guesser = visitor(running)
    guesser.get("/account/login/")
    guesser.post("/account/login/", login=person.email, password=PASSWORD)
    for _ in range(5):
        page = guesser.post("/account/2fa/authenticate/", code="000000")
        assert "not the digits that hold now" in page.text
    page = guesser.post("/account/2fa/authenticate/", code=code(person.totp))
    assert "Too many tries" in page.text
    assert guesser.get("/office/record/").url.path == "/account/2fa/authenticate/"


def test_a_code_signs_in_once(place: Place, running: Running) -> None:
    """A code that somebody saw being typed is worth nothing after it was used."""
    person = join(place, running, role=Role.AUDITOR)
    person.prove()
    seen = code(person.totp)
    person.get("/account/2fa/reauthenticate/")
    person.post("/account/2fa/reauthenticate/", code=seen)
    other = visitor(running)
    other.get("/account/login/")
    other.post("/account/login/", login=person.email, password=PASSWORD)
    assert "not the digits that hold now" in other.post("/account/2fa/authenticate/", code=seen).text


def test_an_unknown_address_is_answered_as_a_wrong_password(place: Place, running: Running) -> None:
    """Signing in tells nobody which addresses have an account."""
    known, person = join(place, running, role=Role.AUDITOR), visitor(running)
    person.get("/account/login/")
    answers = [
        re.sub(r'value="[^"]*"', "", person.post("/account/login/", login=email, password="not the password").text)
        for email in (known.email, "nobody@example.org")
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "confirm-email/", "password/set/", "login/code/", "login/code/confirm/", "2fa/trust/"]
)
def test_what_is_not_offered_is_not_there(place: Place, running: Running, path: str) -> None:
    """Nobody signs up, changes the address of an account, or gets a code by e-mail, signed in or not."""
    for person in (visitor(running), join(place, running, role=Role.AUDITOR)):
        page = person.get(f"/account/{path}")
        assert page.status_code == 404
        assert "not_found" in page.text


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "https:evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(place: Place, running: Running, to: str) -> None:
    """A link to the page for signing in that names another site leads to a page of ours."""
    known, person = join(place, running, role=Role.AUDITOR), visitor(running)
    person.get("/account/login/", next=to)
    page = person.post("/account/login/", login=known.email, password=PASSWORD, next=to)
    assert page.url.host == "127.0.0.1"
    assert page.url.path == "/office/record/"


def test_cookies_are_for_this_site_and_no_script(place: Place, running: Running) -> None:
    """A browser gives the session to no script and no form of another site, and over https alone where there is it."""
    person = visitor(running)
    with place.opened() as service:
        made = invite(service, "cookies@example.org", role=Role.AUDITOR, organization_id="", act=now())
    person.get(f"/invitation/{made.secret}")
    page = person.post(f"/invitation/{made.secret}", follow=False, name="Ingrid", password=PASSWORD)
    cookies = {each.partition("=")[0]: each for each in page.headers.get_list("set-cookie")}
    for name in ("volact-session", "volact-csrf"):
        assert "HttpOnly" in cookies[name]
        assert "SameSite=Lax" in cookies[name]
        assert "Secure" not in cookies[name]  # plain http on loopback
    fresh = Place.make(place.folder.with_name("behind"))
    with fresh.running("--url", "https://activation.acme.example") as secure:
        page = visitor(secure).get("/account/login/")
        assert "Secure" in page.headers["set-cookie"]


def test_a_role_that_was_taken_away_ends_at_once(place: Place, running: Running, organization_id: str) -> None:
    """A session goes on without the rights of a role that was taken away, from the next request on."""
    kari = join(place, running, role=Role.ADMINISTRATOR, organization_id=organization_id)
    join(place, running, role=Role.ADMINISTRATOR, organization_id=organization_id)
    people = f"/portal/{organization_id}/people/"
    assert kari.get(people).status_code == 200
    with place.opened() as service:
        (member_id,) = service.ledger.execute("SELECT member_id FROM members WHERE email = ?", (kari.email,)).fetchone()
        change_role(service, member_id, organization_id=organization_id, role=Role.REPORT_READER, act=now())
    assert kari.get(people).status_code == 403
    with place.opened() as service:
        change_role(service, member_id, organization_id=organization_id, role=None, act=now())
    assert kari.get(people).status_code == 404
    assert kari.post(people, do="invite", email="x@example.org", role=Role.KEY_READER).status_code == 404
    assert "no role in any organization" in kari.get("/").text


def test_signing_out_ends_the_session(place: Place, running: Running) -> None:
    """What a browser kept of a session is worth nothing after it signed out."""
    person = join(place, running, role=Role.AUDITOR)
    kept = dict(person.client.cookies)
    person.post("/account/logout/")
    thief = visitor(running)
    thief.client.cookies.update(kept)
    assert thief.get("/office/record/").url.path == "/account/login/"


def test_a_member_ends_the_other_sessions(place: Place, running: Running) -> None:
    """The list names every browser where a member is signed in, and ends all but the one that asks."""
    here = join(place, running, role=Role.AUDITOR)
    there = _signed_in(running, here.email)
    assert "signed in on 2 browsers" in here.get("/account/sessions/").text
    here.post("/account/sessions/")
    assert there.get("/office/record/").url.path == "/account/login/"
    assert here.get("/office/record/").url.path == "/office/record/"


def test_another_password_ends_the_other_sessions(place: Place, running: Running) -> None:
    """Whoever changes the password stays signed in; every other browser has to sign in by the new one."""
    here = join(place, running, role=Role.AUDITOR)
    there = _signed_in(running, here.email)
    changed = "another battery staple"
    here.get("/account/password/change/")
    page = here.post("/account/password/change/", oldpassword=PASSWORD, password1=changed, password2=changed)
    assert page.status_code == 200
    assert there.get("/office/record/").url.path == "/account/login/"
    assert here.get("/office/record/").url.path == "/office/record/"


def test_an_invitation_ends_alike(place: Place, running: Running) -> None:
    """A link that was withdrawn, is older than 72 hours, or never was, is answered alike, read or sent."""
    act = now()
    with place.opened() as service:
        gone = invite(service, "gone@example.org", role=Role.AUDITOR, organization_id="", act=act)
        withdraw(service, gone.row.invitation_id, organization_id="", act=act)
        old = Act("test", int(time.time()) - 72 * 3_600)
        late = invite(service, "late@example.org", role=Role.AUDITOR, organization_id="", act=old)
    person = visitor(running)
    person.get("/account/login/")
    for secret in (gone.secret, late.secret, "x" * 43):
        page = person.get(f"/invitation/{secret}")
        sent = person.post(f"/invitation/{secret}", name="Ola", password=PASSWORD)
        assert page.status_code == sent.status_code == 410
        assert "invitation_ended" in page.text


def test_a_long_name_or_address_is_told_so(place: Place, running: Running) -> None:
    """Ten thousand characters in a field are refused in words, and keep nothing from being typed again."""
    long = "x" * 10_000
    person = visitor(running)
    person.get("/account/login/")
    assert person.post("/account/login/", login=long, password=long).status_code == 200
    assert person.post("/account/password/reset/", email=f"{long}@example.org").status_code == 200
    inviter = join(place, running, role=Role.PUBLISHER)
    inviter.get("/office/people/")
    page = inviter.post("/office/people/", do="invite", email=f"{long}@example.org", role=Role.AUDITOR)
    assert page.status_code == 400
    assert inviter.post("/account/settings/", name=long, language="en", theme="").status_code == 400


def _signed_in(running: Running, email: str) -> Person:
    person = visitor(running, email=email)
    person.get("/account/login/")
    person.post("/account/login/", login=email, password=PASSWORD)
    return person


def test_a_session_ends_after_twelve_hours_whatever_was_shown_since(place: Place, running: Running) -> None:
    """Showing the second factor again makes no session longer: after 12 hours its member signs in anew."""
    person = join(place, running, role=Role.AUDITOR)
    person.prove()
    assert person.get("/office/record/").url.path == "/office/record/"
    age(place, sessions=12 * 3_600)
    for path in ("/office/record/", "/account/2fa/", "/account/sessions/", "/account/settings/", "/"):
        assert person.get(path).url.path == "/account/login/", path
    again = person.post("/account/login/", login=person.email, password=PASSWORD)
    assert again.url.path == "/account/2fa/authenticate/"
