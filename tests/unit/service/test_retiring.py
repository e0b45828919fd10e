from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.service import Device
from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import DAY, START, Office
from volact.credential.encoding import crockford
from volact.errors import Refused, StorageFull
from volact.licensing.catalog import Policy
from volact.licensing.retiring import YEAR_SECONDS, check_retirement, credit_time
from volact.service.ledger import retirements, revoked
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import RevokedRow
from volact.service.usecases.catalogs import current_catalog, publish
from volact.service.usecases.keys import block, change_allowance, known_key
from volact.service.usecases.retiring import MOST_RETURNED, retire, settle
from volact.service.usecases.revocations import revoke
from volact.service.usecases.roots import rotate
from volact.service.usecases.showing import key_sheet


def policy(office: Office, **figures: int) -> None:
    """Publishes the catalog again with other figures."""
    catalog = current_catalog(office.service).catalog
    changed = msgspec.structs.replace(catalog, policy=msgspec.structs.replace(catalog.policy, **figures))
    publish(office.service, changed, act=office.act)


def code_of(office: Office, activation_id: str, reason: str = "scrapped") -> str:
    """The code that a retirement is refused with."""
    with pytest.raises(Refused) as caught:
        retire(office.service, activation_id, reason=reason, act=office.act)
    return caught.value.code


def test_f25_retired_activation_comes_back_after_the_cool_down(office: Office) -> None:
    """A retired activation is revoked at once, and its key has it again when the cool-down is over, not before."""
    key = issued(office, activations=1)
    found = activated(office, key)
    done = retire(office.service, found.jti, reason="scrapped", act=office.act)
    assert (done.retirement.credit_at, done.key.remaining) == (START + 30 * DAY, 0)
    assert [line.jti for line in office.trust().revocations.activations] == [found.jti]
    office.time.go(30 * DAY - 1)
    settle(office.service)
    assert known_key(office.service, key.row.keyid).used == 1
    office.time.go(1)
    settle(office.service)
    settle(office.service)
    assert known_key(office.service, key.row.keyid).used == 0


def test_f25_admission_settles_what_is_due_before_it_decides(office: Office) -> None:
    """A request that comes after the cool-down gets the activation that came back, with nobody settling before."""
    key = issued(office, activations=1)
    first = Device("acme.example")
    retire(office.service, activated(office, key, device=first).jti, reason="scrapped", act=office.act)
    office.time.go(30 * DAY)
    again = activated(office, key, device=first)
    assert known_key(office.service, key.row.keyid).used == 1
    assert [row.activation_id for row in key_sheet(office.service, key.row.keyid).activations] == [again.jti]


def test_same_activation_is_retired_once(office: Office) -> None:
    """Retiring an activation again is done, not refused, and neither counts nor dates anything anew."""
    key = issued(office, activations=3)
    found = activated(office, key)
    first = retire(office.service, found.jti, reason="scrapped", act=office.act)
    office.time.go(DAY)
    again = retire(office.service, found.jti, reason="again", act=office.act)
    assert again.retirement == first.retirement
    assert len(retirements.times(office.service.ledger, key.row.keyid)) == 1


def test_retirement_is_on_record(office: Office) -> None:
    """A key's history says who retired which activation, when and why, and when it was credited; what is due shows."""
    key = issued(office)
    found = activated(office, key)
    retire(office.service, found.jti, reason="scrapped", act=office.act)
    sheet = key_sheet(office.service, key.row.keyid)
    assert (sheet.history[-1].who, sheet.history[-1].why) == ("kari", "scrapped")
    assert sheet.history[-1].what.startswith("activation retired")
    assert [(row.activation_id, row.credit_at) for row in sheet.returning] == [(found.jti, START + 30 * DAY)]
    office.time.go(30 * DAY)
    settle(office.service)
    sheet = key_sheet(office.service, key.row.keyid)
    assert sheet.returning == ()
    assert sheet.history[-1].what.startswith("activation credited")


