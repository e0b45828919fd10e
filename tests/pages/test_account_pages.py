"""The pages of accounts, as browsers and readers of screens have them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.support.browsers import reads_well
from tests.support.pages import Person, join
from tests.support.service import Place, Running
from volact.service.roles import Role

OUTSIDE = ("login/", "password/reset/", "password/reset/done/", "password/reset/key/1-gone/", "3rdparty/login/error/")
INSIDE = (
    "2fa/",
    "2fa/reauthenticate/",
    "2fa/recovery-codes/",
    "2fa/recovery-codes/generate/",
    "2fa/totp/deactivate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "3rdparty/",
    "logout/",
    "password/change/",
    "sessions/",
    "settings/",
)


@pytest.fixture(scope="module")
def member(place: Place, running: Running) -> Person:
    """Somebody with an app, who has just shown who they are."""
    person = join(place, running, role=Role.AUDITOR)
    person.prove()
    return person


@pytest.fixture(scope="module")
def plain_member(place: Place, running: Running) -> Person:
    """Somebody with a password alone."""
    return join(place, running, role=Role.AUDITOR)


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fr", "dark"), ("nb", "light")])
def test_pages_of_accounts_read_well(
    running: Running, browser: Browser, member: Person, plain_member: Person, language: str, scheme: str
) -> None:
    """Each has one heading in the reader's language, fits a telephone, and has nothing that axe finds."""
    signed_in = ((member, INSIDE), (plain_member, ("reauthenticate/",)))
    visits = (({}, OUTSIDE), *((dict(person.client.cookies), paths) for person, paths in signed_in))
    for cookies, paths in visits:
        context = browser.new_context(locale=language, viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": name, "value": value, "url": running.url} for name, value in cookies.items()])
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for path in paths:
            page.goto(f"{running.url}/account/{path}")
            assert page.url.endswith(f"/account/{path}"), path
            assert page.locator("h1").count() == 1, path
            assert page.get_attribute("html", "lang") == language
            reads_well(page, f"account-{path.strip('/').replace('/', '-')}-{language}")
        context.close()
