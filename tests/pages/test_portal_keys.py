"""The portal's product keys: seen by whom they belong to, shown after a second factor, not where no face shows them."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.support.databases import BOTH
from tests.support.pages import Person, age, join
from tests.support.portal import Desk
from tests.support.service import Key, Place, Running, now
from volact.service.roles import Role
from volact.service.usecases.keys import Order, issue
from volact.service.usecases.members import change_role
from volact.service.usecases.revealing import MOST_AN_HOUR, count_shown

DATABASES = BOTH
CATALOG = "reference"
EA, HV = "enterprise-agreement", "high-volume-messaging"


@pytest.fixture(scope="module")
def desk(place: Place) -> Desk:
    """A customer with an agreement of each sort."""
    found = Desk.open(place, "Fjell =Kraft")
    found.agree(EA, level="B", windows_7_professional=100, office_2010=50)
    found.agree(HV, windows_7_professional=5)
    return found


@pytest.fixture(scope="module")
def mak(desk: Desk) -> Key:
    """Its multiple activation key."""
    return desk.key("windows-7-professional", "mak", program=EA, activations=500)


@pytest.fixture(scope="module")
def hidden(desk: Desk) -> Key:
    """Its key that the activation center alone gives out."""
    return desk.key("windows-7-professional", "mak", program=HV, activations=20)


@pytest.fixture(scope="module")
def stranger(place: Place) -> tuple[Desk, Key]:
    """Another customer with a key."""
    other = Desk.open(place, "Atelier Garonne")
    other.agree(EA, level="A", windows_7_professional=10)
    return other, other.key("windows-7-professional", "mak", program=EA)


@pytest.fixture(scope="module")
def reader(place: Place, running: Running, desk: Desk) -> Person:
    """A key reader who showed a second factor just now."""
    found = join(place, running, role=Role.KEY_READER, organization_id=desk.organization_id)
    found.prove()
    return found


def test_a_key_is_shown_only_after_a_second_factor(place: Place, running: Running, desk: Desk, mak: Key) -> None:
    """Without a second factor nothing is shown and nothing is on record; after it the key is, once for each showing."""
    person = join(place, running, role=Role.KEY_READER, organization_id=desk.organization_id)
    before = desk.acts(mak.keyid).count("revealed")
    person.get(desk.at("keys/"))
    refused = person.post(desk.at(f"keys/{mak.keyid}/reveal/"))
    assert refused.status_code == 403
    assert "/account/2fa/" in refused.text
    assert desk.acts(mak.keyid).count("revealed") == before
    person.prove()
    person.get(desk.at(f"keys/{mak.keyid}/"))
    shown = person.post(desk.at(f"keys/{mak.keyid}/reveal/"))
    assert mak.text in shown.text
    assert '<svg role="img"' in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert desk.acts(mak.keyid).count("revealed") == before + 1


def test_a_second_factor_is_asked_for_again_after_five_minutes(
    place: Place, running: Running, desk: Desk, mak: Key
) -> None:
    """Whoever showed the second factor longer ago than five minutes is asked for it, led back, and shown nothing."""
    person = join(place, running, role=Role.KEY_READER, organization_id=desk.organization_id)
    person.prove()
    age(place, proofs=300)
    person.get(desk.at(f"keys/{mak.keyid}/"))
    before = desk.acts(mak.keyid)
    asked = person.post(desk.at(f"keys/{mak.keyid}/reveal/"), follow=False)
    assert asked.status_code == 302
    assert asked.headers["location"].startswith("/account/2fa/reauthenticate/?next=%2Fportal%2F")
    assert desk.acts(mak.keyid) == before


def test_what_is_read_by_get_shows_no_key(reader: Person, desk: Desk, mak: Key) -> None:
    """No page shows a key without a form: the address of a showing leads to the key's page, which masks it."""
    page = reader.get(desk.at(f"keys/{mak.keyid}/reveal/"))
    assert page.url.path == desk.at(f"keys/{mak.keyid}/")
    assert mak.text not in page.text
    assert mak.text.split("-")[0] in page.text
    for path in ("keys/", "keys.csv", "keys/export/", "agreements/", f"agreements/{desk.licensing_ids[EA]}/"):
        assert mak.text.split("-")[1] not in reader.get(desk.at(path)).text


