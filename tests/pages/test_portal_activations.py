"""Activations of an organization on its page: found, exported, given back."""

from __future__ import annotations

import csv
import io
import re

import httpx
import pytest

from tests.support.databases import BOTH
from tests.support.pages import Person, join, plain
from tests.support.service import Device, Key, Place, Running, now
from volact.service.ledger import audit, members, retirements
from volact.service.roles import Role
from volact.service.usecases.members import change_role

DATABASES = BOTH

SHOWN = 50  # on one page
MOST_A_YEAR = 10  # the catalog's retirements_per_year
_ACTIVATION = re.compile(r'name="activation" value="(\w+)"')
PRODUCT = "tracer-9"


@pytest.fixture(scope="module")
def key(place: Place) -> Key:
    """A key that counts."""
    return place.key(PRODUCT, "mak", activations=20)


@pytest.fixture(scope="module")
def manager(place: Place, running: Running, organization_id: str) -> Person:
    """The key administrator of the customer."""
    return join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=organization_id)


def test_f26_portal_names_every_activation(
    place: Place, running: Running, manager: Person, organization_id: str, key: Key
) -> None:
    """The page of activations names the computer, the key, the product, the method and the time of each."""
    device = Device(place.publisher)
    assert running.post(device.activate(key, PRODUCT)).status_code == 200
    page = manager.get(f"/portal/{organization_id}/activations/").text
    assert device.dev in page
    assert key.keyid in page
    assert "Online or by file" in page
    for sought in (key.keyid, device.dev, key.text[:5], place.licensing_id):
        assert device.dev in manager.get(f"/portal/{organization_id}/activations/", q=sought).text
    assert device.dev not in manager.get(f"/portal/{organization_id}/activations/", q="nothing like it").text
    assert manager.get(f"/portal/{organization_id}/activations/", q="x" * 10_000).status_code == 200


def test_f25_portal_gives_activations_back(
    place: Place, running: Running, manager: Person, organization_id: str, key: Key
) -> None:
    """An administrator of keys gives chosen activations back with a reason; a reader of keys cannot."""
    device, address = Device(place.publisher), f"/portal/{organization_id}/activations/"
    running.post(device.activate(key, PRODUCT))
    number = _activation_of(manager.get(address, q=device.dev).text)
    reader = join(place, running, role=Role.KEY_READER, organization_id=organization_id)
    reader.get(address)
    assert reader.post(address, activation=number, reason="sold").status_code == 403
    again = manager.post(address, activation=number, reason="")
    assert again.status_code == 422
    assert f'value="{number}" aria-label="Choose {device.dev}" checked' in again.text
    assert manager.post(address, reason="sold").status_code == 422
    page = manager.post(address, activation=number, reason="sold")
    assert "counts again from" in page.text
    assert "Given back" in manager.get(address, q=device.dev).text


def test_another_organizations_activation_is_none(
    place: Place, running: Running, manager: Person, organization_id: str
) -> None:
    """The id of an activation by another organization's key is answered like one that nobody has."""
    others = place.customer("Atelier Garonne", "FR")
    mine, place.licensing_id = place.licensing_id, others
    foreign = place.key(PRODUCT, "mak", activations=5)
    place.licensing_id = mine
    running.post(Device(place.publisher).activate(foreign, PRODUCT))
    with place.opened() as service:
        rows = service.ledger.execute("SELECT activation_id FROM activations WHERE keyid = ?", (foreign.keyid,))
        number = rows.fetchone()[0]
    address = f"/portal/{organization_id}/activations/"
    assert "Nothing was found" in manager.get(address, q=number).text
    there, nowhere = (manager.post(address, activation=each, reason="x").text for each in (number, "0" * 26))
    assert plain(there.replace(number, "0" * 26)) == plain(nowhere)


def test_what_is_chosen_is_given_back_each_by_itself(
    place: Place, running: Running, manager: Person, organization_id: str
) -> None:
    """Of many that are chosen, one that cannot be given back stops no other; each has its result, and is counted once
    however often the form is sent."""
    key, address = place.key(PRODUCT, "mak", activations=20), f"/portal/{organization_id}/activations/"
    for _ in range(MOST_A_YEAR + 1):
        running.post(Device(place.publisher).activate(key, PRODUCT))
    chosen = _ACTIVATION.findall(manager.get(address, q=key.keyid).text)
    assert len(chosen) == MOST_A_YEAR + 1
    for _ in range(2):
        page = _send(manager, address, activation=["0" * 26, *chosen], reason="=HYPERLINK(1)")
        assert page.text.count("counts again from") == MOST_A_YEAR
        assert "retirement_limit_reached" not in manager.get(address).text
        assert page.text.count('<span class="pill bad">') == 2
    assert len(_ACTIVATION.findall(manager.get(address, q=key.keyid, state="live").text)) == 1
    assert manager.get(address, q=key.keyid, state="returned").text.count("counts again from") == MOST_A_YEAR
    assert place.row(key).used == MOST_A_YEAR + 1  # until the cool-down is over
    with place.opened() as service:
        acts = audit.history(service.ledger, key.keyid)
    assert sum(row.act == "activation retired" for row in acts) == MOST_A_YEAR


