"""Invitations, signing in, roles."""

from __future__ import annotations

from tests.support.commands import volact
from tests.support.databases import BOTH
from tests.support.pages import PASSWORD, code, join, plain, visitor
from tests.support.service import Place, Running, now
from volact.service.roles import Role
from volact.service.usecases.members import invite

DATABASES = BOTH


def test_the_first_administrator_comes_by_a_link(place: Place, running: Running) -> None:
    """The link of `service administrator add` makes one person administrator, once."""
    said = volact("service", "administrator", "add", str(place.folder), "First@Example.org").data
    path = "/invitation/" + said["link"].rpartition("/")[2]
    first = visitor(running)
    assert "first@example.org" in first.get(path).text
    page = first.post(path, name="Ingrid Haugen", password=PASSWORD)
    assert page.url.path == "/account/2fa/"
    assert first.get("/").url.path == "/office/"
    again = visitor(running).get(path)
    assert again.status_code == 410
    assert "invitation_ended" in again.text


def test_a_weak_password_is_refused_and_the_link_still_holds(place: Place, running: Running) -> None:
    """A password that is short or common is refused by what is wrong with it, and the invitation is not used up."""
    with place.opened() as service:
        made = invite(service, "weak@example.org", role=Role.AUDITOR, organization_id="", act=now())
    path = f"/invitation/{made.secret}"
    person = visitor(running)
    person.get(path)
    page = person.post(path, name="Ola", password="password123")
    assert page.status_code == 422
    assert "too common" in page.text
    assert "at least 12 characters" in page.text
    assert person.post(path, name="Ola", password=PASSWORD).url.path == "/account/2fa/"


def test_who_has_no_role_there_sees_what_does_not_exist(place: Place, running: Running, organization_id: str) -> None:
    """A page of an organization is, to somebody without a role in it, byte for byte one of none."""
    auditor = join(place, running, role=Role.AUDITOR)
    there, nowhere = auditor.get(f"/portal/{organization_id}/"), auditor.get("/portal/O-0000-0000/")
    assert there.status_code == nowhere.status_code == 404
    assert plain(there.text) == plain(nowhere.text)


def test_a_role_that_lacks_a_right_is_told_so(place: Place, running: Running, organization_id: str) -> None:
    """A reader of reports cannot open the page of people, and is told which role can."""
    reader = join(place, running, role=Role.REPORT_READER, organization_id=organization_id)
    page = reader.get(f"/portal/{organization_id}/people/")
    assert page.status_code == 403
    assert "role_missing" in page.text


def test_signing_in_asks_for_the_second_factor(place: Place, running: Running) -> None:
    """Whoever set up an authenticator app signs in with password and code, and not without the code."""
    operator = join(place, running, role=Role.PUBLISHER)
    operator.prove()
    other = visitor(running)
    other.get("/account/login/")
    page = other.post("/account/login/", login=operator.email, password=PASSWORD)
    assert page.url.path == "/account/2fa/authenticate/"
    assert other.get("/office/people/").url.path == "/account/2fa/authenticate/"
    other.get("/account/2fa/authenticate/")
    assert other.post("/account/2fa/authenticate/", code="000000").url.path == "/account/2fa/authenticate/"
    assert other.post("/account/2fa/authenticate/", code=code(operator.totp)).status_code in (200, 403)


def test_a_password_stands_in_for_no_second_factor(place: Place, running: Running) -> None:
    """Whoever set a second factor up shows that one again, not the password, before codes for it are shown or made, or
    it is taken away."""
    person = join(place, running, role=Role.AUDITOR)
    person.prove()
    other = visitor(running)
    other.get("/account/login/")
    other.post("/account/login/", login=person.email, password=PASSWORD)
    other.post("/account/2fa/authenticate/", code=code(person.totp, ahead=30))
    for path in ("recovery-codes/", "recovery-codes/generate/", "totp/deactivate/", "webauthn/add/"):
        assert other.get(f"/account/2fa/{path}").url.path == "/account/2fa/reauthenticate/", path
        other.post("/account/reauthenticate/", password=PASSWORD)
        assert other.get(f"/account/2fa/{path}").url.path == "/account/2fa/reauthenticate/", path
        sent = other.post(f"/account/2fa/{path}")
        assert sent.status_code == 405 or sent.url.path == "/account/2fa/reauthenticate/", path
