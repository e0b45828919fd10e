"""Looking through the record and through customers, on both databases."""

from __future__ import annotations

from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import DAY, Office
from volact.service.ledger import audit, listing, recorded
from volact.service.ledger.connection import writing
from volact.service.ledger.listing import KeySearch
from volact.service.ledger.recorded import Search
from volact.service.ports import Act
from volact.service.usecases.customers import Terms, add_agreement, add_organization, set_organization
from volact.service.usecases.families import use_keys
from volact.service.usecases.keys import change_allowance


def write(office: Office, who: str, *, what: str, subject: str) -> int:
    """Puts an entry on record now; gives its number."""
    ledger = office.service.ledger
    with writing(ledger):
        audit.write(ledger, Act(who, office.service.clock.now()), what=what, subject=subject)
    return recorded.entries(ledger, Search(subject=subject, act=what), limit=1)[0].entry


def found(office: Office, limit: int = 100, **asked: object) -> list[int]:
    """The numbers of the entries that are found."""
    rows = recorded.entries(office.service.ledger, Search(**asked), limit=limit)  # type: ignore[arg-type]
    return [row.entry for row in rows]


def test_the_record_is_found_by_whom_what_and_on_which_subject(office: Office) -> None:
    """Entries are found by subject, by a part of who acted in any case, and by act; activations by their own word."""
    key = issued(office, activations=9)
    activated(office, key)
    first = write(office, "Kari_Nord", what="allowance set", subject=key.row.keyid)
    second = write(office, "KariXNord", what="blocked", subject="elsewhere")
    assert found(office, who="kari_nord") == [first]
    assert found(office, who="KARI", subject="elsewhere") == [second]
    assert found(office, act="blocked") == [second]
    assert found(office, who="kari", act="activated") == []
    activations = recorded.entries(office.service.ledger, Search(act="activated"), limit=9)
    assert [row.subject for row in activations] == [key.row.keyid]
    assert found(office, subject=key.row.keyid)[:2] == [first, activations[0].entry]
    assert found(office, who="%") == found(office, who="!") == []
    assert found(office)[:2] == [second, first]
    assert found(office, before=second, limit=1) == [first]


def test_the_first_entry_of_a_time_is_found_by_halving(office: Office) -> None:
    """The first entry since a time is the one that a look at every entry finds, before the first and after the last."""
    for number in range(23):
        office.time.go((number % 3) * DAY)
        write(office, "kari", what="blocked", subject=f"s{number}")
    rows = recorded.entries(office.service.ledger, Search(), limit=1_000)[::-1]
    times = {row.at for row in rows} | {rows[0].at - 1, rows[-1].at + 1, 0}
    for at in times:
        expected = next((row.entry for row in rows if row.at >= at), rows[-1].entry + 1)
        assert recorded.first_since(office.service.ledger, at) == expected, at


def test_acts_on_a_subject_leave_activations_out(office: Office) -> None:
    """The newest acts on a key are told without its activations; the newest of one act are told of all subjects."""
    key = issued(office, activations=9)
    activated(office, key)
    change_allowance(office.service, key.row.keyid, activations=12, reason="more", act=office.act)
    ledger = office.service.ledger
    assert [row.act for row in audit.acts_on(ledger, key.row.keyid, most=9)] == ["allowance set", "issued"]
    assert [row.act for row in audit.acts_on(ledger, key.row.keyid, most=1)] == ["allowance set"]
    assert [row.subject for row in audit.newest_of(ledger, "allowance set", most=9)] == [key.row.keyid]


def test_customers_are_found_by_name_and_licensing_id_page_by_page(office: Office) -> None:
    """Customers come by name; a wildcard in what is looked for stands for itself, and no customer comes twice."""
    act, ledger = office.act, office.service.ledger
    names = ["Zeta 100%", "Alfa", "alfa to", "Beta_1"]
    ids = {name: add_organization(office.service, name, parent=None, country=None, act=act) for name in names}
    child = add_organization(office.service, "Alfa Nord", parent=ids["Alfa"], country="NO", act=act)
    seen: list[str] = []
    after = ""
    while rows := listing.customers_named(ledger, "", after=after, limit=2):
        seen += [row.row.name for row in rows]
        after = rows[-1].row.organization_id
    assert seen == sorted([*names, "Alfa Nord"])

    def named(text: str) -> list[str]:
        return [row.row.name for row in listing.customers_named(ledger, text, after="", limit=9)]

    assert named("ALFA") == ["Alfa", "Alfa Nord", "alfa to"]
    assert named("0%") == ["Zeta 100%"]
    assert named("_") == ["Beta_1"]
    assert named(child.lower()) == ["Alfa Nord"]
    licensing_id = office.agreement()
    (owner,) = listing.customers_named(ledger, licensing_id, after="", limit=9)
    assert (owner.row.name, owner.agreements, owner.people) == ("Nordlys Energi", 1, 0)
    assert listing.count_customers(ledger) == (6, 6)
    assert [row.name for row in listing.affiliates(ledger, ids["Alfa"], limit=9)] == ["Alfa Nord"]


def test_keys_are_found_by_their_beginning(office: Office) -> None:
    """Keys come newest first, found by Licensing ID, by what a key id or a key begins with, by kind and by state."""
    first, second = issued(office, activations=1), issued(office, activations=9)
    ledger = office.service.ledger

    def naming(text: str, **asked: str) -> list[str]:
        rows = listing.keys_found(ledger, KeySearch(naming=text, **asked), after=0, limit=9)
        return [row.keyid for _, row in rows]

    assert naming("") == [second.row.keyid, first.row.keyid]
    assert naming(first.row.keyid[:6]) == [first.row.keyid]
    assert naming(first.row.licensing_id.lower()) == [first.row.keyid]
    assert set(naming(first.key[:4].lower())) == {first.row.keyid, second.row.keyid}
    assert naming("%") == naming("", kind="host") == naming("", state="revoked") == []
    place = listing.keys_found(ledger, KeySearch(), after=0, limit=1)[0][0]
    assert [row.keyid for _, row in listing.keys_found(ledger, KeySearch(), after=place, limit=9)] == [first.row.keyid]
    activated(office, first)
    assert listing.count_exhausted(ledger, first.row.licensing_id) == 1
    assert listing.count_exhausted(ledger, second.row.licensing_id) == 0
    assert [row.keyid for row in listing.newest_keys(ledger, first.row.licensing_id, limit=9)] == [first.row.keyid]


def test_who_may_use_the_keys_has_to_be_in_the_family_still(office: Office) -> None:
    """Those who were let use keys are told as long as they stand under the same topmost parent."""
    service, act, ledger = office.service, office.act, office.service.ledger
    top = add_organization(service, "Top", parent=None, country=None, act=act)
    low = add_organization(service, "Low", parent=top, country=None, act=act)
    licensing_id = add_agreement(service, top, terms=Terms(program="open-license"), act=act)
    use_keys(service, low, licensing_id=licensing_id, act=act)
    assert [row.name for row in listing.used_by(ledger, licensing_id, top=top)] == ["Low"]
    set_organization(service, low, parent="", country=None, act=act)
    assert listing.used_by(ledger, licensing_id, top=top) == ()
