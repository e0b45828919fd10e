"""The portal's first page, agreements and downloads: what an organization has, and what it lets its family use."""

from __future__ import annotations

import io
import re
import time
import zipfile

import httpx
import pytest

from tests.support.pages import Person, join
from tests.support.portal import Desk
from tests.support.service import Device, Place, Running, now
from volact.licensing.agreements import day_of
from volact.service.ledger import tallies
from volact.service.ledger.connection import writing
from volact.service.ledger.tallies import Tally
from volact.service.roles import Role
from volact.service.usecases.tallying import month_of
from volact.service.usecases.tokens import add_token

EA, OPEN, HV = "enterprise-agreement", "open-license", "high-volume-messaging"
CATALOG = "reference"
DAY = 86_400


@pytest.fixture(scope="module")
def parent(place: Place) -> Desk:
    """A customer with an affiliate."""
    found = Desk.open(place, "Fjell Kraft")
    found.agree(EA, level="B", until=day_of(int(time.time()) + 20 * DAY), windows_7_professional=100)
    found.agree(OPEN, sbs_2011_standard=3, windows_7_professional=5, windows_xp_professional=2)
    found.agree(HV, windows_xp_professional=5)
    return found


@pytest.fixture(scope="module")
def child(place: Place, parent: Desk) -> Desk:
    """The affiliate, which has an agreement of its own."""
    found = Desk.open(place, "Fjell Nett", parent=parent.organization_id)
    found.agree(OPEN, windows_7_professional=2)
    return found


@pytest.fixture(scope="module")
def manager(place: Place, running: Running, parent: Desk) -> Person:
    """A key administrator of the parent, who showed a second factor just now."""
    found = join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=parent.organization_id)
    found.prove()
    return found


@pytest.fixture(scope="module")
def reader(place: Place, running: Running, child: Desk) -> Person:
    """A report reader of the affiliate."""
    return join(place, running, role=Role.REPORT_READER, organization_id=child.organization_id)


def test_f06_portal_lists_every_licensing_id(manager: Person, parent: Desk, child: Desk) -> None:
    """The relationship summary lists all Licensing IDs of the organization with program, level, days and licenses."""
    page = manager.get(parent.at("agreements/")).text
    for licensing_id in parent.licensing_ids.values():
        assert licensing_id in page
    assert child.licensing_ids[OPEN] not in page
    for said in ("Enterprise Agreement", "price level B", "Ends soon", "100 Windows 7 Professional", "Fjell Nett"):
        assert said in page


def test_f06_portal_lists_keys_of_the_family_that_may_be_used(
    manager: Person, reader: Person, parent: Desk, child: Desk
) -> None:
    """A Licensing ID is in the affiliate's summary once its holder lets it use the keys, and not after that is taken
    back; each time stands on record."""
    shared = parent.licensing_ids[EA]
    key = parent.key("windows-7-professional", "mak", program=EA, activations=40)
    assert shared not in reader.get(child.at("agreements/")).text
    assert reader.get(child.at(f"keys/{key.keyid}/")).status_code == 404
    where = parent.at(f"agreements/{shared}/")
    manager.get(where)
    assert "Not any more" in manager.post(where, do="grant", organization=child.organization_id).text
    assert "Fjell Kraft" in reader.get(child.at("agreements/")).text
    assert "lets Fjell Nett use its keys" in reader.get(child.at(f"agreements/{shared}/")).text
    assert reader.get(child.at(f"keys/{key.keyid}/")).status_code == 200
    manager.post(where, do="stop", organization=child.organization_id)
    assert reader.get(child.at(f"agreements/{shared}/")).status_code == 404
    assert parent.acts(shared)[-2:] == ["keys may be used", "keys may not be used any more"]


def test_keys_are_let_be_used_inside_the_family_alone(place: Place, manager: Person, parent: Desk) -> None:
    """An organization outside the family is, in the form, one that does not exist."""
    other = Desk.open(place, "Atelier Garonne")
    where = parent.at(f"agreements/{parent.licensing_ids[EA]}/")
    manager.get(where)
    before = parent.acts(parent.licensing_ids[EA])
    there = manager.post(where, do="grant", organization=other.organization_id)
    nowhere = manager.post(where, do="grant", organization="O-0000-0000")
    assert there.status_code == nowhere.status_code == 404
    assert "unknown_organization" in there.text
    assert "Garonne" not in there.text
    assert parent.acts(parent.licensing_ids[EA]) == before


