"""Every page of the service against every role, and against the neighbor organization."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pageroutes import Route, every_route

from tests.support.databases import BOTH
from tests.support.pages import Person, join, plain, visitor
from tests.support.service import Place, Running, now
from volact.service.roles import CUSTOMERS, PUBLISHERS, Role, may
from volact.service.usecases.customers import add_organization

DATABASES = BOTH


@pytest.fixture(scope="module")
def routes(place: Place) -> list[Route]:
    """Every page."""
    return every_route(place.folder)


@pytest.fixture(scope="module")
def people(place: Place, running: Running, organization_id: str) -> dict[Role, Person]:
    """Somebody of every role."""
    found = {role: join(place, running, role=role, organization_id=organization_id) for role in CUSTOMERS}
    return found | {role: join(place, running, role=role) for role in PUBLISHERS}


@pytest.fixture(scope="module")
def neighbor(place: Place, running: Running) -> Person:
    """The administrator of another organization."""
    with place.opened() as service:
        other = add_organization(service, "Atelier Garonne", parent=None, country="FR", act=now())
    return join(place, running, role=Role.ADMINISTRATOR, organization_id=other)


def test_nobody_gets_past_the_door(running: Running, routes: list[Route], organization_id: str) -> None:
    """Without signing in every page, read or sent, leads to the page for that."""
    nobody = visitor(running)
    for route in routes:
        page = nobody.get(route.at(organization_id), follow=False)
        assert page.status_code == 302, route
        assert page.headers["location"].startswith("/account/login/?next="), route
    nobody.get("/account/login/")
    for route in routes:
        page = nobody.post(route.at(organization_id), follow=False)
        assert page.headers.get("location", "").startswith("/account/login/"), route


def test_every_page_asks_for_its_right(people: dict[Role, Person], routes: list[Route], organization_id: str) -> None:
    """A role sees the pages of its rights, is told so of those of another role, and finds no page of others."""
    for route, (role, person) in _pairs(routes, people):
        page = person.get(route.at(organization_id))
        if route.is_customers != (role in CUSTOMERS):
            assert page.status_code == 404, (route, role)
        elif not may(role, route.right):
            assert page.status_code == 403, (route, role)
            assert "role_missing" in page.text
        elif route.is_whole:
            assert page.status_code == 200, (route, role, page.text)
        else:
            assert page.status_code in (200, 400, 404, 405, 422), (route, role, page.text)


def test_the_neighbor_finds_what_does_not_exist(neighbor: Person, routes: list[Route], organization_id: str) -> None:
    """An organization's pages are to its neighbor, read or sent, byte for byte those of none."""
    for route in (each for each in routes if each.is_customers):
        there, nowhere = neighbor.get(route.at(organization_id)), neighbor.get(route.at("O-0000-0000"))
        assert there.status_code == nowhere.status_code == 404, route
        assert plain(there.text) == plain(nowhere.text), route
        sent, lost = neighbor.post(route.at(organization_id)), neighbor.post(route.at("O-0000-0000"))
        assert sent.status_code == lost.status_code == 404, route
        assert plain(sent.text) == plain(lost.text), route


def test_a_form_without_our_mark_changes_nothing(
    people: dict[Role, Person], routes: list[Route], organization_id: str
) -> None:
    """A form that another site sends is refused on every page."""
    for route, (role, person) in _pairs(routes, people):
        if may(role, route.right) and route.is_customers == (role in CUSTOMERS):
            page = person.client.post(route.at(organization_id), data={"do": "anything"})
            assert page.status_code == 403, route
            assert "form_outdated" in page.text


def test_every_page_says_what_a_browser_may_do_with_it(
    people: dict[Role, Person], routes: list[Route], organization_id: str
) -> None:
    """Pages are kept by nobody, load nothing from elsewhere, run no script of theirs, and are shown in no frame."""
    for route, (role, person) in _pairs(routes, people):
        if route.is_whole and may(role, route.right) and route.is_customers == (role in CUSTOMERS):
            headers = person.get(route.at(organization_id)).headers
            assert headers["cache-control"] == "no-store"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"


def _pairs(routes: list[Route], people: dict[Role, Person]) -> Iterator[tuple[Route, tuple[Role, Person]]]:
    return ((route, each) for route in routes for each in people.items())
