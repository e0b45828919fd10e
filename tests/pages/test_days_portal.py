"""A customer's people, each from the invitation to the day's work done, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.days import Mood, Town, day, moods, town
from tests.support.portal import Desk
from tests.support.service import Device, Key, Place
from volact.service.ledger import cases
from volact.service.roles import Role

CATALOG = "reference"
EA, OPEN = "enterprise-agreement", "open-license"
WINDOWS, XP = "windows-7-professional", "windows-xp-professional"


@pytest.fixture(scope="module")
def found(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The service, with a mail server."""
    with town(place, tmp_path_factory.mktemp("mail")) as running:
        yield running


def customer(found: Town, name: str) -> tuple[Desk, Key]:
    """A customer with a setup key to come and a multiple activation key, of which nine of ten are used."""
    desk = Desk.open(found.place, name)
    desk.agree(EA, level="A", windows_7_professional=10)
    desk.agree(OPEN, windows_xp_professional=2)
    key = desk.key(WINDOWS, "mak", program=EA, activations=10)
    for _ in range(9):
        assert found.running.post(Device(found.place.publisher).activate(key, WINDOWS)).status_code == 200
    return desk, key


@pytest.mark.parametrize("mood", moods(0), ids=str)
def test_the_day_of_an_administrator(found: Town, browser: Browser, mood: Mood) -> None:
    """An administrator sees what needs attention, asks the center for it, invites somebody and makes an API token."""
    owner = f"Nordlys {mood.language}"
    desk, key = customer(found, owner)
    with day(found, browser, mood) as ingrid:
        ingrid.joins(Role.ADMINISTRATOR, organization_id=desk.organization_id, owner=owner)
        ingrid.starts()
        ingrid.sees("Hello, %(name)s", name="Ingrid")
        ingrid.says("%(num)s thing needs attention.", "%(num)s things need attention.", num=2)
        ingrid.presses("Ask for %(number)s more", number=2)
        ingrid.sees("More activations of a key")
        ingrid.fills(reason="Tromsø 2026")
        ingrid.presses("Ask for %(num)s more", num=2)
        ingrid.sees("Requests to the activation center")
        ingrid.says("Waits")
        with found.place.opened() as service:
            ((_, row),) = cases.asked_by(service.ledger, desk.organization_id, before=None, limit=9)
        assert (row.keyid, row.wanted, row.asked) == (key.keyid, 2, "Tromsø 2026")
        ingrid.goes("People")
        ingrid.sees("People")
        ingrid.fills(email=f"kari-{ingrid.email}", role=Role.KEY_READER)
        ingrid.presses("Send the invitation")
        ingrid.sees("People")
        assert f"kari-{ingrid.email}" in ingrid.words
        letter = found.mailbox.letter(to=f"kari-{ingrid.email}")
        assert ingrid.texts("%(name)s invites you to %(owner)s", name="Ingrid Haugen", owner=owner) == letter.subject
        ingrid.goes("Tokens")
        ingrid.sees("API tokens")
        ingrid.fills(name="the fleet tool")
        ingrid.presses("Make the token")
        ingrid.says("This is the token of %(name)s. Keep it now: it is not shown again.", name="the fleet tool")
        token = re.search(r"vlt_\w+", ingrid.words)
        assert token
        listed = httpx.get(f"{found.running.url}/api/v1/keys", headers={"Authorization": f"Bearer {token[0]}"})
        assert key.keyid in listed.text
