"""API tokens of an organization: made, shown once, revoked."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.support.pages import Person, join, plain
from tests.support.service import Place, Running, now
from volact.errors import Refused
from volact.service.roles import Role
from volact.service.usecases.customers import add_organization
from volact.service.usecases.tokens import add_token, check_token


@pytest.fixture(scope="module")
def manager(place: Place, running: Running, organization_id: str) -> Person:
    """The key administrator of the customer."""
    return join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=organization_id)


def test_a_token_is_shown_once_and_ends(place: Place, manager: Person, organization_id: str) -> None:
    """A token that the page makes is its organization's, is shown once however often the form is sent, and is
    revoked."""
    address = f"/portal/{organization_id}/tokens/"
    manager.get(address)
    marks = dict(manager.marks)
    page = manager.post(address, name="the fleet tool", scope="keys:read", days="90")
    text = re.search(r"vlt_\w+", page.text)
    assert text
    with place.opened() as service:
        row = check_token(service, text[0], now=now().now)
    assert (row.organization_id, row.scopes) == (organization_id, ("keys:read",))
    manager.marks = marks
    again = manager.post(address, name="the fleet tool", scope="keys:read", days="90")
    assert "vlt_" not in again.text
    assert again.text.count("the fleet tool") == 1
    assert manager.post(address, name="", scope="keys:read").status_code == 422
    assert "audit:read" in manager.post(address, name="too much", scope="audit:read").text
    manager.get(address)
    assert "Revoked" in manager.post(address, do="revoke", token=row.token_id).text
    assert manager.post(address, do="revoke", token="0000000000").status_code == 404


def test_a_token_works_at_the_api_until_it_is_revoked(
    place: Place, running: Running, manager: Person, organization_id: str
) -> None:
    """What the page makes opens the management API for its own scopes, and nothing once it was revoked."""
    address = f"/portal/{organization_id}/tokens/"
    manager.get(address)
    text = re.search(r"vlt_\w+", manager.post(address, name="fleet", scope="keys:read", days="").text)
    assert text
    headers = {"Authorization": f"Bearer {text[0]}"}
    assert httpx.get(f"{running.url}/api/v1/keys", headers=headers).status_code == 200
    assert httpx.get(f"{running.url}/api/v1/hosts", headers=headers).status_code == 403
    manager.post(address, do="revoke", token=text[0].split("_")[1])
    assert httpx.get(f"{running.url}/api/v1/keys", headers=headers).status_code == 401
    with place.opened() as service, pytest.raises(Refused, match="in force"):
        check_token(service, text[0], now=now().now)


def test_a_token_that_reads_keys_takes_a_second_factor(
    place: Place, running: Running, manager: Person, organization_id: str
) -> None:
    """Without a second factor of the last minutes no token is made that reads keys in full; with one it is."""
    address = f"/portal/{organization_id}/tokens/"
    person = join(place, running, role=Role.ADMINISTRATOR, organization_id=organization_id)
    person.get(address)
    page = person.post(address, name="reads keys", scope="keys:reveal", days="90")
    assert page.status_code == 403
    assert "reads keys" not in person.get(address).text
    person.prove()
    person.get(address)
    assert "vlt_" in person.post(address, name="reads keys", scope="keys:reveal", days="90").text


def test_anothers_token_is_none(place: Place, manager: Person, organization_id: str) -> None:
    """A token of another organization is in no list, and its id is answered like one that nobody has."""
    address = f"/portal/{organization_id}/tokens/"
    with place.opened() as service:
        other = add_organization(service, "Atelier Garonne", parent=None, country="FR", act=now())
        made = add_token(service, "theirs", scopes=["keys:read"], organization_id=other, days=9, act=now())
    assert "theirs" not in manager.get(address).text
    id = made.row.token_id
    there, nowhere = (manager.post(address, do="revoke", token=each) for each in (id, "0" * 10))
    assert there.status_code == nowhere.status_code == 404
    assert _nameless(there.text.replace(id, "0" * 10)) == _nameless(nowhere.text)
    with place.opened() as service:
        assert check_token(service, made.text, now=now().now).revoked_at is None


def test_what_is_refused_is_shown_again(manager: Person, organization_id: str) -> None:
    """A form that is refused comes back with what was typed and chosen."""
    address = f"/portal/{organization_id}/tokens/"
    manager.get(address)
    for name, scope, days in (
        ("x" * 10_000, "hosts:read", "90"),
        ("a name", "center:act", "90"),
        ("b", "hosts:read", "9999"),
        ("c", "hosts:read", "100000"),
        ("d", "hosts:read", "a year"),
        ("e", "hosts:read", "-1"),
    ):
        page = manager.post(address, name=name, scope=scope, days=days)
        assert page.status_code == 422
        assert f'value="{name}"' in page.text
        assert "vlt_" not in page.text


def _nameless(page: str) -> str:
    """A page without what names this one request."""
    return re.sub(r"this request: \w+", "", plain(page))
