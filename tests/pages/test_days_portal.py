"""A customer's people, each from the invitation to the day's work done, in a real browser."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import httpx
import pypdfium2
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser

from tests.support.days import Day, Mood, Town, day, moods, town
from tests.support.portal import Desk
from tests.support.service import Device, Key, Place
from tests.support.texts import plain
from volact.credential.telephone.confirmation import read_confirmation_id
from volact.credential.telephone.installation import make_installation_id
from volact.errors import Refusal
from volact.service.ledger import cases, retirements
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
        ingrid.goes("Access")
        ingrid.sees("People")
        ingrid.fills(email=f"kari-{ingrid.email}", role=Role.KEY_READER)
        ingrid.presses("Send the invitation")
        ingrid.sees("People")
        assert f"kari-{ingrid.email}" in ingrid.words
        letter = found.mailbox.letter(to=f"kari-{ingrid.email}")
        assert ingrid.texts("%(name)s invites you to %(owner)s", name="Ingrid Haugen", owner=owner) == letter.subject
        ingrid.presses("API tokens")
        ingrid.sees("API tokens")
        ingrid.fills(name="the fleet tool")
        ingrid.presses("Make the token")
        ingrid.looks("token shown once")
        ingrid.says("This is the token of %(name)s. Keep it now: it is not shown again.", name="the fleet tool")
        token = re.search(r"vlt_\w+", ingrid.words)
        assert token
        listed = httpx.get(f"{found.running.url}/api/v1/keys", headers={"Authorization": f"Bearer {token[0]}"})
        assert key.keyid in listed.text


@pytest.mark.parametrize("mood", moods(1), ids=str)
def test_the_day_of_a_key_administrator(found: Town, browser: Browser, mood: Mood) -> None:
    """A key administrator sets a second factor up, reveals a key, exports it, gives an activation back and asks which
    key to use."""
    owner = f"Fjell {mood.language}"
    desk, key = customer(found, owner)
    with day(found, browser, mood) as kari:
        kari.joins(Role.KEY_ADMINISTRATOR, organization_id=desk.organization_id, owner=owner)
        kari.proves()
        reveals(kari, desk, key=key)
        kari.goes("Keys")
        kari.presses("Export with keys")
        kari.sees("Export with keys")
        taken = kari.takes("Export with keys").read_text("utf-8")
        assert key.text in taken
        assert desk.acts(key.keyid)[-2:] == ["revealed", "revealed"]
        kari.goes("Activations")
        kari.sees("Activations")
        chosen = kari.main.locator("[name=activation]").first
        activation_id = str(chosen.get_attribute("value"))
        chosen.check()
        kari.fills(reason="sold in May")
        kari.presses("Give the chosen ones back")
        kari.sees("Given back")
        with found.place.opened() as service:
            returned = retirements.retirement(service.ledger, activation_id)
        assert returned is not None
        assert returned.keyid == key.keyid
        kari.starts()
        kari.presses("Find out")
        kari.sees("Which key do I use?")
        kari.fills(product=WINDOWS, computers="400")
        kari.presses("Find out")
        kari.sees("Which key do I use?")
        assert kari.words.index(kari.texts("Activation host")) < kari.words.index(kari.texts("Multiple activation key"))
        assert "F31" in kari.words
        kari.looks("key advised")


@pytest.mark.parametrize("mood", moods(2), ids=str)
def test_the_day_of_a_key_reader(found: Town, browser: Browser, mood: Mood) -> None:
    """A key reader reveals a key, downloads a setup key with its grant, and activates a computer by telephone."""
    owner = f"Havvind {mood.language}"
    desk, key = customer(found, owner)
    with day(found, browser, mood) as ola:
        ola.joins(Role.KEY_READER, organization_id=desk.organization_id, owner=owner)
        ola.opens(desk.at(f"keys/{key.keyid}/"))
        ola.presses("Reveal")
        ola.sees("A second factor is needed")
        ola.proves()
        reveals(ola, desk, key=key)
        ola.goes("Downloads")
        ola.sees("Downloads")
        with ola.page.expect_navigation():  # a choice is taken at once where scripts run
            ola.fills(licensing_id=desk.licensing_ids[OPEN])
        with zipfile.ZipFile(ola.takes("Download")) as packed:
            note = packed.read("key.txt").decode()
        setup = desk.newest(desk.licensing_ids[OPEN], kind="setup")
        assert setup.text in note
        assert desk.acts(setup.keyid) == ["issued", "delivered as a download"]
        ola.goes("Activations")
        ola.presses("By telephone")
        ola.sees("Activate a computer without a network")
        said = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev="2" * 15)
        ola.fills(installation_id=" ".join([*said.groups[:7], "1234567"]))
        ola.presses("Confirm it")
        ola.sees("Activate a computer without a network")
        assert ola.main.locator(".groups .wrong").count() == 1
        ola.looks("installation id mistyped")
        ola.fills(installation_id=" ".join(said.groups))
        ola.presses("Confirm it")
        ola.sees("Confirmation ID for %(product)s", product="Windows 7 Professional")
        read = read_confirmation_id("".join(ola.main.locator(".groups li").all_inner_texts()))
        assert not isinstance(read, Refusal)
        assert found.place.row(key).remaining == 0
        assert "-".join(read.keyboard) in ola.words


@pytest.mark.parametrize("mood", moods(3), ids=str)
def test_the_day_of_a_report_reader(found: Town, browser: Browser, mood: Mood) -> None:
    """A report reader takes the report in every form, is shown no key, and finds nothing at a neighbor's."""
    owner = f"Atelier {mood.language}"
    desk, key = customer(found, owner)
    _, other = customer(found, f"Garonne {mood.language}")
    host = Device(found.place.publisher).host(desk.key(WINDOWS, "host", program=EA), platform="windows-server-2008-r2")
    assert found.running.post(host).status_code == 200
    with day(found, browser, mood) as marie:
        marie.joins(Role.REPORT_READER, organization_id=desk.organization_id, owner=owner)
        marie.starts()
        marie.goes("Reports")
        marie.sees("Activations within twelve months")
        assert marie.main.locator(".figure").first.inner_text() == "9"
        files = {form: marie.takes(form.upper()).read_bytes() for form in ("csv", "xlsx", "pdf")}
        assert f"{key.keyid}),9,1," in files["csv"].decode()
        titles = [sheet.title for sheet in load_workbook(io.BytesIO(files["xlsx"]))]
        assert marie.texts("By month") in titles
        printed = pypdfium2.PdfDocument(files["pdf"])
        assert owner in printed[0].get_textpage().get_text_range()
        printed.close()
        marie.goes("Hosts")
        marie.sees("Activation hosts")
        marie.says("%(used)s of %(all)s places", used=1, all=6)
        marie.goes("Agreements")
        marie.looks("agreements")
        assert desk.licensing_ids[EA] in marie.words
        marie.goes("Keys")
        marie.sees("Product keys")
        assert marie.main.get_by_text(marie.texts("Reveal"), exact=True).count() == 0
        marie.opens(desk.at(f"keys/{key.keyid}/"))
        marie.says("Keys are shown to key readers, key administrators and administrators of %(owner)s.", owner=owner)
        marie.looks("key masked")
        assert key.text.split("-")[1] not in marie.page.content()
        for keyid in (other.keyid, "K7Q2M-9XW4A"):
            marie.opens(desk.at(f"keys/{keyid}/"))
            marie.sees("The key is not known")
        marie.presses("To the first page")
        marie.sees("Hello, %(name)s", name="Ingrid")


def reveals(person: Day, desk: Desk, *, key: Key) -> None:
    """Finds the key in the list, and has it shown, which is on record."""
    person.starts()
    person.goes("Keys")
    person.sees("Product keys")
    person.presses(
        "Reveal the key %(group)s of %(product)s", group=key.text.split("-")[0], product="Windows 7 Professional"
    )
    if "/account/" in person.page.url:
        person.shows_again()
        person.presses("Reveal")
    assert plain(person.main.locator(".secret").inner_text()) == key.text
    person.looks("key revealed")
    assert desk.acts(key.keyid)[-1] == "revealed"
