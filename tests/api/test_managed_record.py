"""The management API on agreements, activations, hosts, catalog versions, audit and denials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import json as msgjson

from tests.support.managed import Managing, managing
from tests.support.service import ROOT, Device, Key, Place
from volact.credential import jws
from volact.credential.claims import HOST_TYP, HostCertificate, decode

Found = Callable[[Path], Place]


@pytest.fixture
def office(found: Found, tmp_path: Path) -> Iterator[Managing]:
    """A running front over a new publisher with one customer."""
    with managing(found(tmp_path / "service")) as office:
        yield office


def organization_of(office: Managing, licensing_id: str) -> str:
    """Whose agreement it is."""
    told = office.get(f"/agreements/{licensing_id}", token=office.token("agreements:read")).json()
    return str(told["organization_id"])


def neighbor(office: Managing) -> str:
    """A token of another customer's, with all scopes that it may have."""
    licensing_id = office.place.customer("Fjellvann")
    return office.token(organization_id=organization_of(office, licensing_id))


def activate(office: Managing, key: Key, product: str = "tracer-9") -> Device:
    """A computer that is activated with a key."""
    device = Device(office.place.publisher)
    assert office.devices.answer("POST", "/v1/requests", device.activate(key, product)).status == 200
    return device


def pages(office: Managing, path: str, *, token: str, **asked: Any) -> list[dict[str, Any]]:
    """All rows of a list, two at a time."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        told = office.get(path, token=token, limit=2, **asked, **more).json()
        name = next(name for name in told if name != "next")
        assert len(told[name]) <= 2
        rows += told[name]
        cursor = told["next"]
        if cursor is None:
            return rows


def test_an_agreement_is_added_shown_and_changed(office: Managing) -> None:
    """What the API adds, shows and changes of an agreement is what the record says."""
    token = office.token("agreements:read", "agreements:write")
    owner = organization_of(office, office.place.licensing_id)
    known = office.get(f"/agreements/{office.place.licensing_id}", token=token).json()
    body = {"organization_id": owner, "program": known["program"], "level": known["level"], "licenses": {"tracer-9": 4}}
    made = office.post("/agreements", body, token=token)
    assert made.status_code == 201
    licensing_id = made.json()["licensing_id"]
    changed = office.call(
        "PATCH",
        f"/agreements/{licensing_id}",
        token=token,
        body={"licenses": {"tracer-9": 0}, "valid_until": "2031-12-31"},
    )
    assert (changed.json()["licenses"], changed.json()["valid_until"]) == ({}, "2031-12-31")
    listed = pages(office, "/agreements", token=token, organization_id=owner)
    assert [row["licensing_id"] for row in listed] == [office.place.licensing_id, licensing_id]
    assert office.get(f"/agreements/{licensing_id}", token=token).json()["valid_until"] == "2031-12-31"


def test_an_agreement_that_cannot_be_is_refused_with_its_code(office: Managing) -> None:
    """Unknown organizations, programs and products, numbers and days that cannot be, each have their code."""
    token = office.token("agreements:read", "agreements:write")
    owner = organization_of(office, office.place.licensing_id)
    good = office.get(f"/agreements/{office.place.licensing_id}", token=token).json()
    base = {"organization_id": owner, "program": good["program"], "level": good["level"]}
    codes = [
        office.post("/agreements", base | wrong, token=token).json()["code"]
        for wrong in (
            {"organization_id": "O-0000-0000"},
            {"program": "none"},
            {"licenses": {"none": 1}},
            {"licenses": {"tracer-9": -1}},
            {"valid_until": "2031-13-31"},
            {"licenses": {"tracer-9": True}},
            {"surplus": 1},
        )
    ]
    assert codes == [
        "unknown_organization",
        "unknown_program",
        "unknown_product",
        "request_malformed",
        "usage",
        "request_malformed",
        "request_malformed",
    ]


def test_activations_are_found_page_by_page(office: Managing) -> None:
    """Every activation is on one page of its key's list, in the order of arrival, and by its own address."""
    place, token = office.place, office.token("activations:read")
    first, second = (place.key("tracer-9", "mak", activations=9) for _ in range(2))
    given = [activate(office, first) for _ in range(5)]
    activate(office, second)
    rows = pages(office, "/activations", token=token, keyid=first.keyid)
    assert [row["dev"] for row in rows] == [device.dev for device in given]
    assert len(pages(office, "/activations", token=token)) == 6
    assert len(pages(office, "/activations", token=token, licensing_id=place.licensing_id)) == 6
    assert len(pages(office, "/activations", token=token, since="2200-01-01T00:00:00Z")) == 0
    assert len(pages(office, "/activations", token=token, until="2200-01-01T00:00:00+01:00")) == 6
    found = pages(office, "/activations", token=token, dev=given[3].dev)
    assert [row["activation_id"] for row in found] == [rows[3]["activation_id"]]
    shown = office.get(f"/activations/{rows[0]['activation_id']}", token=token).json()
    assert shown == rows[0] | {"retired_at": None, "credited_at": None}


