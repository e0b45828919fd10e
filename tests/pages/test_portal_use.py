"""Activations, hosts, reports, advice and tokens of an organization, on its pages."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest

from tests.support.pages import Person, join, plain
from tests.support.service import Device, Key, Place, Running, now
from volact.service.roles import Role
from volact.service.usecases.tokens import check_token

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


def test_an_export_holds_no_formula(
    place: Place, running: Running, manager: Person, organization_id: str, key: Key
) -> None:
    """The sheet of activations has the columns that the page has, and no cell that a spreadsheet would calculate."""
    running.post(Device(place.publisher).activate(key, PRODUCT))
    rows = list(csv.DictReader(io.StringIO(manager.get(f"/portal/{organization_id}/activations.csv").text)))
    assert {"activation_id", "keyid", "computer", "at"} <= set(rows[0])
    assert all(cell[:1] not in ("=", "+", "-", "@") for row in rows for cell in row.values())


def test_f46_portal_reports_prove_no_license(
    place: Place, running: Running, manager: Person, organization_id: str, key: Key
) -> None:
    """Every form of a report counts the same activations, and says that activation is no proof of a license."""
    running.post(Device(place.publisher).activate(key, PRODUCT))
    said = "not a proof of license"
    address = f"/portal/{organization_id}/reports/"
    assert said in manager.get(address).text
    assert said in manager.get(address + "csv").text
    book = zipfile.ZipFile(io.BytesIO(manager.get(address + "xlsx").content))
    assert any(said in book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert manager.get(address + "pdf").content.startswith(b"%PDF")
    assert manager.get(address + "exe").status_code == 404


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


def _activation_of(page: str) -> str:
    found = re.search(r'name="activation" value="(\w+)"', page)
    assert found
    return found[1]
