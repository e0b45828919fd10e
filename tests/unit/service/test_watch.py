"""What a portal asks the record for, on both databases: what needs somebody, counts by month, the limit of showings."""

from __future__ import annotations

import pytest

from tests.support.service import Device
from tests.unit.service.asking import activated, hosting, issued
from tests.unit.service.conftest import DAY, START, Office
from volact.errors import Refused
from volact.service.ledger import audit, customers, pages, watch
from volact.service.ledger.connection import writing
from volact.service.ledger.pages import KeyFilter
from volact.service.ledger.rows import MemberRow
from volact.service.usecases.customers import add_organization
from volact.service.usecases.keys import change_allowance, known_key
from volact.service.usecases.revealing import MOST_AN_HOUR, count_shown, reveal_key
from volact.service.usecases.showing import pace_of, paces_of

HOST = "windows-server-2008-r2-standard"


def test_keys_near_their_end_are_found_the_fullest_first(office: Office) -> None:
    """Active keys that reached the first level are told, the fullest first, and one that allows one activation not."""
    ledger = office.service.ledger
    half, most, whole, single = (issued(office, activations=number) for number in (4, 5, 2, 1))
    for key, count in ((half, 2), (most, 4), (whole, 2), (single, 1)):
        for _ in range(count):
            activated(office, key)
    seen = [key.row.licensing_id for key in (half, most, whole, single)]
    assert [row.keyid for row in watch.nearly_used(ledger, seen, limit=9)] == [whole.row.keyid, most.row.keyid]
    assert [row.keyid for row in watch.nearly_used(ledger, seen, limit=1)] == [whole.row.keyid]
    assert watch.nearly_used(ledger, seen[:1], limit=9) == watch.nearly_used(ledger, [], limit=9) == ()


def test_hosts_are_found_by_the_end_of_their_newest_certificate(office: Office) -> None:
    """A host whose certificate ends before a time is told with when it was certified last."""
    ledger, key = office.service.ledger, issued(office, HOST, "host")
    made = hosting(office, key, device=Device("acme.example"))
    seen = [key.row.licensing_id]
    (found,) = watch.hosts_ending(ledger, seen, before=made.exp + 1, limit=5)
    assert (found.host_id, found.keyid, found.expires) == (made.host, key.row.keyid, made.exp)
    assert found.seen_at == made.iat
    assert watch.hosts_ending(ledger, seen, before=made.exp, limit=5) == ()
    assert watch.hosts_ending(ledger, [], before=made.exp + 1, limit=5) == ()


def test_clones_are_counted_by_key_from_a_day_on(office: Office) -> None:
    """What was refused as a clone is told by key, from a day on, and other refusals are not."""
    ledger, key = office.service.ledger, issued(office, HOST, "host")
    rows = [("clone_detected", 100, 2), ("clone_detected", 101, 3), ("host_limit_reached", 101, 9)]
    with writing(ledger):
        ledger.add("refused (keyid, code, day, times)", ((key.row.keyid, *row) for row in rows))
    seen = [key.row.licensing_id]
    assert [each.times for each in watch.clones(ledger, seen, since=100)] == [5]
    assert [each.times for each in watch.clones(ledger, seen, since=101)] == [3]
    assert watch.clones(ledger, seen, since=102) == watch.clones(ledger, [], since=100) == ()


def test_paces_of_many_keys_are_those_of_each(office: Office) -> None:
    """The forecast of several keys by one statement is what each has by itself; what counts nothing has none."""
    keys = [issued(office, activations=9), issued(office, activations=9), issued(office, HOST, "host")]
    keys.append(issued(office, "windows-xp-professional", "setup"))
    for _ in range(3):
        activated(office, keys[0])
    hosting(office, keys[2], device=Device("acme.example"))
    office.time.go(10 * DAY)
    rows = [known_key(office.service, key.row.keyid) for key in keys]
    assert paces_of(office.service, rows) == {row.keyid: pace_of(office.service, row) for row in rows[:3]}
    assert paces_of(office.service, []) == {}


def test_keys_and_licenses_are_told_by_licensing_id(office: Office) -> None:
    """Of several Licensing IDs, each has its number of keys and what was bought, and one without keys is left out."""
    ledger, key, bare = office.service.ledger, issued(office), office.agreement(licenses={})
    seen = [key.row.licensing_id, bare]
    assert watch.keys_each(ledger, seen) == {key.row.licensing_id: 1}
    assert customers.licenses_each(ledger, seen) == {seen[0]: {"windows-7-professional": 10}, bare: {}}
    assert customers.licenses_each(ledger, []) == {}


def test_a_family_is_everybody_below_its_topmost(office: Office) -> None:
    """All organizations below one are told by name, with itself, and no stranger."""
    made: dict[str, str] = {}
    for name, parent in (("Fjell", None), ("Nett", "Fjell"), ("Kraft", "Nett"), ("Garonne", None)):
        above = made[parent] if parent else None
        made[name] = add_organization(office.service, name, parent=above, country=None, act=office.act)
    found = customers.family(office.service.ledger, made["Fjell"])
    assert [row.name for row in found] == ["Fjell", "Kraft", "Nett"]


def test_keys_are_found_by_a_word(office: Office) -> None:
    """A word finds a key by its id, by its first group, or by one of the products that it names."""
    ledger, mak, host = office.service.ledger, issued(office), issued(office, HOST, "host")

    def found(word: str, *products: str) -> list[str]:
        rows = pages.keys(ledger, KeyFilter(word=word, products=products), after=None, limit=9)
        return [row.keyid for _, row in rows]

    assert found(mak.row.keyid) == found(mak.row.first_group) == [mak.row.keyid]
    assert found("SERVER", HOST) == [host.row.keyid]
    assert found("SERVER") == []


def test_what_was_done_to_a_key_is_told_without_what_it_activated(office: Office) -> None:
    """The newest acts come first, so many of them, and activations are none of them."""
    key = issued(office, activations=9)
    activated(office, key)
    office.time.go(DAY)
    change_allowance(office.service, key.row.keyid, activations=20, reason="a roll-out", act=office.act)
    reveal_key(office.service, key.row.keyid, act=office.act)
    ledger = office.service.ledger
    acts = [row.act for row in audit.acts_on(ledger, key.row.keyid, most=9)]
    assert acts == ["revealed", "allowance set", "issued"]
    assert len(audit.acts_on(ledger, key.row.keyid, most=2)) == 2


def test_so_many_keys_are_shown_to_a_member_within_an_hour(office: Office) -> None:
    """An hour's keys can be shown at once or one by one and not one more; in another organization, and an hour later,
    they can again."""
    service = office.service
    with writing(service.ledger):
        row = MemberRow("MEMBER", "kari@example.org", "Kari", START)
        service.ledger.execute(
            "INSERT INTO members (member_id, email, name, at) VALUES (?, ?, ?, ?)",
            (row.member_id, row.email, row.name, row.at),
        )

    def shown(number: int, organization_id: str = "O-1") -> None:
        with writing(service.ledger):
            count_shown(service, "MEMBER", organization_id=organization_id, number=number, act=office.act)

    shown(MOST_AN_HOUR - 1)
    shown(1)
    with pytest.raises(Refused, match="keys an hour"):
        shown(1)
    shown(MOST_AN_HOUR, "O-2")
    office.time.go(3_601)
    shown(MOST_AN_HOUR)
    assert service.ledger.execute("SELECT count(*) FROM showings").fetchone()[0] == 1
