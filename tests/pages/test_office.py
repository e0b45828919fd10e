"""The back office: customers, agreements, keys, media."""

from __future__ import annotations

import io
import os
import re
import zipfile

import pytest

from tests.support.databases import BOTH
from tests.support.pages import PASSWORD, Person, join, visitor
from tests.support.service import Device, Place, Running
from volact.service.ledger import audit, customers, keys, listing, members
from volact.service.roles import Role

DATABASES = BOTH

PRODUCT = "tracer-9"
REASON = "the roll-out in Bergen needs them"


@pytest.fixture(scope="module")
def astrid(place: Place, running: Running) -> Person:
    """The publisher's administrator."""
    return join(place, running, role=Role.PUBLISHER, name="Astrid Vik")


def link_to(place: Place, running: Running, email: str) -> str:
    """The path of the newest link that was mailed to an address, which a service without a mail server writes out."""
    assert running.process.stdout is not None
    os.set_blocking(running.process.stdout.fileno(), False)
    said = (running.process.stdout.read() or b"").decode() + place.folder.with_suffix(".log").read_text("utf-8")
    found = re.search(r"/invitation/[\w-]+", said[said.rindex(f"To: {email}") :])
    assert found
    return found[0]


def test_a_customer_comes_with_its_administrator_in_one_step(place: Place, running: Running, astrid: Person) -> None:
    """A new organization is added once, its administrator gets a link, and by it is administrator there alone."""
    astrid.get("/office/organizations/new/")
    form = {"name": "Havvind AS", "country": "no", "parent": "", "email": "Kari@Havvind.example"}
    marks = dict(astrid.marks)
    page = astrid.post("/office/organizations/new/", **form)
    assert page.status_code == 200
    assert "Havvind AS" in page.text
    again = astrid.post("/office/organizations/new/", **form | marks)
    assert again.url == page.url
    with place.opened() as service:
        found = [row for row in customers.organizations(service.ledger) if row.name == "Havvind AS"]
    assert [row.country for row in found] == ["NO"]
    customer_id = found[0].organization_id
    path, kari = link_to(place, running, "kari@havvind.example"), visitor(running)
    kari.get(path)
    assert kari.post(path, name="Kari Nord", password=PASSWORD).status_code == 200
    assert kari.get("/").url.path == f"/portal/{customer_id}/"
    assert kari.get("/office/").status_code == 404
    assert "Kari Nord" in astrid.get(f"/office/organizations/{customer_id}/").text
    assert "Havvind AS" in astrid.get("/office/", q="havvind").text
    assert "Havvind AS" not in astrid.get("/office/", q="nobody is called that").text


def test_a_customer_that_is_refused_is_not_half_there(place: Place, astrid: Person) -> None:
    """Where the invitation cannot be made no organization is added, and the form still has what was typed."""
    astrid.get("/office/organizations/new/")
    form = {"name": "Half & Half <b>", "country": "NO", "parent": "", "email": "no address"}
    page = astrid.post("/office/organizations/new/", **form)
    assert page.status_code == 422
    assert 'value="Half &amp; Half &lt;b&gt;"' in page.text
    assert astrid.post("/office/organizations/new/", **form | {"name": "x" * 10_000, "email": ""}).status_code == 422
    assert astrid.post("/office/organizations/new/", **form | {"email": "", "parent": "O-0000-0000"}).status_code == 422
    with place.opened() as service:
        names = [row.name for row in customers.organizations(service.ledger)]
    assert not [name for name in names if name.startswith(("Half", "xxx"))]


def test_an_invitation_is_made_again_and_withdrawn(place: Place, astrid: Person, organization_id: str) -> None:
    """The publisher invites an administrator of a customer that is there, and withdraws that, of no other customer."""
    address = f"/office/organizations/{organization_id}/"
    astrid.get(address)
    assert "late@example.org" in astrid.post(address, do="invite", email="late@example.org").text
    with place.opened() as service:
        row = members.open_invitations(service.ledger, organization_id, now=0)[-1]
    astrid.get(address)
    assert "late@example.org" not in astrid.post(address, do="withdraw", invitation=row.invitation_id).text
    assert astrid.get("/office/organizations/O-0000-0000/").status_code == 404
    assert astrid.get("/office/organizations/%00/").status_code == 404


def test_a_family_has_no_circle(place: Place, astrid: Person, organization_id: str) -> None:
    """A customer is placed below another one, never below itself or its own affiliates."""
    astrid.get("/office/organizations/new/", parent=organization_id)
    page = astrid.post("/office/organizations/new/", name="Below", country="", parent=organization_id, email="")
    below = page.url.path.split("/")[3]
    address = f"/office/organizations/{organization_id}/change/"
    astrid.get(address)
    page = astrid.post(address, country="NO", parent=below)
    assert page.status_code == 422
    assert "organization_cycle" in page.text
    assert "Below" in astrid.get(f"/office/organizations/{organization_id}/").text
    done = astrid.post(f"/office/organizations/{below}/change/", country="SE", parent="")
    assert done.status_code == 200
    with place.opened() as service:
        row = customers.organization(service.ledger, below)
    assert row is not None
    assert (row.country, row.parent) == ("SE", None)