def test_whoever_may_not_manage_lets_nobody_use_keys(place: Place, running: Running, parent: Desk, child: Desk) -> None:
    """A key reader has no such form, and sending one is refused."""
    person = join(place, running, role=Role.KEY_READER, organization_id=parent.organization_id)
    where = parent.at(f"agreements/{parent.licensing_ids[EA]}/")
    assert "Let it use these keys" not in person.get(where).text
    assert person.post(where, do="grant", organization=child.organization_id).status_code == 403


def test_f09_portal_says_what_reimaging_asks_for(manager: Person, parent: Desk) -> None:
    """An agreement's page says that copies have to be identical, and of what is bought by the piece that one license
    is needed for media and key."""
    licensed = manager.get(parent.at(f"agreements/{parent.licensing_ids[OPEN]}/")).text
    assert "the same product, version and edition" in licensed
    assert "at least one license was bought under this agreement" in licensed
    pooled = manager.get(parent.at(f"agreements/{parent.licensing_ids[EA]}/")).text
    assert "the same product, version and edition" in pooled
    assert "at least one license" not in pooled


def test_f03_portal_shows_the_setup_key_beside_the_download(manager: Person, parent: Desk) -> None:
    """A setup key stands beside its product with the note to write it down; key and grant are downloaded in one step
    after a second factor, and the delivery is on record."""
    where, here = parent.at("downloads/"), parent.licensing_ids[OPEN]
    before = manager.get(where, licensing_id=here).text
    assert "Write it down: set-up asks for it." in before
    assert "Write each one down" in before
    packed = manager.post(parent.at(f"downloads/{here}/windows-xp-professional/"))
    assert packed.headers["content-type"] == "application/zip"
    assert packed.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        names = ["publisher.volact", "windows-xp-professional.grant", "key.txt", "key.pdf"]
        assert archive.namelist() == names
        note = archive.read("key.txt").decode()
        assert archive.read("key.pdf").startswith(b"%PDF")
    assert "Write this key down and keep it safe" in note
    key = parent.newest(here, kind="setup")
    assert key.text in note
    assert parent.acts(key.keyid) == ["issued", "delivered as a download"]
    after = manager.get(where, licensing_id=here).text
    assert key.text.split("-")[0] in after
    assert key.text not in after
    assert f"keys/{key.keyid}/" in after
    again = manager.get(parent.at(f"downloads/{here}/windows-xp-professional/"))
    assert (again.url.path, again.url.params["licensing_id"]) == (where, here)


def test_f11_portal_has_no_download_of_keys_that_the_center_gives_out(manager: Person, parent: Desk) -> None:
    """Under a program whose keys the center alone gives out nothing with a key is downloaded, offered or sent for."""
    here = parent.licensing_ids[HV]
    page = manager.get(parent.at("downloads/"), licensing_id=here).text
    assert "given out by the activation center alone" in page
    assert f"downloads/{here}/" not in page
    refused = manager.post(parent.at(f"downloads/{here}/windows-xp-professional/"))
    assert "key_not_shown" in refused.text
    assert parent.acts(here) == ["agreement added"]


def test_f39_portal_says_how_media_come_by_post(manager: Person, parent: Desk) -> None:
    """Small Business Server 2011 Standard has no download: its page says that it comes by post, and how to ask."""
    page = manager.get(parent.at("downloads/"), licensing_id=parent.licensing_ids[OPEN]).text
    row = page[page.index("Small Business Server 2011 Standard") :].partition("</tr>")[0]
    assert "By post" in row
    assert "product=sbs-2011-standard" in row
    assert "MAK" in row
    assert "downloads/" not in row


def test_f40_portal_shows_no_key_that_is_on_the_media(manager: Person, parent: Desk) -> None:
    """Small Business Server 2008 comes by post with its key on the media: no page shows or downloads one, as a
    downgrade target too."""
    here = parent.licensing_ids[OPEN]
    page = manager.get(parent.at("downloads/"), licensing_id=here).text
    row = page[page.index("Small Business Server 2008 Standard") :].partition("</tr>")[0]
    assert "By post" in row
    assert "The setup key on its media" in row
    assert "downloads/" not in row
    refused = manager.post(parent.at(f"downloads/{here}/sbs-2008-standard/"))
    assert "key_not_shown" in refused.text
    access = page[page.index("Small Business Server 2008 client access licenses") :].partition("</tr>")[0]
    assert "it needs no activation" in access


def test_a_download_of_what_is_not_theirs_is_none(manager: Person, parent: Desk, child: Desk) -> None:
    """The neighbor's Licensing ID in the address of a download is answered as one that does not exist."""
    for licensing_id in (child.licensing_ids[OPEN], "L-0000-0000"):
        sent = manager.post(parent.at(f"downloads/{licensing_id}/windows-7-professional/"))
        assert sent.status_code == 404
        assert "unknown_agreement" in sent.text
    wrong = manager.post(parent.at(f"downloads/{parent.licensing_ids[OPEN]}/..%2Fetc/"))
    assert wrong.status_code == 404