def test_f25_no_more_than_the_yearly_number_comes_back(office: Office) -> None:
    """Of one key no more activations come back within 365 days than the catalog says, and the center is named."""
    policy(office, retirements_per_year=2)
    key, other = issued(office), issued(office)
    found = [activated(office, key).jti for _ in range(4)]
    for jti in found[:2]:
        retire(office.service, jti, reason="scrapped", act=office.act)
        office.time.go(DAY)
    with pytest.raises(Refused) as caught:
        retire(office.service, found[2], reason="scrapped", act=office.act)
    assert caught.value.code == "retirement_limit_reached"
    assert caught.value.refusal.fields["center"]
    retire(office.service, activated(office, other).jti, reason="scrapped", act=office.act)
    office.time.go(363 * DAY)
    retire(office.service, found[2], reason="scrapped", act=office.act)
    assert code_of(office, found[3]) == "retirement_limit_reached"


def test_catalog_that_returns_nothing(office: Office) -> None:
    """Where the catalog returns no activations, retiring is refused and changes nothing."""
    key = issued(office)
    found = activated(office, key)
    policy(office, retirements_per_year=0)
    assert code_of(office, found.jti) == "retirement_not_allowed"
    assert len(key_sheet(office.service, key.row.keyid).activations) == 1
    assert office.trust().revocations.activations == ()


@pytest.mark.parametrize(
    ("jti", "reason", "code"),
    [
        ("0" * 26, "scrapped", "unknown_activation"),
        ("", "scrapped", "unknown_activation"),
        ("' OR 1 = 1 --", "scrapped", "unknown_activation"),
        (None, "", "usage"),
        (None, "   ", "usage"),
        (None, "the key was 0G5ZZ-K1M2N-P3Q4R-S5T6V-W7X8Y", "usage"),
    ],
)
def test_bad_retirements(office: Office, jti: str | None, reason: str, code: str) -> None:
    """An unknown activation, no reason, and a reason with a key in it are refused, and nothing is revoked."""
    found = activated(office, issued(office))
    assert code_of(office, found.jti if jti is None else jti, reason) == code
    assert office.trust().revocations.activations == ()


def test_doubtful_clock_credits_and_retires_nothing(office: Office) -> None:
    """While the clock shows less than what was signed, nothing is retired, and nothing comes back."""
    key = issued(office)
    first, second = (activated(office, key).jti for _ in range(2))
    policy(office, retirement_days=0)
    retire(office.service, first, reason="scrapped", act=office.act)
    policy(office, retirement_days=1)
    retire(office.service, second, reason="scrapped", act=office.act)
    third = activated(office, key).jti
    office.time.wall -= 2 * DAY
    service = office.again()
    settle(service)
    with pytest.raises(Refused) as caught:
        retire(service, third, reason="scrapped", act=office.act)
    assert caught.value.code == "signing_clock"
    office.time.wall += 400 * DAY  # a jump in the run of `office.service`
    settle(office.service)
    assert known_key(service, key.row.keyid).used == 2


def test_no_cool_down_credits_at_once(office: Office) -> None:
    """With a cool-down of no days the key has the activation again in the same act."""
    key = issued(office, activations=1)
    policy(office, retirement_days=0)
    assert retire(office.service, activated(office, key).jti, reason="scrapped", act=office.act).key.remaining == 1
    assert activated(office, key)


def test_allowance_counts_what_has_not_come_back(office: Office) -> None:
    """What is in its cool-down is still used, so the allowance cannot fall below it."""
    key = issued(office, activations=2)
    found = [activated(office, key).jti for _ in range(2)]
    retire(office.service, found[0], reason="scrapped", act=office.act)
    with pytest.raises(Refused) as caught:
        change_allowance(office.service, key.row.keyid, activations=1, reason="fewer", act=office.act)
    assert caught.value.code == "allowance_below_used"