def test_an_agreement_gives_its_allowance_with_reasons(place: Place, astrid: Person, organization_id: str) -> None:
    """An agreement is made with what was bought, says what its keys allow and why, and is changed by set numbers."""
    address = f"/office/organizations/{organization_id}/agreement/"
    astrid.get(address)
    form = {"program": "corporate", "level": "", "valid_from": "", "valid_until": "2099-12-31"}
    lines: dict[str, object] = {"product": [PRODUCT, ""], "number": ["1 200", ""]}
    page = astrid.post(address, **form | lines)  # type: ignore[arg-type]
    assert page.status_code == 422
    assert "level_required" in page.text
    assert 'value="1 200"' in page.text
    page = astrid.post(address, **form | lines | {"level": "A"})  # type: ignore[arg-type]
    licensing_id = page.url.path.split("/")[3]
    assert "Its price level is A." in page.text
    assert "1,200" in page.text
    change = f"/office/agreements/{licensing_id}/change/"
    astrid.get(change)
    for wrong in ("minus one", "-1", "1" * 30, "٣"):
        assert astrid.post(change, level="", valid_until="", product=PRODUCT, number=wrong).status_code == 422
    twice: dict[str, object] = {"product": [PRODUCT, PRODUCT], "number": ["1", "2"]}
    assert astrid.post(change, **twice).status_code == 422  # type: ignore[arg-type]
    assert astrid.post(change, level="B", valid_until="2098-12-31", product=PRODUCT, number="7").status_code == 200
    with place.opened() as service:
        row = customers.agreement(service.ledger, licensing_id)
    assert row is not None
    assert (row.level, row.valid_until, dict(row.licenses)) == ("B", "2098-12-31", {PRODUCT: 7})


def test_keys_are_issued_once_and_shown_nowhere(place: Place, astrid: Person) -> None:
    """A form that issues keys and is sent twice counts once; no page shows more of a key than its first group."""
    address = f"/office/agreements/{place.licensing_id}/issue/"
    astrid.get(address)
    form = {"product": PRODUCT, "kind": "mak", "activations": "40", "count": "3"} | astrid.marks
    for _ in range(2):
        assert astrid.post(address, **form).status_code == 200
    with place.opened() as service:
        rows = [row for row in keys.keys_of(service.ledger, place.licensing_id) if row.allowance == 40]
    assert len(rows) == 3
    pages = [astrid.get(f"/office/keys/{row.keyid}/").text for row in rows]
    pages += [astrid.get("/office/keys/", q=place.licensing_id).text, astrid.get(f"/office/keys/{rows[0].keyid}/").text]
    assert all(row.keyid in "".join(pages) for row in rows)
    assert not re.search(r"\b(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}\b", "".join(pages))
    for wrong in ({"count": "0"}, {"count": "1001"}, {"count": "x"}, {"kind": "none"}, {"product": "no"}):
        astrid.get(address)
        assert astrid.post(address, **{"product": PRODUCT, "kind": "mak", "count": "1", **wrong}).status_code == 422


def test_an_allowance_changes_with_a_reason_and_never_below_what_is_used(
    place: Place, running: Running, astrid: Person
) -> None:
    """An allowance is set with a reason that the history tells; without one, or below what is used, nothing changes."""
    key = place.key(PRODUCT, "mak", activations=5)
    assert running.post(Device(place.publisher).activate(key, PRODUCT)).status_code == 200
    address = f"/office/keys/{key.keyid}/"
    astrid.get(address)
    page = astrid.post(address, activations="9", reason="")
    assert page.status_code == 422
    assert 'value="9"' in page.text
    assert astrid.post(address, activations="0", reason=REASON).status_code == 422
    assert astrid.post(address, activations="9", reason=f"for {key.text}").status_code == 422
    assert place.row(key).allowance == 5
    page = astrid.post(address, activations="9", reason=REASON)
    assert "5 → 9" in page.text
    assert REASON in page.text
    assert place.row(key).allowance == 9
    assert astrid.get("/office/keys/0000000000/").status_code == 404


def test_a_key_is_blocked_over_what_that_affects(place: Place, running: Running, astrid: Person) -> None:
    """The page says how many activations a key gave before it is blocked; a key that was revoked is on the list."""
    key = place.key(PRODUCT, "mak", activations=5)
    for _ in range(2):
        running.post(Device(place.publisher).activate(key, PRODUCT))
    address = f"/office/keys/{key.keyid}/block/"
    assert "2 activations were taken" in astrid.get(address).text
    assert astrid.post(address, how="", reason=REASON).status_code == 422
    assert astrid.post(address, how="block", reason=" ").status_code == 422
    assert place.row(key).state == "active"
    assert astrid.post(address, how="block", reason=REASON).status_code == 200
    assert place.row(key).state == "blocked"
    refused = running.post(Device(place.publisher).activate(key, PRODUCT))
    assert refused.json()["code"] == "key_blocked"
    assert astrid.post(address, how="revoke", reason=REASON).status_code == 200
    assert place.row(key).state == "revoked"
    assert key.keyid in {each.keyid for each in place.trust.revocations.keys}


