import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.databases import BROKEN
from tests.unit.service.conftest import DAY, Office
from volact.credential.productkey import ProductKey, read_key
from volact.credential.proof import derive
from volact.errors import Refused
from volact.licensing.catalog import Catalog
from volact.service.ledger import keys as rows
from volact.service.ledger.connection import writing
from volact.service.ports import Service
from volact.service.usecases.catalogs import publish
from volact.service.usecases.keys import (
    IssuedKey,
    Order,
    block,
    change_allowance,
    existing_key,
    issue,
    known_key,
    planned,
    reveal,
)
from volact.service.usecases.showing import agreement_sheet, key_sheet

ACTIVATION = "activation_id, keyid, jkt, dev, channel, product, live, at"
CERTIFICATE = "jti, host_id, replaced, jkt, iat, exp"
SLOT = "host_id, keyid, dev, jkt, reactivations, live, at"


def order(office: Office, product: str = "windows-7-professional", kind: str = "mak", **more: object) -> Order:
    """An order of keys under a new agreement."""
    given: dict[str, object] = {"licensing_id": office.agreement(), "product": product, "kind": kind} | more
    return Order(**given)  # type: ignore[arg-type]


def one(office: Office, **more: object) -> IssuedKey:
    """One key."""
    return issue(office.service, order(office, **more), act=office.act)[0]  # type: ignore[arg-type]


def test_an_issued_key_is_read_back_and_proved(office: Office) -> None:
    """An issued key is a key of this publisher, and the record holds its id and, sealed, what proves it."""
    issued = one(office)
    key = read_key(issued.key, "acme.example")
    assert isinstance(key, ProductKey)
    derived, row = derive(key, "acme.example"), known_key(office.service, issued.row.keyid)
    envelope = office.service.vault.envelope
    assert row == issued.row
    assert (derived.keyid, key.kind.word) == (row.keyid, "mak")
    assert envelope.open(row.sealed_proof_key, row.keyid) == derived.proof_key
    assert envelope.open(row.sealed_key, f"{row.keyid}/key") == key.data


def test_no_key_lies_open_in_the_database(office: Office) -> None:
    """Neither an issued key, nor its bytes, nor its proof key stands readable in the database."""
    issued = one(office)
    key = read_key(issued.key, "acme.example")
    assert isinstance(key, ProductKey)
    data = office.on_record()
    for secret in (issued.key.encode(), key.data, derive(key, "acme.example").proof_key):
        assert secret not in data


def test_many_keys_are_issued_at_once(office: Office) -> None:
    """A count of keys gives that many different keys, all of them on record, each with its own history."""
    issued = issue(office.service, order(office, count=40), act=office.act)
    assert len({each.key for each in issued}) == len({each.row.keyid for each in issued}) == 40
    sheet = agreement_sheet(office.service, issued[0].row.licensing_id)
    assert {key.keyid for key in sheet.keys} == {each.row.keyid for each in issued}
    assert [line.what for line in key_sheet(office.service, issued[7].row.keyid).history] == [
        "issued for 50 activations"
    ]


def test_a_key_whose_id_is_taken_is_drawn_again(office: Office) -> None:
    """Keys whose ids are taken, in the same order or on record, are drawn again until all are different."""
    same = bytes(range(10))

    def stubborn() -> Iterator[bytes]:
        yield from (same, same, same, same)
        while True:
            yield os.urandom(10)

    draws = stubborn()
    asked = order(office)
    service = Service(
        office.service.ledger, office.service.vault, office.service.clock, lambda size: next(draws)[:size]
    )
    first = issue(service, asked, act=office.act)[0]
    second = issue(service, order_again(asked, count=2), act=office.act)
    assert len({first.row.keyid, *(each.row.keyid for each in second)}) == 3


def order_again(asked: Order, count: int) -> Order:
    """The same order for another count."""
    return Order(licensing_id=asked.licensing_id, product=asked.product, kind=asked.kind, count=count)


@pytest.mark.parametrize(("product", "kind"), [("windows-xp-professional", "setup"), ("windows-7-professional", "oem")])
def test_f02_key_that_activates_offline_counts_nothing(office: Office, product: str, kind: str) -> None:
    """A setup key and the key of a preinstalled product have no number, none is set, and the history says none."""
    issued = one(office, product=product, kind=kind)
    assert (issued.row.allowance, issued.row.used) == (0, 0)
    with pytest.raises(Refused) as caught:
        change_allowance(office.service, issued.row.keyid, activations=5, reason="more", act=office.act)
    assert caught.value.code == "usage"
    assert [line.what for line in key_sheet(office.service, issued.row.keyid).history] == ["issued"]


