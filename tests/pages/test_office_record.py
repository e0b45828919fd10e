"""The auditor's view of the record."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.support.databases import BOTH, tamper_with
from tests.support.pages import Person, join
from tests.support.service import Place, Running, now
from volact.credential import checkpoint, merkle
from volact.credential.checkpoint import Entry, entry_leaf
from volact.credential.encoding import b64, unb64
from volact.service.ledger import audit, log, recorded
from volact.service.ledger.connection import writing
from volact.service.ledger.recorded import Search
from volact.service.ports import Act
from volact.service.roles import Role
from volact.service.usecases.customers import add_organization
from volact.service.usecases.sequencing import catch_up

DATABASES = BOTH

RECORD, VERIFICATION = "/office/record/", "/office/record/verification/"


@pytest.fixture(scope="module")
def marc(place: Place, running: Running) -> Person:
    """An auditor."""
    return join(place, running, role=Role.AUDITOR, name="Marc Weber")


def test_an_entry_is_shown_with_a_proof_that_anybody_can_check(place: Place, marc: Person) -> None:
    """The page of an entry shows salt, proof and signed checkpoint, by which its leaf is in the log."""
    with place.opened() as service:
        catch_up(service)
        row = recorded.entries(service.ledger, Search(act="founded"), limit=1)[0]
    page = marc.get(f"{RECORD}{row.entry}/").text
    assert "Proved" in page
    with place.opened() as service:
        leaf, newest = log.leaf_of(service.ledger, row.entry), log.newest_signed(service.ledger)
    assert leaf is not None
    assert leaf.salt is not None
    assert newest is not None
    assert b64(leaf.salt) in page
    said, _ = checkpoint.parse(newest.text or "")
    proof = [unb64(each) for each in _listed(page)]
    own = entry_leaf(Entry(row.entry, row.at, row.who, row.act, row.subject, row.detail), leaf.salt)
    assert merkle.included(own, leaf.leaf, size=said.size, proof=proof, root=unb64(said.root))
    for wrong in ("0", "99999999", "9" * 30):
        assert marc.get(f"{RECORD}{wrong}/").status_code == 404


def test_the_record_is_exported_as_it_is_and_that_is_on_record(place: Place, marc: Person) -> None:
    """The file has the entries that are asked for, formulas escaped; that it was exported, by whom, is an entry."""
    with place.opened() as service, writing(service.ledger):
        audit.write(service.ledger, Act("=cmd|' /C calc'!A0", now().now), what="blocked", subject="+SUM(1)")
    marc.get(RECORD)
    sent = marc.post(f"{RECORD}?act=blocked")
    assert sent.headers["content-type"].startswith("text/csv")
    assert "attachment" in sent.headers["content-disposition"]
    assert sent.headers["cache-control"] == "no-store"
    (row,) = csv.DictReader(io.StringIO(sent.text))
    assert row["who"].startswith("'=cmd")
    assert row["subject"] == "'+SUM(1)"
    with place.opened() as service:
        (entry,) = audit.newest_of(service.ledger, "record exported", most=9)
    assert entry.who.startswith("Marc Weber")
    assert json.loads(entry.detail)["asked"] == {"act": "blocked"}
    assert "Record exported" in marc.get(RECORD).text


def test_no_product_key_is_on_record_that_was_searched_for(place: Place, marc: Person) -> None:
    """That the record was exported is recorded with the filters that there are, each cut short, and no whole key."""
    marc.get(RECORD)
    key = place.key("tracer-9", "mak", activations=2)
    marc.client.post(
        RECORD,
        params={"subject": key.text, "who": "w" * 10_000, "other": "more"},
        data=marc.marks,
        headers={"Origin": str(marc.client.base_url).rstrip("/")},
    )
    with place.opened() as service:
        (entry, *_) = audit.newest_of(service.ledger, "record exported", most=9)
    asked = json.loads(entry.detail)["asked"]
    assert asked == {"subject": f"{key.text[:5]}-...", "who": "w" * 200}


def test_the_record_is_narrowed_by_person_act_subject_and_days(place: Place, marc: Person) -> None:
    """Filters narrow the record, each by itself and together; a day that is none is said and left out."""
    with place.opened() as service:
        ours = add_organization(service, "Filtered", parent=None, country=None, act=Act("Nils Narrow", now().now))
    assert ours in marc.get(RECORD, who="nils").text
    assert ours in marc.get(RECORD, subject=ours).text
    assert ours in marc.get(RECORD, who="nils", act="organization added", since="2020-01-01", until="2099-01-01").text
    assert "No entry is like that" in marc.get(RECORD, who="nils", act="blocked").text
    assert "No entry is like that" in marc.get(RECORD, who="nils", until="2020-01-01").text
    assert "No entry is like that" in marc.get(RECORD, since="9999-12-31").text
    assert ours in marc.get(RECORD, who="nils", since="0001-01-01", until="9999-12-31").text
    page = marc.get(RECORD, who="nils", since="yesterday <b>")
    assert "yesterday &lt;b&gt;" in page.text
    assert ours in page.text
    assert ours not in marc.get(RECORD, before="2").text


def test_verifying_says_what_was_found_and_is_on_record(place: Place, marc: Person) -> None:
    """A record that is whole is said to be, also against a checkpoint kept elsewhere; what is none is refused."""
    marc.get(VERIFICATION)
    page = marc.post(VERIFICATION, kept="")
    assert page.status_code == 200
    assert "The record is what was signed" in page.text
    with place.opened() as service:
        kept = recorded.checkpoints(service.ledger, before=0, limit=9)[-1].text or ""
    assert kept[:40] in marc.get("/office/record/checkpoints/").text
    assert "The record is what was signed" in marc.post(VERIFICATION, kept=kept).text
    for wrong in ("nothing", "x" * 10_000, kept[:-6] + "AAAAAA"):
        assert marc.post(VERIFICATION, kept=wrong).status_code == 422
    with place.opened() as service:
        assert len(audit.newest_of(service.ledger, "record verified", most=9)) == 2
    assert "Marc Weber" in marc.get(VERIFICATION).text


def test_an_auditor_changes_nothing(place: Place, marc: Person, organization_id: str) -> None:
    """Whoever audits has no page of the back office."""
    for address in ("/office/", f"/office/organizations/{organization_id}/", "/office/service/", "/office/keys/"):
        assert marc.get(address).status_code == 403


def test_a_record_that_was_changed_is_found_out(place: Place, marc: Person) -> None:
    """An entry that was changed behind the log's back is named, its proof does not cover it, and that is on record."""
    with place.opened() as service:
        catch_up(service)
        row = recorded.entries(service.ledger, Search(act="organization added"), limit=1)[0]
        tamper_with(service.ledger, "UPDATE audit SET who = 'nobody' WHERE entry = ?", (row.entry,))
    marc.get(VERIFICATION)
    page = marc.post(VERIFICATION, kept="")
    assert page.status_code == 422
    assert f"entry {row.entry} was changed" in page.text.lower()
    with place.opened() as service:
        assert len(audit.newest_of(service.ledger, "record found broken", most=9)) == 1


def _listed(page: str) -> list[str]:
    return [part.split("<")[0] for part in page.split('<li class="long">')[1:]]
