"""Single sign-on, by a real provider of OpenID Connect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.support.commands import volact
from tests.support.pages import PASSWORD, Person, join, visitor
from tests.support.provider import Provider
from tests.support.service import Place, Running
from volact.service.ledger import audit
from volact.service.roles import Role

SECRET = "what the provider knows this service by"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider on loopback."""
    with Provider.running(client_id="volact", secret=SECRET) as process:
        yield process


@pytest.fixture(scope="module")
def running(place: Place, provider: Provider) -> Iterator[Running]:
    """A service whose members may sign in by it."""
    words = ("--issuer", provider.url, "--client-id", "volact", "--secret", "-", "--name", "Nordlys")
    said = volact("service", "sign-on", "set", place.folder, *words, text=f"{SECRET}\n")
    assert said.data["redirect_uri"].endswith("/account/oidc/sign-on/login/callback/")
    with place.running("--sign-on-allow", provider.url.removeprefix("http://")) as process:
        yield process


def test_a_member_connects_an_account_and_signs_in_by_it(
    place: Place, running: Running, provider: Provider, organization_id: str
) -> None:
    """An account of the provider that its member connected signs that member in, and is on record."""
    kari = join(place, running, role=Role.KEY_READER, organization_id=organization_id)
    provider.be("kari-1", email="k.nordmann@nordlys.example")
    page = _connected(kari)
    assert "k.nordmann@nordlys.example" in page.text
    again = visitor(running)
    assert "Sign in by Nordlys" in again.get("/account/login/").text
    assert _through(again).url.path == f"/portal/{organization_id}/"
    with place.opened() as service:
        (member,) = service.ledger.execute("SELECT member_id FROM members WHERE email = ?", (kari.email,)).fetchone()
        assert [row.act for row in audit.history(service.ledger, member)] == ["sign-on connected"]


def test_an_equal_address_connects_nothing(place: Place, running: Running, provider: Provider) -> None:
    """An account of the provider with a member's address, verified there, signs in nobody and makes no account."""
    auditor = join(place, running, role=Role.AUDITOR)
    provider.be("somebody-else", email=auditor.email)
    other = visitor(running)
    other.get("/account/login/")
    page = _through(other)
    assert "connected to nobody here" in page.text
    assert other.get("/office/record/").url.path == "/account/login/"
    provider.be("nobody-yet", email="new@nordlys.example")
    assert "connected to nobody here" in _through(other).text


def test_an_account_is_one_member_s(place: Place, running: Running, provider: Provider) -> None:
    """What one member connected is refused to another, by its code."""
    provider.be("shared", email="shared@nordlys.example")
    _connected(join(place, running, role=Role.AUDITOR))
    second = join(place, running, role=Role.AUDITOR)
    page = _connected(second)
    assert page.status_code == 409
    assert "sign_on_taken" in page.text
    assert "No account of your organization" in second.get("/account/3rdparty/").text


def test_an_account_is_disconnected(place: Place, running: Running, provider: Provider) -> None:
    """A member takes an account away again, and it signs nobody in from then on."""
    member = join(place, running, role=Role.AUDITOR)
    provider.be("for-a-day", email="day@nordlys.example")
    page = _connected(member)
    (account,) = re.findall(r'name="account" value="(\d+)"', page.text)
    assert "No account of your organization" in member.post("/account/3rdparty/", account=account).text
    other = visitor(running)
    other.get("/account/login/")
    assert "connected to nobody here" in _through(other).text


def test_who_is_not_signed_in_connects_nothing(running: Running, provider: Provider) -> None:
    """A visitor who asks to connect, and an answer that nobody asked for, come to nothing."""
    provider.be("stranger", email="stranger@nordlys.example")
    stranger = visitor(running)
    stranger.get("/account/login/")
    _through(stranger, "?process=connect")
    assert stranger.get("/account/3rdparty/").url.path == "/account/login/"
    page = stranger.get("/account/oidc/sign-on/login/callback/", code="guessed", state="guessed")
    assert "did not work" in page.text


def test_reading_a_link_starts_nothing(place: Place, running: Running) -> None:
    """A link on another site leads no member on: the provider is asked after a form of ours alone."""
    member = join(place, running, role=Role.AUDITOR)
    page = member.get("/account/oidc/sign-on/login/", follow=False, process="connect")
    assert page.status_code == 200
    assert 'method="post"' in page.text
    assert member.client.post("/account/oidc/sign-on/login/?process=connect").status_code == 403
    assert member.get("/account/oidc/another/login/").status_code == 404


def test_a_provider_inside_is_not_asked(place: Place, provider: Provider) -> None:
    """Without an operator's word no internal address is asked, and the page says that it was not reached."""
    with place.running() as running:
        other = visitor(running)
        other.get("/account/login/")
        page = other.post("/account/oidc/sign-on/login/")
        assert "was not reached" in page.text


def test_the_secret_is_kept_sealed(place: Place, running: Running) -> None:
    """The secret of the sign-on stands nowhere in the ledger and is shown by no command."""
    assert SECRET not in str(volact("service", "sign-on", "show", place.folder).data)
    for path in place.folder.glob("ledger.db*"):
        assert SECRET.encode() not in path.read_bytes()
    refused = volact("service", "sign-on", "set", place.folder, "--issuer", "nordlys", "--client-id", "x", text="x\n")
    assert refused.code != 0


def _connected(member: Person) -> httpx.Response:
    """What a member sees at the end of connecting."""
    member.get("/account/3rdparty/")
    page = _through(member, "?process=connect")
    if page.url.path == "/account/reauthenticate/":
        page = member.post("/account/reauthenticate/", password=PASSWORD)
    return page


def _through(person: Person, asked: str = "") -> httpx.Response:
    """The form, the link that it leads to, the provider, and back."""
    page = person.post(f"/account/oidc/sign-on/login/{asked}")
    (onward,) = re.findall(r'<a class="button filled" href="([^"]+)"', page.text)
    answer = httpx.get(onward.replace("&amp;", "&"))
    back = urlsplit(answer.headers["location"])
    return person.get(back.path, **dict(parse_qsl(back.query)))