def test_many_who_settle_at_once_credit_once(office: Office) -> None:
    """Whoever settles at the same time, on connections of their own, each activation comes back exactly once."""
    key = issued(office, activations=20)
    for jti in [activated(office, key).jti for _ in range(8)]:
        retire(office.service, jti, reason="scrapped", act=office.act)
    office.time.go(30 * DAY)
    desks = [office.again() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(settle, desks))
    assert known_key(office.service, key.row.keyid).used == 0
    credited = [line for line in key_sheet(office.service, key.row.keyid).history if "credited" in line.what]
    assert len(credited) == 8


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["activate", "retire", "wait"]), st.integers(0, 5)), max_size=25))
def test_used_is_what_holds_and_what_cools_down(office: Office, acts: list[tuple[str, int]]) -> None:
    """At every moment what is used is what holds and what is in its cool-down, and never more than is allowed."""
    rotate(office.service, office.roots, compromised=(), act=office.act)  # examples share one publisher
    key = issued(office, activations=4)
    devices = [Device("acme.example") for _ in range(6)]
    for what, number in acts:
        holding = key_sheet(office.service, key.row.keyid).activations
        if what == "activate" and (len(holding) < 4):
            try:
                activated(office, key, device=devices[number])
            except AssertionError:
                assert known_key(office.service, key.row.keyid).remaining == 0
        elif what == "retire" and number < len(holding):
            retire(office.service, holding[number].activation_id, reason="scrapped", act=office.act)
        else:
            office.time.go((number + 1) * 2 * DAY)
            settle(office.service)
        sheet = key_sheet(office.service, key.row.keyid)
        assert sheet.key.used == len(sheet.activations) + len(sheet.returning) <= 4


@given(st.lists(st.integers(0, 2 * YEAR_SECONDS), max_size=12), st.integers(0, 5))
def test_quota_counts_a_year_backwards(times: list[int], most: int) -> None:
    """A retirement is refused exactly when as many as the policy allows were within the last 365 days."""
    now = 2 * YEAR_SECONDS
    refused = check_retirement(Policy(retirements_per_year=most), times, now=now)
    within = sum(now - at < YEAR_SECONDS for at in times)
    expected = "retirement_not_allowed" if most == 0 else "retirement_limit_reached" if within >= most else None
    assert (refused.code if refused else None) == expected
    assert credit_time(Policy(retirement_days=3), now) == now + 3 * DAY


def test_list_never_grows_beyond_its_readers(office: Office) -> None:
    """However many activations are returned the list stays readable, with room for keys and hosts to be revoked."""
    key = issued(office)
    found = [activated(office, key).jti for _ in range(2)]
    with writing(office.service.ledger):
        for number in range(MOST_RETURNED - 1):
            revoked.add(office.service.ledger, RevokedRow("activation", crockford(number, 26), "", START))
    retire(office.service, found[0], reason="scrapped", act=office.act)
    with pytest.raises(Refused) as caught:
        retire(office.service, found[1], reason="scrapped", act=office.act)
    assert caught.value.code == "retirement_limit_reached"
    assert caught.value.fields["center"] is not None
    block(office.service, key.row.keyid, revoked=True, act=office.act)
    assert len(office.trust().revocations.activations) == MOST_RETURNED
    assert [line.keyid for line in office.trust().revocations.keys] == [key.row.keyid]
    many = [RevokedRow("host", crockford(number, 15), "j" * 43, START) for number in range(20_000)]
    with pytest.raises(StorageFull), writing(office.service.ledger):
        revoke(office.service, many)


def test_only_lists_in_use_are_kept(office: Office) -> None:
    """Versions of the list that were replaced are dropped from the record, and the newest one holds every line."""
    key = issued(office)
    for _ in range(5):
        retire(office.service, activated(office, key).jti, reason="scrapped", act=office.act)
    question = "SELECT version FROM documents WHERE kind = 'revocations' ORDER BY version"
    assert [row[0] for row in office.service.ledger.execute(question)] == [5, 6]
    assert office.trust().revocations.version == 6
    assert len(office.trust().revocations.activations) == 5