def test_the_newest_active_key_is_found_and_read_again(office: Office) -> None:
    """The newest active key of a kind and group is found, of the very product where a kind counts nothing."""
    licensing_id = office.agreement()
    xp = Order(licensing_id=licensing_id, product="windows-7-professional", kind="mak")
    plan = planned(office.service, xp, act=office.act)

    def newest(product: str = "windows-7-enterprise") -> str | None:
        row = existing_key(office.service, licensing_id, offer=plan.offer, product=product)
        return None if row is None else row.keyid

    assert newest() is None
    first, second = (issue(office.service, xp, act=office.act)[0] for _ in range(2))
    assert newest() == second.row.keyid
    block(office.service, second.row.keyid, revoked=False, act=office.act)
    assert newest() == first.row.keyid
    assert reveal(office.service, first.row) == first.key
    oem = Order(licensing_id=licensing_id, product="windows-7-professional", kind="oem")
    offer = planned(office.service, oem, act=office.act).offer
    issue(office.service, oem, act=office.act)
    assert existing_key(office.service, licensing_id, offer=offer, product="windows-7-enterprise") is None
    assert existing_key(office.service, licensing_id, offer=offer, product="windows-7-professional") is not None


def test_a_host_key_is_that_of_the_host_group(office: Office) -> None:
    """A host key asked for a product of another group's host key is that one, with six places for hosts."""
    row = one(office, product="project-2010", kind="host").row
    assert (row.kind, row.product_group, row.product, row.allowance) == ("host", "office-2010", "project-2010", 6)


def test_licenses_of_a_product_group_count_together(office: Office) -> None:
    """The allowance of a MAK comes from the licenses of its whole product group under its Licensing ID."""
    licenses = {"windows-7-professional": 20, "windows-7-enterprise": 20, "office-2010": 500}
    asked = Order(licensing_id=office.agreement(licenses=licenses), product="windows-7-enterprise", kind="mak")
    assert issue(office.service, asked, act=office.act)[0].row.allowance == 80


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"product": "nope"}, "unknown_product"),
        ({"product": "windows-xp-professional"}, "kind_not_offered"),
        ({"product": "sbs-2008-standard", "kind": "setup"}, "kind_not_offered"),
        ({"product": "windows-xp-professional", "kind": "setup", "activations": 5}, "usage"),
        ({"kind": "oem", "activations": 0}, "usage"),
        ({"kind": "generic"}, "usage"),
        ({"kind": "word"}, "usage"),
        ({"licensing_id": "L-NONE"}, "unknown_agreement"),
        ({"count": 0}, "usage"),
        ({"count": 10**9}, "usage"),
        ({"activations": -1}, "usage"),
        ({"activations": 2**60}, "usage"),
    ],
)
def test_an_order_that_cannot_be_issues_nothing(office: Office, more: dict[str, object], code: str) -> None:
    """An order that is refused, for whatever reason, leaves no key on record."""
    with pytest.raises(Refused) as caught:
        issue(office.service, order(office, **more), act=office.act)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert rows.issued(office.service.ledger).groups == frozenset()