def test_a_role_that_was_taken_away_gives_nothing_back(
    place: Place, running: Running, organization_id: str, key: Key
) -> None:
    """Whoever opened the form before their role ended sends it in vain."""
    device, address = Device(place.publisher), f"/portal/{organization_id}/activations/"
    running.post(device.activate(key, PRODUCT))
    person = join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=organization_id)
    number = _activation_of(person.get(address, q=device.dev).text)
    with place.opened() as service:
        row = members.member_at(service.ledger, person.email)
        assert row is not None
        change_role(service, row.member_id, organization_id=organization_id, role=None, act=now())
    assert person.post(address, activation=number, reason="sold").status_code == 404
    with place.opened() as service:
        kept = retirements.activation(service.ledger, number)
    assert kept is not None
    assert kept.live == 1


def test_every_activation_is_on_one_page(place: Place, running: Running, manager: Person, organization_id: str) -> None:
    """Page by page the list has each activation once, and the sheet has the same ones; a place that was changed by
    hand is the first page's."""
    key, address = place.key(PRODUCT, "mak", activations=200), f"/portal/{organization_id}/activations/"
    devices = [Device(place.publisher) for _ in range(2 * SHOWN + 5)]
    for device in devices:
        assert running.post(device.activate(key, PRODUCT)).status_code == 200
    found, page = list[str](), manager.get(address, q=key.keyid)
    while True:
        found += _ACTIVATION.findall(page.text)
        further = re.search(r'href="(\?[^"]+)" rel="next"', page.text)
        if not further:
            break
        page = manager.client.get(address + further[1].replace("&amp;", "&"))
    assert len(found) == len(set(found)) == len(devices)
    rows = _sheet(manager, organization_id, q=key.keyid)
    assert {row["activation_id"] for row in rows} == set(found)
    assert {row["computer"] for row in rows} == {device.dev for device in devices}
    first = _ACTIVATION.findall(manager.get(address, q=key.keyid).text)
    for place_of in ("x-y", "1e9-A", "٣-A", "-", "9" * 40 + "-A"):
        assert _ACTIVATION.findall(manager.get(address, q=key.keyid, after=place_of).text) == first


def test_a_sheet_is_made_while_it_is_sent(
    place: Place, running: Running, manager: Person, organization_id: str, key: Key
) -> None:
    """The sheet comes in parts without a length, holds no cell that a spreadsheet would calculate, and is as empty as
    what is sought."""
    running.post(Device(place.publisher).activate(key, PRODUCT))
    with manager.client.stream("GET", f"/portal/{organization_id}/activations.csv") as page:
        assert page.headers["transfer-encoding"] == "chunked"
        assert page.headers["content-disposition"] == 'attachment; filename="activations.csv"'
        assert len([part for part in page.iter_raw() if part]) >= 1
    rows = _sheet(manager, organization_id)
    assert {"activation_id", "keyid", "computer", "at"} <= set(rows[0])
    assert all(cell[:1] not in ("=", "+", "-", "@") for row in rows for cell in row.values())
    assert _sheet(manager, organization_id, q="nothing like it") == []
    assert manager.client.head(f"/portal/{organization_id}/activations.csv").content == b""


@pytest.mark.parametrize("word", ["x" * 10_000, "=1+1", "\0", "%", "'; DROP TABLE keys --", "🦉", "<script>"])
def test_odd_words_find_nothing(manager: Person, organization_id: str, word: str) -> None:
    """Whatever is typed into the search is a word that nothing has."""
    for name in ("q", "product", "channel", "after"):
        page = manager.client.get(f"/portal/{organization_id}/activations/", params={name: word})
        assert page.status_code == 200, name
        assert "<script>" not in page.text
        if name != "after":
            assert "Nothing was found" in page.text


def _activation_of(page: str) -> str:
    found = re.search(r'name="activation" value="(\w+)"', page)
    assert found
    return found[1]


def _send(person: Person, address: str, **sent: str | list[str]) -> httpx.Response:
    origin = str(person.client.base_url).rstrip("/")
    headers = {"Origin": origin, "Referer": origin + address}
    return person.client.post(address, data={**person.marks, **sent}, headers=headers)


def _sheet(person: Person, organization_id: str, **asked: str) -> list[dict[str, str]]:
    page = person.client.get(f"/portal/{organization_id}/activations.csv", params=asked)
    assert page.status_code == 200
    return list(csv.DictReader(io.StringIO(page.text)))