def test_f11_portal_keeps_the_keys_back_that_the_center_gives_out(
    place: Place, reader: Person, desk: Desk, hidden: Key
) -> None:
    """A key that the center alone gives out is on no page, in no sheet and in no answer; its row says whom to call."""
    groups = hidden.text.split("-")
    listed = reader.get(desk.at("keys/"), licensing_id=desk.licensing_ids[HV])
    assert hidden.keyid in listed.text
    assert "+44 20 7946 0958" in listed.text
    refused = reader.post(desk.at(f"keys/{hidden.keyid}/reveal/"))
    assert "key_not_shown" in refused.text
    sheet = reader.post(desk.at(f"keys/export/?licensing_id={desk.licensing_ids[HV]}"))
    (row,) = csv.DictReader(io.StringIO(sheet.text))
    assert (row["keyid"], row["key"]) == (hidden.keyid, "")
    one = reader.get(desk.at(f"keys/{hidden.keyid}/"))
    for page in (listed, refused, sheet, one):
        assert not any(group in page.text for group in groups[1:])
        assert f">{groups[0]}<" not in page.text
    assert desk.acts(hidden.keyid) == ["issued"]


def test_the_sheet_with_keys_leaves_a_row_on_record_for_each(reader: Person, desk: Desk, mak: Key) -> None:
    """The export holds every key of the list as it is typed, is kept by nobody, and is on record key by key."""
    other = desk.key("office-2010", "mak", program=EA, activations=9)
    before = [desk.acts(key.keyid).count("revealed") for key in (mak, other)]
    sheet = reader.post(desk.at(f"keys/export/?licensing_id={desk.licensing_ids[EA]}"))
    rows = {row["keyid"]: row["key"] for row in csv.DictReader(io.StringIO(sheet.text))}
    assert rows[mak.keyid] == mak.text
    assert rows[other.keyid] == other.text
    assert sheet.headers["cache-control"] == "no-store"
    assert sheet.headers["content-disposition"] == 'attachment; filename="keys.csv"'
    assert [desk.acts(key.keyid).count("revealed") for key in (mak, other)] == [count + 1 for count in before]


def test_a_list_that_is_too_long_is_not_cut_off(place: Place, running: Running) -> None:
    """A sheet with keys that would not hold the whole list is refused, and no key of it is shown."""
    desk = Desk.open(place, "Storvik")
    desk.agree(EA, level="A", windows_7_professional=10)
    order = Order(licensing_id=desk.licensing_ids[EA], product="windows-7-professional", kind="mak", count=61)
    with place.opened() as service:
        issued = issue(service, order, act=now())
    person = join(place, running, role=Role.KEY_READER, organization_id=desk.organization_id)
    person.prove()
    assert "more than 60 keys" in person.get(desk.at("keys/export/")).text
    refused = person.post(desk.at("keys/export/"))
    assert "request_too_large" in refused.text
    assert not any(key.key in refused.text for key in issued)
    assert desk.acts(issued[0].row.keyid) == ["issued"]


def test_so_many_keys_are_shown_in_an_hour_and_no_more(place: Place, running: Running, desk: Desk, mak: Key) -> None:
    """Whoever was shown as many keys as an hour has is refused the next one, which stays off the record."""
    person = join(place, running, role=Role.KEY_READER, organization_id=desk.organization_id)
    person.prove()
    person.get(desk.at("keys/"))
    with place.opened() as service:
        member = service.ledger.execute("SELECT member_id FROM members WHERE email = ?", (person.email,)).fetchone()[0]
        count_shown(service, member, organization_id=desk.organization_id, number=MOST_AN_HOUR - 1, act=now())
    assert mak.text in person.post(desk.at(f"keys/{mak.keyid}/reveal/")).text
    before = desk.acts(mak.keyid)
    refused = person.post(desk.at(f"keys/{mak.keyid}/reveal/"))
    assert refused.status_code == 429
    assert "too_many_requests" in refused.text
    assert desk.acts(mak.keyid) == before


def test_the_neighbors_key_is_one_that_does_not_exist(reader: Person, desk: Desk, stranger: tuple[Desk, Key]) -> None:
    """A key id of another organization, read, shown or asked by a form, is answered as one that nobody has."""
    other, key = stranger
    for path in ("keys/{}/", "keys/{}/reveal/"):
        there, nowhere = reader.get(desk.at(path.format(key.keyid))), reader.get(desk.at(path.format("0123456789")))
        assert there.status_code == nowhere.status_code == 404
        assert _plain(there.text, key.keyid) == _plain(nowhere.text, "0123456789")
    sent, lost = (reader.post(desk.at(f"keys/{id}/reveal/")) for id in (key.keyid, "0123456789"))
    assert sent.status_code == lost.status_code == 404
    assert _plain(sent.text, key.keyid) == _plain(lost.text, "0123456789")
    licensing_id = other.licensing_ids[EA]
    assert reader.get(desk.at(f"agreements/{licensing_id}/")).status_code == 404
    assert key.keyid not in reader.get(desk.at("keys/"), licensing_id=licensing_id).text
    assert key.keyid not in reader.get(desk.at("keys.csv"), licensing_id=licensing_id).text
    assert "No key of yours is like that" in reader.get(desk.at("keys/"), word=key.keyid).text
    assert other.acts(key.keyid) == ["issued"]


