"""One call at the activation center in a real browser: every screen of it, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.support import browsers
from tests.support.browsers import at_desk, on_phone
from tests.support.center import WINDOWS, Center
from tests.support.service import Place, Running
from volact.credential.telephone.installation import make_installation_id

CATALOG = "reference"


@pytest.fixture(scope="module")
def center(place: Place, running: Running) -> Center:
    """Its activation center."""
    return Center.open(place, running)


@pytest.fixture
def screen(center: Center, browser: Browser) -> Iterator[Page]:
    """The operator's browser."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    host = urlsplit(center.running.url).hostname or ""
    for cookie in center.operator.client.cookies.jar:
        context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "domain": host, "path": "/"}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    yield page
    context.close()


def press(page: Page, selector: str) -> None:
    """Presses what leads to another page, and waits for that."""
    with page.expect_navigation():
        page.click(selector)


def reads_well(page: Page, name: str) -> None:
    """At a desk by day and on a phone by night."""
    on_phone(page)
    browsers.reads_well(page, f"center-{name}-phone")
    at_desk(page)
    browsers.reads_well(page, f"center-{name}-desk")


def test_f44_center_takes_a_call_from_its_first_word_to_the_last(center: Center, screen: Page) -> None:
    """A caller is found by an installation ID, is written down, hears twenty groups, and the case is closed."""
    said = make_installation_id(center.mak.derived.proof_key, keyid=center.mak.keyid, dev="4" * 15)
    screen.goto(f"{center.running.url}/center/")
    reads_well(screen, "queue-empty")
    screen.fill("[name=q]", " ".join(said.groups))
    press(screen, "main [type=submit]")
    reads_well(screen, "find")
    press(screen, "text=Open a case")
    assert screen.locator("[name=do][value=confirm] ~ .acts button[disabled]").count() == 1
    reads_well(screen, "case-new")
    screen.fill("[name=person]", "Ola Berg")
    screen.fill("[name=proof]", "invoice 88-2041")
    press(screen, "text=Keep it")
    screen.fill("[name=do][value=confirm] ~ label [name=reason]", "a plant without a network")
    reads_well(screen, "case-checked")
    press(screen, "text=Confirm it")
    groups = screen.locator(".groups li")
    assert groups.count() == 20
    for _ in range(3):
        screen.keyboard.press("Space")
    assert groups.nth(3).get_attribute("class") == "lit"
    screen.click("text=Next group")
    assert groups.nth(4).get_attribute("aria-current") == "step"
    assert screen.locator(".groups li.said").count() == 4
    reads_well(screen, "case-aloud")
    for act in ("raise", "slot", f"give&product={WINDOWS}", "end", "block"):
        screen.goto(f"{center.running.url}{urlsplit(screen.url).path}?act={act}")
        reads_well(screen, f"case-{act.partition('&')[0]}")
    press(screen, "nav.tabs >> text=More activations")
    press(screen, "text=Raise it")
    assert "Write down why it is done" in screen.inner_text("main")
    reads_well(screen, "case-refused")
    screen.fill("[name=do][value=close] ~ label [name=reason]", "confirmed")
    press(screen, "text=Close it")
    assert "confirmed" in screen.inner_text("main")
    reads_well(screen, "case-closed")
    press(screen, "header >> text=Today")
    reads_well(screen, "today")


def test_typing_goes_on_to_the_next_group(center: Center, screen: Page) -> None:
    """A group that is whole leads to the next field by itself."""
    screen.goto(f"{center.running.url}/center/cases/{center.case(center.mak)}/")
    screen.click("[name=g1]")
    screen.keyboard.type("12345671234567")
    assert [screen.input_value(f"[name=g{place}]") for place in (1, 2, 3)] == ["1234567", "1234567", ""]
