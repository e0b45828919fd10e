"""The publisher's people, each from the invitation to the day's work done, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.center import EA, WINDOWS
from tests.support.days import NAME, Day, Mood, Town, day, moods, town
from tests.support.pages import join
from tests.support.portal import Desk
from tests.support.service import Key, Place
from tests.support.texts import plain
from volact.credential import checkpoint, merkle
from volact.credential.checkpoint import Entry, entry_leaf
from volact.credential.encoding import unb64
from volact.credential.telephone.confirmation import read_confirmation_id
from volact.credential.telephone.installation import make_installation_id
from volact.errors import Refusal
from volact.service.ledger import cases, customers, keys, log, recorded
from volact.service.ledger.recorded import Search
from volact.service.ledger.rows import AuditRow
from volact.service.roles import Role
from volact.service.usecases.catalogs import current_catalog
from volact.service.usecases.sequencing import catch_up

CATALOG = "reference"
OWNER = "Acme Engineering"
TOML = (Path(__file__).resolve().parents[2] / "catalogs" / "reference.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def found(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The service, with a mail server."""
    with town(place, tmp_path_factory.mktemp("mail")) as running:
        yield running


@pytest.mark.parametrize("mood", moods(0), ids=str)
def test_the_day_of_a_publishers_administrator(found: Town, browser: Browser, mood: Mood, tmp_path: Path) -> None:
    """A publisher's administrator adds an organization with its first invitation and an agreement, issues keys, and
    publishes a catalog after its difference was read."""
    owner, invited = f"Havvind {mood.language}", f"kari-{mood.language}@havvind.example"
    with day(found, browser, mood) as astrid:
        astrid.joins(Role.PUBLISHER, owner=OWNER)
        astrid.starts()
        astrid.sees("Organizations")
        astrid.presses("Add an organization")
        astrid.sees("Add an organization")
        astrid.fills(name=owner, country="NO", email=invited)
        astrid.presses("Add and invite")
        letter = found.mailbox.letter(to=invited)
        assert letter.subject == astrid.texts("%(name)s invites you to %(owner)s", name=NAME, owner=owner)
        assert plain(astrid.main.locator("h1").inner_text()) == owner
        astrid.looks("office organization")
        agrees(astrid, owner=owner)
        astrid.presses("Issue keys")
        astrid.sees("Issue keys for %(name)s", name=owner)
        astrid.fills(product=WINDOWS, kind="mak", activations="40", count="2")
        astrid.presses("Issue")
        with found.place.opened() as service:
            issued = keys.keys_of(service.ledger, astrid.main.locator("h1").inner_text())
        assert [(key.kind, key.allowance) for key in issued] == [("mak", 40)] * 2
        for key in issued:
            assert astrid.main.locator(f"tbody a[href$='/{key.keyid}/']").is_visible()
        astrid.looks("office keys issued")
        publishes(astrid, tmp_path / "next.toml")


def agrees(astrid: Day, *, owner: str) -> None:
    """From an organization's page to that of its first agreement."""
    astrid.presses("Add an agreement")
    astrid.sees("Add an agreement of %(name)s", name=owner)
    astrid.fills(program=EA, level="A", product=WINDOWS, number="250")
    astrid.presses("Add the agreement")
    astrid.looks("office agreement")
    with astrid.town.place.opened() as service:
        row = customers.agreement(service.ledger, astrid.main.locator("h1").inner_text())
    assert row is not None
    assert (row.program, row.level, row.licenses) == (EA, "A", {WINDOWS: 250})


def publishes(astrid: Day, file: Path) -> None:
    """Makes the next version of the catalog, with one figure more than the one that holds."""
    version, figure = held(astrid.town)
    file.write_text(re.sub(r"retirements_per_year = \d+", f"retirements_per_year = {figure + 1}", TOML), "utf-8")
    astrid.goes("Catalog")
    astrid.sees("Catalog")
    astrid.main.locator("[name=file]").set_input_files(file)
    astrid.presses("Compare it")
    astrid.sees("What would change")
    assert astrid.main.locator("del").inner_text() == str(figure)
    assert astrid.main.locator("ins").inner_text() == str(figure + 1)
    assert held(astrid.town) == (version, figure)
    astrid.presses("Publish as version %(n)s", n=version + 1)
    astrid.sees("Catalog")
    assert held(astrid.town) == (version + 1, figure + 1)


def held(found: Town) -> tuple[int, int]:
    """The version of the catalog that holds, and how often it lets activations be given back in a year."""
    with found.place.opened() as service:
        now = current_catalog(service)
    return now.version, now.catalog.policy.retirements_per_year


@pytest.mark.parametrize("mood", moods(1), ids=str)
def test_the_day_of_a_center_operator(found: Town, browser: Browser, mood: Mood) -> None:
    """An operator decides a request of the queue, with a reason, then takes a call: finds the agreement by the
    installation ID, and reads the confirmation aloud."""
    desk = Desk.open(found.place, f"Nordlys {mood.language}")
    desk.agree(EA, level="A", windows_7_professional=10)
    key = desk.key(WINDOWS, "mak", program=EA, activations=10)
    asker = join(found.place, found.running, role=Role.KEY_ADMINISTRATOR, organization_id=desk.organization_id)
    asker.get(desk.at("requests/new/"), kind="raise")
    asked = {"kind": "raise", "keyid": key.keyid, "number": "5", "reason": f"Bergen {mood.language}"}
    assert asker.post(desk.at("requests/new/"), **asked).status_code == 200
    with day(found, browser, mood) as sven:
        sven.joins(Role.OPERATOR, owner=OWNER)
        sven.proves()
        sven.starts()
        sven.sees("%(num)s case waits for somebody", "%(num)s cases wait for somebody", num=1)
        sven.presses("Open", within=sven.main.locator("tr", has_text=f"Bergen {mood.language}"))
        sven.looks("center case of a request")
        sven.presses("Show it")
        sven.shows_again()
        sven.presses("Take the case over")
        decides(sven, key)
        assert "raised to 17" in found.mailbox.letter(to=asker.email).text
        with found.place.opened() as service:
            ((_, row),) = cases.asked_by(service.ledger, desk.organization_id, limit=9)
        assert (row.state, row.outcome, row.reason) == ("closed", "done", "raised to 17")
        takes_a_call(sven, key)
        sven.goes("Today")
        sven.sees("What the center did today")
        assert "a plant without a network" in sven.words
        assert "a new office" in sven.words


