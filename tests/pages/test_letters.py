"""E-mail of the pages, by a real mail server."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.api.test_files import certificate
from tests.support.center import staff
from tests.support.commands import volact
from tests.support.mailbox import Mailbox
from tests.support.pages import PASSWORD, Person, join, visitor
from tests.support.service import Place, Running, now, start
from volact.errors import Refused
from volact.service.ledger import members
from volact.service.pages.mailing import Mail
from volact.service.roles import Role
from volact.service.usecases.members import change_role


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback, and its key."""
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def mailbox(tls: tuple[Path, Path]) -> Iterator[Mailbox]:
    """A mail server that takes mail over TLS from one user."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*tls)
    with Mailbox.open(login=("volact", "a secret of the mail server"), tls=context) as box:
        yield box


@pytest.fixture(scope="module")
def running(place: Place, mailbox: Mailbox, tls: tuple[Path, Path]) -> Iterator[Running]:
    """A service that sends by it."""
    secret = tls[0].with_name("mail-password")
    secret.write_text("a secret of the mail server\n")
    options = ("--mail", mailbox.url, "--mail-from", "activation@acme.example", "--mail-password", str(secret))
    process = start(place.folder, *options, env={"SSL_CERT_FILE": str(tls[0])})
    yield process
    process.stop()


@pytest.fixture(scope="module")
def inviter(place: Place, running: Running) -> Person:
    """A publisher's administrator, whose pages are French."""
    return join(place, running, role=Role.PUBLISHER, name="Amélie Roux", language="fr")


def test_an_invitation_arrives_and_holds_once(running: Running, mailbox: Mailbox, inviter: Person) -> None:
    """Who is invited gets one letter with one link, by which one person becomes a member."""
    inviter.get("/office/people/")
    page = inviter.post("/office/people/", do="invite", email="Kari@Example.org", role=Role.OPERATOR)
    assert page.status_code == 200
    letter = mailbox.letter(to="kari@example.org")
    assert letter.sender == "activation@acme.example"
    assert "Amélie Roux" in letter.subject
    assert letter.link.startswith(running.url)
    path = urlsplit(letter.link).path
    kari = visitor(running)
    kari.get(path)
    assert kari.post(path, name="Kari Nordmann", password=PASSWORD).status_code == 200
    assert visitor(running).get(path).status_code == 410


def test_a_letter_is_in_the_language_of_who_gets_it(
    place: Place, running: Running, mailbox: Mailbox, inviter: Person, organization_id: str
) -> None:
    """A member is written to in their own language, and somebody unknown in the inviter's."""
    member = join(place, running, role=Role.AUDITOR)
    member.get("/account/settings/")
    member.post("/account/settings/", name="Ola", language="nb", theme="")
    inviter.get("/office/people/")
    inviter.post("/office/people/", do="invite", email="someone@example.org", role=Role.AUDITOR)
    assert "vous invite" in mailbox.letter(to="someone@example.org").subject
    customer = join(place, running, role=Role.ADMINISTRATOR, organization_id=organization_id, language="fr")
    customer.get(f"/portal/{organization_id}/people/")
    customer.post(f"/portal/{organization_id}/people/", do="invite", email=member.email, role=Role.KEY_READER)
    assert "inviterer deg" in mailbox.letter(to=member.email).subject


def test_a_form_sent_twice_sends_one_letter(running: Running, mailbox: Mailbox, inviter: Person) -> None:
    """The same form again, as a browser sends it when it is reloaded, invites and writes nobody once more."""
    inviter.get("/office/people/")
    for _ in range(2):
        inviter.client.post(
            "/office/people/",
            data={**inviter.marks, "do": "invite", "email": "twice@example.org", "role": Role.AUDITOR},
            headers={"Origin": running.url},
        )
    mailbox.letter(to="twice@example.org")
    assert mailbox.is_empty


def test_another_password_comes_by_a_link_to_this_service(place: Place, running: Running, mailbox: Mailbox) -> None:
    """The link leads to the service whatever the request called it, holds once, and ends what was open."""
    person = join(place, running, role=Role.AUDITOR)
    person.prove()
    assert "An authenticator app was added" in mailbox.letter(to=person.email).subject
    other = visitor(running)
    other.get("/account/password/reset/")
    forged = {"Host": "evil.example", "Origin": "http://evil.example"}
    other.client.post("/account/password/reset/", data={**other.marks, "email": person.email}, headers=forged)
    letter = mailbox.letter(to=person.email)
    assert letter.link.startswith(running.url)
    path = urlsplit(letter.link).path
    page = other.get(path)
    changed = other.post(page.url.path, password1="another battery staple", password2="another battery staple")
    assert "Your password is changed" in changed.text
    assert "was changed by a link" in mailbox.letter(to=person.email).subject
    assert person.get("/office/record/").url.path == "/account/login/"
    assert "does not hold any more" in visitor(running).get(path).text


