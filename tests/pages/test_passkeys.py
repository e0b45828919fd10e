"""Passkeys in a real browser, with an authenticator that the browser plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.pages import PASSWORD, join
from tests.support.service import Place, Running
from volact.service.ledger import audit
from volact.service.roles import Role


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser with an authenticator in it, which knows its owner by a fingerprint."""
    context = browser.new_context(locale="en")
    context.set_default_timeout(10_000)
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True}})
    yield page
    context.close()


def test_a_passkey_signs_in_alone(place: Place, running: Running, page: Page, organization_id: str) -> None:
    """A passkey that was added signs its member in without a password, is in the audit, and can be removed."""
    origin = running.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    kari = join(place, running, role=Role.KEY_READER, organization_id=organization_id, name="Kari Nordmann")

    page.goto(f"{origin}/account/login/")
    page.get_by_label("E-mail address").fill(kari.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{origin}/portal/{organization_id}/")
    page.goto(f"{origin}/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What you call it").fill("The laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.locator("ul.groups li").count() == 10

    page.locator("summary").get_by_text("Kari Nordmann").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in by a passkey").click()
    page.wait_for_url(f"{origin}/portal/{organization_id}/")

    page.goto(f"{origin}/account/2fa/webauthn/")
    row = page.get_by_role("row", name="The laptop")
    expect(row).to_contain_text("alone")
    row.get_by_role("link", name="Remove").click()
    page.get_by_role("link", name="By a passkey").click()
    page.get_by_role("button", name="Use the passkey").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("No passkey yet")).to_be_visible()
    assert [each for each in troubles if "favicon" not in each] == []
    with place.opened() as service:
        (member,) = service.ledger.execute("SELECT member_id FROM members WHERE email = ?", (kari.email,)).fetchone()
        acts = [row.act for row in audit.history(service.ledger, member)]
    assert acts == ["second factor added", "second factor added", "second factor removed", "second factor removed"]


def test_a_browser_without_the_passkey_is_told_so(running: Running, page: Page) -> None:
    """Where no passkey of the browser fits, the page says that nothing was done, and the password still signs in."""
    page.goto(running.url.replace("127.0.0.1", "localhost") + "/account/login/")
    page.get_by_role("button", name="Sign in by a passkey").click()
    expect(page.get_by_text("The browser did not use a passkey")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()