def decides(sven: Day, key: Key) -> None:
    """Raises a key as a request asks, first without a reason, which changes nothing and loses nothing; closes it."""
    sven.fills(person="Ola Berg", proof="invoice 88-2041")
    sven.presses("Keep it")
    sven.presses("More activations")
    sven.fills(number="17")
    sven.presses("Raise it")
    sven.says("Write down why it is done: the record keeps it.")
    sven.says("Nothing was done, and what you typed is still here.")
    assert sven.main.locator("[name=number]").input_value() == "17"
    sven.looks("center reason missing")
    assert sven.town.place.row(key).allowance == 10
    sven.main.locator("form:has([name=do][value=raise]) [name=reason]").fill("a new office")
    sven.presses("Raise it")
    assert sven.town.place.row(key).allowance == 17
    assert sven.main.locator("[name=number]").input_value() == "17"  # what was asked for is not added once more
    closes(sven, "raised to 17")
    sven.looks("center case closed")


def takes_a_call(sven: Day, key: Key) -> None:
    """Confirms a computer to a caller, group by group."""
    said = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev="4" * 15)
    sven.goes("Find")
    sven.sees("Find what a caller is asking about")
    sven.fills(q=" ".join(said.groups))
    sven.presses("Find")
    sven.looks("center found")
    sven.presses("Open a case")
    sven.fills(person="Ola Berg", proof="invoice 88-2041")
    sven.presses("Keep it")
    sven.says("%(before)s → %(after)s of %(all)s", before=17, after=16, all=17)
    sven.main.locator("form:has([name=do][value=confirm]) [name=reason]").fill("a plant without a network")
    sven.presses("Confirm it")
    groups = sven.main.locator(".groups li")
    assert groups.count() == 20
    assert not isinstance(read_confirmation_id("".join(groups.all_inner_texts())), Refusal)
    for _ in range(3):
        sven.page.keyboard.press("Space")
    expect(groups.nth(3)).to_have_attribute("aria-current", "step")
    sven.looks("center read aloud")
    assert sven.town.place.row(key).remaining == 16
    closes(sven, "confirmed")


def closes(sven: Day, reason: str) -> None:
    """Closes the case as done."""
    sven.main.locator("form.closing [name=reason]").fill(reason)
    sven.presses("Close it")


@pytest.mark.parametrize("mood", moods(3), ids=str)
def test_the_day_of_an_auditor(found: Town, browser: Browser, mood: Mood) -> None:
    """An auditor finds an entry of the record, has it proved by what the page says, and verifies the whole."""
    desk = Desk.open(found.place, f"Fjell {mood.language}")
    with found.place.opened() as service:
        catch_up(service)
        (row,) = recorded.entries(service.ledger, Search(subject=desk.organization_id), limit=9)
    with day(found, browser, mood) as marc:
        marc.joins(Role.AUDITOR, owner=OWNER)
        marc.starts()
        marc.sees("Record")
        marc.fills(subject=desk.organization_id)
        marc.presses("Find")
        assert marc.main.locator("tbody tr").count() == 1
        marc.looks("record narrowed")
        with marc.page.expect_navigation():
            marc.main.locator("tbody th a").click()
        marc.says("Proved")
        marc.looks("record entry")
        assert is_proved(marc, row)
        marc.presses("Verification")
        marc.sees("Record")
        marc.presses("Verify")
        expect(marc.main.get_by_role("status")).to_be_visible()
        marc.looks("record verified")
        with found.place.opened() as service:
            (verified,) = recorded.entries(service.ledger, Search(act="record verified"), limit=1)
            signed = log.newest_signed(service.ledger)
        assert signed is not None
        assert NAME in verified.who
        marc.presses("Checkpoints")
        marc.looks("record checkpoints")
        assert str(signed.text).split()[0] in marc.page.content()


def is_proved(marc: Day, row: AuditRow) -> bool:
    """Whether what the page says, and nothing else, leads from an entry to the root that was signed."""
    for each in marc.main.locator("summary").all():
        each.click()
    told = dict(zip(marc.main.locator("dt").all_inner_texts(), marc.main.locator("dd").all_inner_texts(), strict=True))
    signed, _ = checkpoint.parse(marc.main.locator("details p.mono").text_content() or "")
    proof = [unb64(each) for each in marc.main.locator("details li.long").all_inner_texts()]
    entry = Entry(row.entry, row.at, row.who, row.act, row.subject, row.detail)
    leaf = entry_leaf(entry, unb64(told[marc.texts("Salt")]))
    place = int("".join(filter(str.isdecimal, told[marc.texts("Leaf")])))
    return merkle.included(leaf, place, size=signed.size, proof=proof, root=unb64(signed.root))