def test_days_of_the_agreement(office: Office) -> None:
    """Keys are given from the first day of an agreement to the end of its last one, in UTC, and raised no longer."""
    agreement = office.agreement(valid_from="2026-11-25", valid_until="2026-11-26")
    asked = Order(licensing_id=agreement, product="windows-7-professional", kind="mak")
    with pytest.raises(Refused) as caught:
        issue(office.service, asked, act=office.act)
    assert caught.value.code == "agreement_not_started"
    office.time.go(2 * DAY)
    keyid = issue(office.service, asked, act=office.act)[0].row.keyid
    office.time.go(DAY)
    for act in (
        lambda: issue(office.service, asked, act=office.act),
        lambda: change_allowance(office.service, keyid, activations=51, reason="more", act=office.act),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == "agreement_ended"
    assert change_allowance(office.service, keyid, activations=49, reason="less", act=office.act).allowance == 49


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(used=st.integers(0, 60), wanted=st.lists(st.integers(-5, 120), max_size=8))
def test_an_allowance_never_falls_below_what_is_used(office: Office, used: int, wanted: list[int]) -> None:
    """However an allowance is changed, it is the last number that was accepted, and never below what is used."""
    keyid = one(office, activations=60).row.keyid
    with writing(office.service.ledger):
        office.service.ledger.execute("UPDATE keys SET used = ? WHERE keyid = ?", (used, keyid))
    stands = 60
    for number in wanted:
        if number >= used:
            change_allowance(office.service, keyid, activations=number, reason="asked for", act=office.act)
            stands = number
            continue
        with pytest.raises(Refused) as caught:
            change_allowance(office.service, keyid, activations=number, reason="asked for", act=office.act)
        assert caught.value.code == ("usage" if number < 0 else "allowance_below_used")
    row = known_key(office.service, keyid)
    assert (row.allowance, row.used, row.remaining) == (stands, used, stands - used)


def test_the_database_itself_grants_no_more_than_the_allowance(office: Office) -> None:
    """A counter above the allowance cannot be written, whoever writes it."""
    keyid = one(office, activations=3).row.keyid
    with pytest.raises(BROKEN):
        office.service.ledger.execute("UPDATE keys SET used = 4 WHERE keyid = ?", (keyid,))


def test_each_change_has_a_reason_on_record(office: Office) -> None:
    """A changed allowance stands in the key's history with who, when, from what to what, and why, or is refused."""
    keyid = one(office).row.keyid
    with pytest.raises(Refused):
        change_allowance(office.service, keyid, activations=60, reason=" ", act=office.act)
    change_allowance(office.service, keyid, activations=60, reason="a second site", act=office.act)
    line = key_sheet(office.service, keyid).history[-1]
    assert (line.who, line.at, line.what, line.why) == (
        "kari",
        office.act.now,
        "allowance set from 50 to 60",
        "a second site",
    )


def test_a_blocked_key_is_not_on_the_list(office: Office) -> None:
    """Blocking a key ends what is new from it and touches nothing that it gave."""
    keyid = one(office).row.keyid
    assert block(office.service, keyid, revoked=False, act=office.act).state == "blocked"
    assert office.trust().versions.revocations == 1


def test_a_revoked_key_is_on_the_list_once(office: Office) -> None:
    """Revoking a key publishes the next revocation list with it, once, and a later block takes nothing back."""
    keyid = one(office).row.keyid
    block(office.service, keyid, revoked=False, act=office.act)
    block(office.service, keyid, revoked=True, act=office.act)
    at = office.act.now
    office.time.go(DAY)
    for revoked in (True, False):
        assert block(office.service, keyid, revoked=revoked, act=office.act).state == "revoked"
    listed = office.trust().revocations
    assert listed.version == 2
    assert [(entry.keyid, entry.at) for entry in listed.keys] == [(keyid, at)]
    assert [line.what for line in key_sheet(office.service, keyid).history[1:]] == ["blocked", "revoked"]


def test_a_doubtful_clock_revokes_nothing(office: Office) -> None:
    """When the list cannot be signed because of the clock, the key stays as it was, to be revoked again later."""
    keyid = one(office).row.keyid
    office.time.wall -= 3000
    with pytest.raises(Refused) as caught:
        block(office.service, keyid, revoked=True, act=office.act)
    assert caught.value.code == "signing_clock"
    assert known_key(office.service, keyid).state == "active"


def test_a_key_given_as_its_id_or_in_a_reason_is_not_repeated(office: Office) -> None:
    """A whole key in place of its id, or in a reason, is refused; neither the refusal nor the record repeats it."""
    issued = one(office)
    for keyid, reason, code in ((issued.key, "more", "key_unknown"), (issued.row.keyid, f"of {issued.key}", "usage")):
        with pytest.raises(Refused) as caught:
            change_allowance(office.service, keyid, activations=60, reason=reason, act=office.act)
        assert caught.value.code == code
        assert issued.key not in repr(caught.value.refusal)
    assert known_key(office.service, issued.row.keyid).allowance == issued.row.allowance


def test_unknown_keys_are_unknown(office: Office) -> None:
    """Showing, changing or blocking an id that no key has is key_unknown."""
    for act in (
        lambda: key_sheet(office.service, "0000000000"),
        lambda: change_allowance(office.service, "0000000000", activations=1, reason="why", act=office.act),
        lambda: block(office.service, "0000000000", revoked=False, act=office.act),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == "key_unknown"


def test_a_key_shows_its_hosts_and_activations(office: Office, reference: Catalog) -> None:
    """A key shows its hosts with what each has left, the activations that hold, and what was refused on which day."""
    keyid = one(office, kind="host").row.keyid
    ledger = office.service.ledger
    with writing(ledger):
        ledger.execute(f"INSERT INTO slots ({SLOT}) VALUES ('H1', ?, 'D1', 'J1', 2, 1, 10)", (keyid,))
        ledger.execute(f"INSERT INTO slots ({SLOT}) VALUES ('H2', ?, 'D2', 'J2', 0, 1, 20)", (keyid,))
        for jti, iat in (("A", 10), ("B", 30)):
            ledger.execute(
                f"INSERT INTO certificates ({CERTIFICATE}) VALUES (?, 'H1', 0, 'J1', ?, ?)", (jti, iat, iat + 100)
            )
        ledger.execute("INSERT INTO refused (keyid, code, day, times) VALUES (?, 'mak_exhausted', 20000, 3)", (keyid,))
        for number, live in (("X", 1), ("Y", 0)):
            ledger.execute(
                f"INSERT INTO activations ({ACTIVATION}) VALUES (?, ?, ?, 'D', 'online', 'p', ?, 5)",
                (number, keyid, number, live),
            )
    sheet = key_sheet(office.service, keyid)
    shown = [(host.slot.host_id, sheet.reactivations_left(host), host.certificate_expires) for host in sheet.hosts]
    assert shown == [("H1", 7, 130), ("H2", 9, None)]
    assert [row.activation_id for row in sheet.activations] == ["X"]
    assert [(row.code, row.day, row.times) for row in sheet.refused] == [("mak_exhausted", 20_000, 3)]
    assert publish(office.service, reference, act=office.act) == 2