def test_a_role_that_was_taken_away_shows_nothing_any_more(
    place: Place, running: Running, desk: Desk, mak: Key
) -> None:
    """Whoever lost the right to see keys while the page was open is refused when the form is sent."""
    person = join(place, running, role=Role.KEY_READER, organization_id=desk.organization_id)
    person.prove()
    person.get(desk.at(f"keys/{mak.keyid}/"))
    with place.opened() as service:
        member = service.ledger.execute("SELECT member_id FROM members WHERE email = ?", (person.email,)).fetchone()[0]
        here = desk.organization_id
        change_role(service, member, organization_id=here, role=Role.REPORT_READER, act=now())
    refused = person.post(desk.at(f"keys/{mak.keyid}/reveal/"))
    assert refused.status_code == 403
    assert "role_missing" in refused.text
    assert mak.text not in refused.text


def test_keys_are_found_by_product_key_id_and_first_group(reader: Person, desk: Desk, mak: Key) -> None:
    """A word finds a key by its product's name, its id or its first group; a whole key is not repeated."""
    group = mak.text.split("-")[0]
    for word in ("windows 7 prof", mak.keyid.lower(), group, mak.text):
        page = reader.get(desk.at("keys/"), word=word)
        assert desk.at(f"keys/{mak.keyid}/") in page.text, word
    assert mak.text not in page.text
    assert desk.at(f"keys/{mak.keyid}/") not in reader.get(desk.at("keys/"), word="visio").text


@pytest.mark.parametrize("word", ["x" * 10_000, "=cmd|' /C calc'!A1", "<script>alert(1)</script>", "%_'\"\\", "\0ab"])
def test_a_word_that_finds_nothing_does_no_harm(reader: Person, desk: Desk, word: str) -> None:
    """Whatever is typed in the field is looked for as a text, and shown as one."""
    page = reader.get(desk.at("keys/"), word=word)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "No key of yours is like that" in page.text


@pytest.mark.parametrize("after", ["x", "-1", "1" * 40, "\u0663"])
def test_a_place_that_no_page_gave_is_refused(reader: Person, desk: Desk, after: str) -> None:
    """A list begins where one of its pages said, and nowhere else."""
    page = reader.get(desk.at("keys/"), after=after)
    assert page.status_code == 400
    assert "cursor_invalid" in page.text


def test_a_long_list_goes_on_page_by_page(place: Place, running: Running) -> None:
    """Every key is on one page, each once, and the last page says that it is the last."""
    desk = Desk.open(place, "Langeland")
    desk.agree(EA, level="A", windows_7_professional=10)
    issued = {desk.key("windows-7-professional", "mak", program=EA).keyid for _ in range(30)}
    person = join(place, running, role=Role.REPORT_READER, organization_id=desk.organization_id)
    page = person.get(desk.at("keys/"))
    seen = re.findall(r"/keys/([0-9A-Z]{10})/", page.text)
    following = re.search(r'after=(\d+)" rel="next"', page.text)
    assert following
    page = person.get(desk.at("keys/"), after=following[1])
    seen += re.findall(r"/keys/([0-9A-Z]{10})/", page.text)
    assert 'rel="next"' not in page.text
    assert sorted(seen) == sorted(issued)


def test_the_roll_out_is_checked_against_what_is_left(reader: Person, desk: Desk, mak: Key) -> None:
    """A number of computers is told to be enough, or how many are missing; what is no number loses nothing."""
    here = desk.at(f"keys/{mak.keyid}/")
    assert "Enough: 500 are left" in reader.get(here, computers="500").text
    assert "Ask for 20 more" in reader.get(here, computers="520").text
    wrong = reader.get(here, computers="many")
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text


def _plain(page: str, keyid: str) -> str:
    """A page without what names this one request, or the key that was asked for."""
    without = re.sub(r'value="[^"]+"|<code>\w+</code>.*', "", page)
    return without.replace(keyid, "")