def test_who_asks_for_another_password_learns_nothing(running: Running, mailbox: Mailbox) -> None:
    """An address without an account gets the same answer, and no letter."""
    nobody = visitor(running)
    nobody.get("/account/password/reset/")
    page = nobody.post("/account/password/reset/", email="nobody@example.org")
    assert page.url.path == "/account/password/reset/done/"
    assert mailbox.is_empty


def test_while_the_mail_server_is_away_the_link_is_handed_over(tmp_path: Path) -> None:
    """The invitation is made, and who invites gets its link to hand over; the log says so without the link."""
    place = Place.make(tmp_path / "service")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = taken.getsockname()[1]
    with place.running("--mail", f"smtp://127.0.0.1:{away}") as running:
        inviter = join(place, running, role=Role.PUBLISHER)
        inviter.get("/office/people/")
        page = inviter.post("/office/people/", do="invite", email="kari@example.org", role=Role.AUDITOR)
        assert page.status_code == 200
        assert "could not be sent" in page.text
        path = "/invitation/" + page.text.partition("/invitation/")[2][:43]
        assert "kari@example.org" in visitor(running).get(path).text
    log = place.folder.with_suffix(".log").read_text()
    assert '"code":"mail_unsent"' in log
    assert path not in log


def test_without_a_mail_server_letters_are_on_standard_error(tmp_path: Path) -> None:
    """A service that was told of no mail server writes letters beside its log, and says nothing else by them."""
    place = Place.make(tmp_path / "service")
    with place.running() as running:
        inviter = join(place, running, role=Role.PUBLISHER)
        inviter.get("/office/people/")
        inviter.post("/office/people/", do="invite", email="kari@example.org", role=Role.AUDITOR)
    log = place.folder.with_suffix(".log").read_text()
    assert "To: kari@example.org" in log
    assert f"{running.url}/invitation/" in log


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://volact:secret@mail.example", "--mail-password"),
        ("smtp://volact@mail.example", "?starttls"),
        ("https://mail.example", "smtp://"),
        ("smtp://mail.example:99999", "cannot be read"),
        ("smtp://mail.example/inbox", "smtp://"),
    ],
)
def test_a_mail_server_is_named_without_its_password(url: str, said: str) -> None:
    """What would show a password, or send it as it is, is refused with the way that does not."""
    with pytest.raises(Refused) as refused:
        Mail.read(url, sender="activation@acme.example", password="secret")
    assert said in refused.value.detail


def test_a_mail_server_that_cannot_be_read_starts_nothing(place: Place) -> None:
    """A service says what is wrong with --mail before it listens."""
    said = volact("service", "run", str(place.folder), "--mail", "mail.example")
    assert said.error == "usage"
    assert "smtp://" in said.out


def test_whoever_asked_the_center_is_told_what_it_decided(
    place: Place, running: Running, mailbox: Mailbox, organization_id: str
) -> None:
    """A decision is sent to the member who asked, in that member's language, and to nobody without a role there."""
    operator = staff(place, running)
    mailbox.letter(to=operator.email)  # that an app was added
    for is_member in (True, False):
        asking = join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=organization_id, language="fr")
        asking.get("/account/settings/")
        asking.post("/account/settings/", name="Camille Roux", language="fr", theme="")
        where = f"/portal/{organization_id}/requests/"
        asking.get(f"{where}new/", kind="other")
        asking.post(f"{where}new/", kind="other", reason="une question")
        case_id = re.findall(r'name="case" value="([^"]+)"', asking.get(where).text)[0]
        if not is_member:
            with place.opened() as service:
                known = members.member_at(service.ledger, asking.email)
                assert known is not None
                change_role(service, known.member_id, organization_id=organization_id, role=None, act=now())
        operator.get(f"/center/cases/{case_id}/")
        operator.post(f"/center/cases/{case_id}/", do="take")
        page = operator.post(f"/center/cases/{case_id}/", do="close", outcome="refused", reason="ask again in May")
        assert "ask again in May" in page.text
        if is_member:
            letter = mailbox.letter(to=asking.email)
            assert "ask again in May" in letter.text
            assert letter.link.endswith(where)
    assert mailbox.is_empty