def test_f25_api_a_retired_activation_comes_back_once(office: Managing) -> None:
    """The same retirement sent again gives the same answer and retires nothing more; many are retired row by row."""
    place, token = office.place, office.token("activations:read", "activations:write", "audit:read")
    key = place.key("tracer-9", "mak", activations=9)
    for _ in range(3):
        activate(office, key)
    ids = [row["activation_id"] for row in pages(office, "/activations", token=token, keyid=key.keyid)]
    path = f"/activations/{ids[0]}/retire"
    done = [office.post(path, {"reason": "scrapped"}, token=token, key="one-retirement") for _ in range(2)]
    assert done[0].json() == done[1].json()
    assert [reply.headers.get("idempotency-replayed") for reply in done] == [None, "true"]
    many = office.post("/retirements", {"activation_ids": [ids[1], "none", ids[2]], "reason": "x"}, token=token)
    rows = many.json()["rows"]
    assert [row["result"] for row in rows] == ["retired", "refused", "retired"]
    assert rows[1]["error"]["code"] == "unknown_activation"
    acts = pages(office, "/audit", token=token, subject=key.keyid, act="activation retired")
    assert len(acts) == 3
    assert acts[0]["who"].startswith("a test (token ")
    assert office.get(f"/activations/{ids[0]}", token=token).json()["live"] is False


def test_a_host_that_is_revoked_renews_nothing_until_it_has_another_device_key(office: Managing) -> None:
    """Its device key gets no certificate any more; a new one on the same hardware does, as a re-activation."""
    place, token = office.place, office.token("hosts:read", "hosts:write")
    key = place.key("solver-server-9", "host")
    device = Device(place.publisher)
    answer = office.devices.answer("POST", "/v1/requests", device.host(key))
    assert answer.status == 200
    jti = _certificate(answer.body).jti
    (host,) = pages(office, "/hosts", token=token, keyid=key.keyid)
    left = host["reactivations_left"]
    for _ in range(2):
        done = office.post(f"/hosts/{host['host_id']}/revoke", {"reason": "stolen"}, token=token)
        assert (done.status_code, done.json()["live"]) == (200, True)
    for body in (device.renew(jti), device.host(key)):
        refused = office.devices.answer("POST", "/v1/requests", body)
        assert (refused.status, msgjson.decode(refused.body)["code"]) == (409, "host_revoked")
    assert office.devices.answer("POST", "/v1/requests", device.reinstalled().host(key)).status == 200
    assert office.get(f"/hosts/{host['host_id']}", token=token).json()["reactivations_left"] == left - 1


def test_a_catalog_is_published_once_under_its_idempotency_key(office: Managing) -> None:
    """The same publication sent again is not another version, and an edit that breaks what was issued is refused."""
    token = office.token("catalog:read", "catalog:write")
    text = (ROOT / "catalogs" / "demo.toml").read_text("utf-8")
    made = [office.post("/catalog/versions", {"toml": text}, token=token, key="second-version") for _ in range(2)]
    assert [reply.json()["version"] for reply in made] == [2, 2]
    versions = office.get("/catalog/versions", token=token).json()["versions"]
    assert [each["version"] for each in versions] == [2, 1]
    shown = office.get("/catalog/versions/2", token=token).json()
    assert shown["catalog"]["title"] == made[0].json()["title"]
    assert office.get("/catalog/versions/3", token=token).json()["code"] == "not_found"
    assert office.post("/catalog/versions", {"toml": "x ="}, token=token).json()["code"] == "catalog_invalid"
    published = office.devices.answer("GET", "/v1/catalog")
    assert published.status == 200
    assert office.devices.answer("GET", "/.well-known/volact").body.count(b'"catalog":2') == 1


