"""Pages in a real browser, on a made-up year: what they look like, and what a reader of screens meets."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pageroutes import Route, every_route
from playwright.sync_api import Browser, Page
from year import people, record

from tests.support.browsers import at_desk, on_phone, reads_well
from tests.support.service import Running, start
from volact.service.roles import CUSTOMERS, may

PASSWORD = "a password of this test"


@dataclass(frozen=True, slots=True)
class Town:
    """The year, being served: its organizations, and the secrets of everybody's authenticator app."""

    running: Running
    organizations: dict[str, str]
    apps: dict[str, str]
    routes: list[Route]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A year on record, and its people."""
    folder = tmp_path_factory.mktemp("year") / "service"
    organizations = record.make(folder, today=int(time.time()))
    running = start(folder)
    try:
        apps = people.join(folder, running.url, organizations=organizations, password=PASSWORD)
        yield Town(running, organizations, apps, every_route(folder))
    finally:
        running.stop()


@pytest.mark.parametrize("person", people.PEOPLE, ids=lambda each: each.email.partition("@")[0])
def test_every_page_reads_well(town: Town, browser: Browser, person: people.Person) -> None:
    """Every page of a role is without a violation of accessibility, fits a desk and a phone, by day and by night, in
    the member's language, and has one heading."""
    page, troubles = _signed_in(town, browser, person)
    for route in _whole(town, person):
        address = town.running.url + route.at(town.organizations.get(person.of, ""))
        at_desk(page)
        page.goto(address)
        assert page.locator("h1").count() == 1, route
        assert page.get_attribute("html", "lang") == person.language
        reads_well(page, f"{_name(route, person)}-desk")
        on_phone(page)
        reads_well(page, f"{_name(route, person)}-phone")
    assert troubles == []
    page.context.close()


def test_pages_do_without_a_script(town: Town, browser: Browser) -> None:
    """Signing in, and every page behind it, works in a browser that runs no script."""
    person = people.PEOPLE[0]
    page, _ = _signed_in(town, browser, person, script=False)
    for route in _whole(town, person):
        page.goto(town.running.url + route.at(town.organizations[person.of]))
        assert page.locator("h1").count() == 1, route
    page.context.close()


def _whole(town: Town, person: people.Person) -> list[Route]:
    found = [
        route
        for route in town.routes
        if route.is_whole and route.is_customers == (person.role in CUSTOMERS) and may(person.role, route.right)
    ]
    assert found
    return found


def _name(route: Route, person: people.Person) -> str:
    place = re.sub(r"\W+", "-", route.pattern.replace("<str:organization_id>/", "")).strip("-")
    return f"{place}-{person.email.partition('@')[0]}"


def _signed_in(town: Town, browser: Browser, person: people.Person, *, script: bool = True) -> tuple[Page, list[str]]:
    context = browser.new_context(java_script_enabled=script, locale=person.language)
    page, troubles = context.new_page(), list[str]()
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{town.running.url}/account/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form").first.locator("[type=submit]").click()
    for step in (0, 30, -30):  # each code is taken once, and some were
        page.fill("[name=code]", people.code(town.apps[person.email], time.time() + step))
        with page.expect_navigation():
            page.locator("main form").first.locator("[type=submit]").click()
        if "/account/" not in page.url:
            break
    page.wait_for_url(lambda address: "/account/" not in address)
    troubles.clear()  # of pages that are tested with accounts
    return page, troubles