def test_an_activation_is_retired_from_its_own_key(place: Place, running: Running, astrid: Person) -> None:
    """An activation is retired with a reason, once; under another key's address nobody finds it."""
    key, other = (place.key(PRODUCT, "mak", activations=5) for _ in range(2))
    device = Device(place.publisher)
    running.post(device.activate(key, PRODUCT))
    address = f"/office/keys/{key.keyid}/activations/"
    page = astrid.get(address, dev=device.dev)
    found = re.search(r'name="activation" value="([^"]+)"', page.text)
    assert found
    elsewhere = astrid.post(f"/office/keys/{other.keyid}/activations/", activation=found[1], reason=REASON)
    assert elsewhere.status_code == 422
    assert "unknown_activation" in elsewhere.text
    astrid.get(address)
    assert astrid.post(address, activation=found[1], reason="").status_code == 422
    assert device.dev not in astrid.post(address, activation=found[1], reason=REASON).text
    assert astrid.get(address, after="1.2.3").status_code == astrid.get(address, after="x").status_code == 200
    with place.opened() as service:
        acts = [row.act for row in audit.acts_on(service.ledger, key.keyid, most=9)]
    assert acts.count("activation retired") == 1


def test_searching_takes_any_text(astrid: Person) -> None:
    """A search takes 10,000 characters, formulas, wildcards and what is no text, and finds nothing by them."""
    for text in ("x" * 10_000, "=1+1", "%", "_", "!", "\0", "'; DROP TABLE keys; --", "\ud7ff", "<script>"):
        for address in ("/office/", "/office/keys/", "/office/record/"):
            page = astrid.get(address, q=text, who=text, subject=text, act=text, after=text, before=text)
            assert page.status_code == 200, (address, text)
            assert "<script>alert" not in page.text
            assert "&lt;script&gt;" in page.text or "<script>" not in text


def test_media_have_a_grant_and_no_key(place: Place, astrid: Person) -> None:
    """What is given for media is the publisher file with a grant, which is signed once and holds no key."""
    address = f"/office/agreements/{place.licensing_id}/media/"
    assert astrid.get(address).status_code == 200
    assert astrid.post(address, product=PRODUCT, kind="setup").status_code == 422  # not offered for it
    assert astrid.post(address, product=PRODUCT, kind="mak").status_code == 422


def test_a_grant_comes_as_a_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The grant of a product that a setup key opens comes with the publisher file, each time the same one; with the
    printed key it asks for the second factor, and is in the key's history."""
    place = Place.make(tmp_path_factory.mktemp("reference") / "service", catalog="reference")
    with place.opened() as service:
        grants = listing.grants_signed(service.ledger, place.licensing_id)
    assert grants == {}
    with place.running() as running:
        astrid = join(place, running, role=Role.PUBLISHER)
        address = f"/office/agreements/{place.licensing_id}/media/"
        page = astrid.get(address)
        found = re.search(r'name="product" value="([^"]+)"><input type="hidden" name="kind" value="setup"', page.text)
        assert found, page.text
        sent = [astrid.post(address, product=found[1], kind="setup").content for _ in range(2)]
        files = [zipfile.ZipFile(io.BytesIO(data)) for data in sent]
        for file in files:
            assert file.namelist() == ["publisher.volact", f"{found[1]}.grant"]
        assert len({file.read(f"{found[1]}.grant") for file in files}) == 1
        assert "Signed" in astrid.get(address).text
        asked = astrid.post(address, product=found[1], kind="setup", do="sleeve")
        assert asked.status_code == 403
        assert "second factor" in asked.text
        astrid.prove()
        astrid.get(address)
        printed = zipfile.ZipFile(io.BytesIO(astrid.post(address, product=found[1], kind="setup", do="sleeve").content))
        assert {"sleeve.txt", "sleeve.pdf"} < set(printed.namelist())
        key = re.search(r"([0-9A-Z]{5}-){4}[0-9A-Z]{5}", printed.read("sleeve.txt").decode())
        assert key
        assert key[0] not in astrid.get(address).text
    with place.opened() as service:
        (row,) = listing.media_keys(service.ledger, place.licensing_id).values()
        acts = [each.act for each in audit.acts_on(service.ledger, row.keyid, most=9)]
    assert row.product == found[1]
    assert row.first_group == key[0][:5]
    assert acts == ["delivered on media", "issued"]