def test_denials_are_listed_by_code(office: Managing) -> None:
    """What the device API refused is told by day, code, key and address."""
    place, token = office.place, office.token("denials:read")
    key = place.key("tracer-9", "mak", activations=1)
    activate(office, key)
    body = Device(place.publisher).activate(key, "tracer-9")
    assert office.devices.answer("POST", "/v1/requests", body).status == 409
    office.runner.run(office.front.app.record_denials())
    (row,) = office.get("/denials", token=token, code="mak_exhausted").json()["denials"]
    assert (row["keyid"], row["times"]) == (key.keyid, 1)
    assert office.get("/denials", token=token, code="none").json()["code"] == "usage"


def test_what_is_anothers_is_answered_like_what_is_not(office: Managing) -> None:
    """A neighbor's token learns nothing of agreements, activations and hosts, not even that they exist."""
    place = office.place
    key, host_key = place.key("tracer-9", "mak", activations=9), place.key("solver-server-9", "host")
    activate(office, key)
    office.devices.answer("POST", "/v1/requests", Device(place.publisher).host(host_key))
    all_seeing = office.token()
    activation_id = pages(office, "/activations", token=all_seeing)[0]["activation_id"]
    host_id = pages(office, "/hosts", token=all_seeing)[0]["host_id"]
    stranger = neighbor(office)
    for path, there, not_there in (
        ("/agreements/{}", place.licensing_id, "L-0000-0000"),
        ("/activations/{}", activation_id, "0" * 26),
        ("/hosts/{}", host_id, "0" * 15),
    ):
        told = [office.get(path.format(id), token=stranger) for id in (there, not_there)]
        assert [reply.status_code for reply in told] == [404, 404]
        assert told[0].text.replace(there, not_there) == told[1].text
        assert office.get(path.format(there), token=all_seeing).status_code == 200
    for path in ("/activations", "/hosts"):
        assert pages(office, path, token=stranger) == []
        assert pages(office, path, token=stranger, keyid=key.keyid) == []
    mine = office.token(organization_id=organization_of(office, place.licensing_id))
    assert len(pages(office, "/activations", token=mine)) == 1
    retire = [
        office.post(f"/activations/{id}/retire", {"reason": "x"}, token=stranger) for id in (activation_id, "0" * 26)
    ]
    assert retire[0].text.replace(activation_id, "0" * 26) == retire[1].text


def _certificate(body: bytes) -> HostCertificate:
    credential = msgjson.decode(body)["credential"]
    return decode(HostCertificate, jws.parse_compact(credential, typ=HOST_TYP).payload)


def test_rows_that_grow_say_whose_they_are(office: Managing) -> None:
    """Activations, answers, places, certificates, returns and refusals have their Licensing ID, so that a database can
    spread them by it."""
    place, token = office.place, office.token()
    key, host_key = place.key("tracer-9", "mak", activations=1), place.key("solver-server-9", "host")
    activate(office, key)
    refused = office.devices.answer("POST", "/v1/requests", Device(place.publisher).activate(key, "tracer-9"))
    assert refused.status == 409
    office.devices.answer("POST", "/v1/requests", Device(place.publisher).host(host_key))
    (row,) = pages(office, "/activations", token=token)
    office.post(f"/activations/{row['activation_id']}/retire", {"reason": "x"}, token=token)
    tables = ("activations", "answers", "slots", "certificates", "retirements", "refused")
    with place.opened() as service:
        for table in tables:
            rows = service.ledger.execute(f"SELECT DISTINCT licensing_id FROM {table}").fetchall()
            assert rows == [(place.licensing_id,)]
        acts = "SELECT DISTINCT licensing_id FROM audit WHERE subject IN (?, ?, ?)"
        rows = service.ledger.execute(acts, (key.keyid, host_key.keyid, place.licensing_id)).fetchall()
        assert rows == [(place.licensing_id,)]
