"""The status page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.host.conftest import MakeHost
from tests.support.browsers import chromium

SERVER = "windows-server-2008-r2-standard"


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as found:
        yield found


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_the_page_fits_and_reads(make_host: MakeHost, browser: Browser, width: int, scheme: str) -> None:
    """The status page fits a desk and a phone, by day and by night, without a script, and names who asked."""
    with make_host("windows-server-2008-r2-b").running() as host:
        host.fill(SERVER, 4)
        context = browser.new_context(viewport={"width": width, "height": 900})
        page, troubles = context.new_page(), list[str]()
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.on("console", lambda message: troubles.append(message.text))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.goto(host.url)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate("document.scripts.length") == 0
        assert page.locator("h1").count() == 1
        assert "1 more computer" in page.inner_text("main").replace("\xa0", " ")
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor")
            == {
                "light": "rgb(251, 250, 247)",
                "dark": "rgb(20, 24, 31)",
            }[scheme]
        )
        assert troubles == []