def test_the_first_page_says_what_needs_somebody(place: Place, running: Running) -> None:
    """A key that runs low, and an agreement that ends, stand on the first page with figure, day and the way to mend
    it; when nothing does, one sentence says so."""
    desk = Desk.open(place, "Havn")
    desk.agree(OPEN, windows_7_professional=5)
    person = join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=desk.organization_id, name="Kari Nes")
    calm = desk.key("windows-7-professional", "mak", program=OPEN, activations=50)
    page = person.get(desk.at()).text
    assert "Hello, Kari" in page
    assert "Nothing needs attention" in page
    key = desk.key("windows-7-professional", "mak", program=OPEN, activations=5)
    for _ in range(4):
        running.post(Device(place.publisher).activate(key, "windows-7-professional"))
    page = person.get(desk.at()).text
    assert "1 thing needs attention" in page
    assert "1 of 5 activations are left" in page
    assert f"keyid={key.keyid}" in page
    assert calm.keyid not in page


def test_the_first_page_counts_as_the_reports_do(place: Place, running: Running, parent: Desk) -> None:
    """The year's activations, and this month's, are those of the reports to the moment, and no other year's."""
    key, product = (
        parent.key("windows-7-professional", "mak", program=OPEN, activations=9_000),
        "windows-7-professional",
    )
    this, until = month_of(int(time.time())), int(time.time())
    found = [Tally(this, product, "online", 1_199), Tally(this - this % 12 - 1, product, "online", 70)]
    with place.opened() as service, writing(service.ledger):
        tallies.begin(service.ledger, settled=0, limit=100)
        tallies.add(service.ledger, parent.licensing_ids[OPEN], found=found, until=until)
    assert running.post(Device(place.publisher).activate(key, product)).status_code == 200
    person = join(place, running, role=Role.REPORT_READER, organization_id=parent.organization_id)
    page = person.get(parent.at()).text
    assert '<p class="figure">1,200</p>' in page
    assert "1,200 of them this month" in page


def test_an_organization_without_agreements_is_told_what_will_be_there(place: Place, running: Running) -> None:
    """Each page of an organization that has nothing yet says what it will hold."""
    desk = Desk.open(place, "Ny")
    person = join(place, running, role=Role.ADMINISTRATOR, organization_id=desk.organization_id)
    for path in ("", "keys/", "agreements/", "downloads/", "telephone/", "keys/export/"):
        assert person.get(desk.at(path)).status_code == 200, path
    assert "made no agreement" in person.get(desk.at()).text


def test_whoever_may_use_a_key_ends_nothing_that_it_activated(
    running: Running, place: Place, manager: Person, parent: Desk, child: Desk
) -> None:
    """An affiliate sees what a key activated that it was let use, but not who did what to the key, and gives nothing
    back, by a form of its own or by a token."""
    shared = parent.licensing_ids[EA]
    key = parent.key("windows-7-professional", "mak", program=EA, activations=40)
    device = Device(place.publisher)
    assert running.post(device.activate(key, "windows-7-professional")).status_code == 200
    manager.get(parent.at(f"agreements/{shared}/"))
    manager.post(parent.at(f"agreements/{shared}/"), do="grant", organization=child.organization_id)
    theirs = join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=child.organization_id)
    page = theirs.get(child.at("activations/"), q=device.dev)
    assert device.dev in page.text
    assert "checkbox" not in page.text
    (number,) = re.findall(r'value="(\w+)" aria-label', manager.get(parent.at("activations/"), q=device.dev).text)
    told = theirs.post(child.at("activations/"), activation=number, reason="not ours").text
    assert "held by another organization" in told
    assert "What happened" not in theirs.get(child.at(f"keys/{key.keyid}/")).text
    with place.opened() as service:
        scopes = ["activations:read", "activations:write"]
        token = add_token(service, "fleet", scopes=scopes, organization_id=child.organization_id, days=1, act=now())
    headers = {"Authorization": f"Bearer {token.text}", "Idempotency-Key": "0123456789abcdef"}
    where = f"{running.url}/api/v1/activations/{number}/retire"
    refused = httpx.post(where, json={"reason": "not ours"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "agreement_not_held")
    assert "counts again from" in manager.post(parent.at("activations/"), activation=number, reason="sold").text
    manager.post(parent.at(f"agreements/{shared}/"), do="stop", organization=child.organization_id)
