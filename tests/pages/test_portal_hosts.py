"""The hosts of an organization on its page: places used, what is left of each, and until when it is certified."""

from __future__ import annotations

import re

import pytest

from tests.support.pages import Person, join
from tests.support.service import Device, Key, Place, Running, now
from volact.service.ledger import given
from volact.service.pages.words import utc
from volact.service.roles import Role
from volact.service.usecases.customers import add_organization

PRODUCT = "solver-server-9"
SIX = 6


@pytest.fixture(scope="module")
def key(place: Place) -> Key:
    """A host key."""
    return place.key(PRODUCT, "host")


@pytest.fixture(scope="module")
def manager(place: Place, running: Running, organization_id: str) -> Person:
    """The key administrator of the customer."""
    return join(place, running, role=Role.KEY_ADMINISTRATOR, organization_id=organization_id)


def test_f18_portal_shows_places_and_reactivations(
    place: Place, running: Running, manager: Person, organization_id: str, key: Key
) -> None:
    """F18: of each host key the page has the places used of six, of each host the re-activations left and the end of
    its certificate; with all places taken it leads to the activation center."""
    address = f"/portal/{organization_id}/hosts/"
    assert "0 of 6 places" in manager.get(address).text
    devices = [Device(place.publisher) for _ in range(SIX)]
    for device in devices[:-1]:
        assert running.post(device.host(key)).status_code == 200
    again = devices[0].reinstalled()
    assert running.post(again.host(key)).status_code == 200
    page = manager.get(address).text
    assert "5 of 6 places" in page
    assert "Every place is taken" not in page
    with place.opened() as service:
        hosts = given.hosts_of(service.ledger, key.keyid)
    for host in hosts:
        row = re.search(rf"<tr[^>]*>\s*<th[^>]*><span class=\"id\">{host.slot.host_id}.*?</tr>", page, re.DOTALL)
        assert row
        assert host.certificate_expires is not None
        assert f"{utc(host.certificate_expires):%B}\u00a0{utc(host.certificate_expires).year}" in row[0]
        left = 9 - (host.slot.dev == devices[0].dev)
        assert f">{left}</td>" in row[0]
    assert running.post(devices[-1].host(key)).status_code == 200
    page = manager.get(address).text
    assert "6 of 6 places" in page
    asked = re.search(rf'href="([^"]+)\?kind=(\w+)&amp;keyid={key.keyid}"', page)
    assert asked
    form = manager.get(asked[1], kind=asked[2], keyid=key.keyid).text
    assert f'value="{key.keyid}" selected' in form
    assert hosts[0].slot.host_id in form
    assert running.post(Device(place.publisher).host(key)).json()["code"] == "host_limit_reached"


def test_hosts_of_others_are_not_listed(place: Place, running: Running, organization_id: str, key: Key) -> None:
    """An organization without host keys is told what will be there, and sees nobody else's."""
    with place.opened() as service:
        other = add_organization(service, "Atelier Garonne", parent=None, country="FR", act=now())
    person = join(place, running, role=Role.REPORT_READER, organization_id=other)
    page = person.get(f"/portal/{other}/hosts/").text
    assert "no agreement of yours has such a key yet" in page
    assert key.keyid not in page


def test_many_host_keys_come_page_by_page(
    place: Place, running: Running, manager: Person, organization_id: str
) -> None:
    """Each host key is on one page; a place that was changed by hand leads to some page."""
    keyids = {place.key(PRODUCT, "host").keyid for _ in range(45)}
    address, found = f"/portal/{organization_id}/hosts/", list[str]()
    page = manager.client.get(address)
    while True:
        found += re.findall(r'<span class="id soft">([0-9A-Z]{10})</span>', page.text)
        further = re.search(r'href="(\?[^"]+)" rel="next"', page.text)
        if not further:
            break
        page = manager.client.get(address + further[1])
    assert len(found) == len(set(found))
    assert keyids <= set(found)
    for after in ("x" * 10_000, "\0", "=1"):
        assert manager.client.get(address, params={"after": after}).status_code == 200
