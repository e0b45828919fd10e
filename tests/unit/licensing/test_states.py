"""What a license is worth now."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import DAY, demo
from volact.licensing.catalog import DEFAULT_ACTIONS, Policy
from volact.licensing.states import Action, Facts, License, Method, Reason, Standing, State, license_state, method_of

POLICY = Policy()
BEGIN = 1_795_478_400  # 2026-11-24
LEASE = License(Method.HOST, expires=BEGIN + 180 * DAY)
FOR_GOOD = License(Method.MAK)


def standing(now: int, **facts: object) -> Standing:
    """The standing, so many seconds after the beginning, of a product installed then."""
    return license_state(Facts(installed_at=BEGIN, **facts), POLICY, now=BEGIN + now)  # type: ignore[arg-type]


def told(answer: Standing) -> tuple[State, Reason | None, int | None]:
    """State, reason and days left."""
    return answer.state, answer.reason, answer.days_left


def test_f35_volume_edition_starts_with_thirty_days_of_grace() -> None:
    """A volume edition works 30 days before it is activated, and the days left are rounded down."""
    first = standing(0)
    assert first == Standing(
        state=State.GRACE,
        reason=Reason.NOT_ACTIVATED,
        method=Method.HOST,
        days_left=30,
        expires=BEGIN + 30 * DAY,
        action=Action.ALLOW,
    )
    assert standing(1).days_left == 29
    assert told(standing(30 * DAY - 1)) == (State.GRACE, Reason.NOT_ACTIVATED, 0)


def test_f36_after_grace_comes_notification() -> None:
    """On day 31 the state is notification, in which nothing is left and the product is advised to warn."""
    assert standing(30 * DAY) == Standing(
        state=State.NOTIFICATION,
        reason=Reason.NOT_ACTIVATED,
        method=Method.HOST,
        days_left=0,
        expires=None,
        action=Action.WARN,
    )


def test_f35_installed_mak_that_is_not_activated_leaves_grace_running() -> None:
    """A MAK that is installed but not activated changes the method and leaves grace running to day 31."""
    assert standing(5 * DAY, key="mak").method is Method.MAK
    assert told(standing(5 * DAY, key="mak")) == (State.GRACE, Reason.NOT_ACTIVATED, 25)
    assert told(standing(30 * DAY, key="mak")) == (State.NOTIFICATION, Reason.NOT_ACTIVATED, 0)


def test_f37_generic_key_makes_it_a_client_of_a_host() -> None:
    """A computer that was turned back is a client of a host."""
    assert standing(0, key="generic").method is Method.HOST


def test_f23_activation_by_mak_has_no_end() -> None:
    """A computer activated by a MAK is licensed for good: no end, no days left, whatever time has passed."""
    for days in (0, 31, 100_000):
        assert standing(days * DAY, license=FOR_GOOD, key="mak") == Standing(
            state=State.LICENSED,
            reason=None,
            method=Method.MAK,
            days_left=None,
            expires=None,
            action=Action.ALLOW,
        )


def test_lease_licenses_until_its_end() -> None:
    """A lease licenses until its end, with the days left rounded down."""
    assert told(standing(0, license=LEASE)) == (State.LICENSED, None, 180)
    last = standing(180 * DAY - 1, license=LEASE)
    assert told(last) == (State.LICENSED, None, 0)
    assert last.expires == LEASE.expires


def test_lapsed_lease_has_grace_from_its_end() -> None:
    """A lapsed lease has 30 days of grace from its end, not from when that is noticed, then notification."""
    assert told(standing(180 * DAY, license=LEASE)) == (State.GRACE, Reason.LEASE_EXPIRED, 30)
    assert told(standing(200 * DAY, license=LEASE)) == (State.GRACE, Reason.LEASE_EXPIRED, 10)
    assert told(standing(210 * DAY, license=LEASE)) == (State.NOTIFICATION, Reason.LEASE_EXPIRED, 0)


def test_clock_set_back_makes_it_licensed_again() -> None:
    """A computer whose clock ran 200 days ahead is licensed again when the clock is set back."""
    assert standing(200 * DAY, license=LEASE).state is State.GRACE
    assert standing(1 * DAY, license=LEASE).state is State.LICENSED


def test_directory_license_that_lapses_has_left_the_directory() -> None:
    """A license by directory that ran out is told as having left it."""
    license = License(Method.DIRECTORY, expires=BEGIN)
    assert told(standing(0, license=license)) == (State.GRACE, Reason.LEFT_DIRECTORY, 30)


def test_revoked_license_has_grace_from_the_revocation() -> None:
    """A revoked license has 30 days of grace from the time of revocation, then notification."""
    revoked = License(Method.MAK, revoked_at=BEGIN + 10 * DAY)
    assert told(standing(10 * DAY, license=revoked)) == (State.GRACE, Reason.REVOKED, 30)
    assert told(standing(40 * DAY, license=revoked)) == (State.NOTIFICATION, Reason.REVOKED, 0)


def test_changed_hardware_has_grace_from_when_it_was_noticed() -> None:
    """A license that no longer matches the machine has 30 days of grace from when that was noticed."""
    noticed = {"license": FOR_GOOD, "hardware_changed_at": BEGIN + 50 * DAY}
    assert told(standing(50 * DAY, **noticed)) == (State.GRACE, Reason.HARDWARE_CHANGED, 30)
    assert told(standing(80 * DAY, **noticed)) == (State.NOTIFICATION, Reason.HARDWARE_CHANGED, 0)


def test_of_several_troubles_the_one_that_ends_first_decides() -> None:
    """When a license is lapsed, revoked and on other hardware, the trouble whose grace ends first is told."""
    license = License(Method.HOST, expires=BEGIN + 20 * DAY, revoked_at=BEGIN + 15 * DAY)
    answer = standing(21 * DAY, license=license, hardware_changed_at=BEGIN + 5 * DAY)
    assert told(answer) == (State.GRACE, Reason.HARDWARE_CHANGED, 14)
    assert told(standing(21 * DAY, license=license)) == (State.GRACE, Reason.REVOKED, 24)


TRIAL = License(Method.TRIAL, expires=BEGIN + 20 * DAY)


def test_trial_licenses_until_its_end() -> None:
    """A trial licenses until its end, with the days left."""
    assert told(standing(0, key="trial", license=TRIAL)) == (State.LICENSED, None, 20)
    last = standing(20 * DAY - 1, key="trial", license=TRIAL)
    assert (last.state, last.method, last.expires) == (State.LICENSED, Method.TRIAL, TRIAL.expires)


def test_ended_trial_is_no_license() -> None:
    """After its end a trial is worth nothing: what counts is the grace of the installation, or nothing at all."""
    volume = standing(20 * DAY, key="trial", license=TRIAL)
    assert volume == standing(20 * DAY, key="trial")
    assert told(volume) == (State.GRACE, Reason.NOT_ACTIVATED, 10)
    assert told(standing(30 * DAY, key="trial", license=TRIAL)) == (State.NOTIFICATION, Reason.NOT_ACTIVATED, 0)
    for channel in ("retail", "oem"):
        ended = standing(20 * DAY, channel=channel, key="trial", license=TRIAL)
        assert told(ended) == (State.UNLICENSED, Reason.NOT_ACTIVATED, None)


def test_revoked_trial_has_no_grace_beyond_its_end() -> None:
    """A trial that was revoked goes to grace, which its own end cuts short."""
    revoked = License(Method.TRIAL, expires=BEGIN + 20 * DAY, revoked_at=BEGIN + 10 * DAY)
    assert told(standing(10 * DAY, license=revoked)) == (State.GRACE, Reason.REVOKED, 30)
    assert standing(20 * DAY, channel="retail", key="trial", license=revoked).state is State.UNLICENSED


def test_license_without_an_end_is_no_ended_trial() -> None:
    """Only a trial with an end can be an ended one."""
    assert TRIAL.is_ended_trial(BEGIN + 20 * DAY)
    assert not TRIAL.is_ended_trial(BEGIN + 20 * DAY - 1)
    assert not LEASE.is_ended_trial(BEGIN + 1000 * DAY)
    assert not License(Method.TRIAL).is_ended_trial(BEGIN + 1000 * DAY)


def test_f02_setup_key_licenses_for_good() -> None:
    """What a setup key or the key of a preinstalled product opened is licensed for good, and revoked like all else."""
    assert told(standing(9000 * DAY, needs="setup", license=License(Method.SETUP))) == (State.LICENSED, None, None)
    assert told(standing(9000 * DAY, channel="oem", license=License(Method.OEM))) == (State.LICENSED, None, None)
    blocked = License(Method.SETUP, revoked_at=BEGIN + 10 * DAY)
    assert told(standing(10 * DAY, needs="setup", license=blocked)) == (State.GRACE, Reason.REVOKED, 30)
    assert told(standing(40 * DAY, needs="setup", license=blocked)) == (State.NOTIFICATION, Reason.REVOKED, 0)


def test_f40_client_access_key_is_a_multiple_activation_key_to_a_computer() -> None:
    """A client access key counts as the method of a multiple activation key; hosts' and generic keys as none."""
    assert standing(0, key="cal").method is Method.MAK
    assert [method_of(kind) for kind in ("mak", "cal", "oem")] == [Method.MAK, Method.MAK, Method.OEM]
    assert [method_of(kind) for kind in ("generic", "host", "unheard-of")] == [None, None, None]


@pytest.mark.parametrize("channel", ["retail", "oem"])
def test_retail_product_without_a_license_is_unlicensed(channel: str) -> None:
    """A retail or OEM installation without a key is unlicensed without grace, and so with one that is not activated."""
    empty = standing(0, channel=channel)
    assert told(empty) == (State.UNLICENSED, Reason.NO_KEY, None)
    assert (empty.method, empty.expires, empty.action) == (None, None, Action.LIMIT)
    typed = standing(0, channel=channel, key="retail")
    assert told(typed) == (State.UNLICENSED, Reason.NOT_ACTIVATED, None)
    assert typed.method is Method.RETAIL
    assert standing(0, channel=channel, license=License(Method.RETAIL)).state is State.LICENSED


def test_f34_product_that_needs_a_setup_key_has_no_grace() -> None:
    """A product that needs a setup key is unlicensed until it has one."""
    assert told(standing(0, needs="setup")) == (State.UNLICENSED, Reason.NO_KEY, None)
    assert standing(0, needs="setup").method is None


def test_f40_product_that_needs_nothing_is_licensed() -> None:
    """A product that needs no key at all is licensed."""
    assert told(standing(1000 * DAY, needs="none")) == (State.LICENSED, None, None)


def test_under_a_foreign_root_nothing_is_licensed() -> None:
    """Under a root that the pin does not reach nothing is licensed."""
    foreign = standing(0, license=FOR_GOOD, fault=Reason.ROOT_UNTRUSTED)
    assert told(foreign) == (State.UNLICENSED, Reason.ROOT_UNTRUSTED, None)


def test_damaged_state_takes_no_grace() -> None:
    """With a damaged file grace runs from the installation as before, and the reason is state_damaged."""
    damaged = standing(5 * DAY, key="mak", fault=Reason.STATE_DAMAGED)
    assert told(damaged) == (State.GRACE, Reason.STATE_DAMAGED, 25)
    assert damaged.method is Method.MAK
    assert told(standing(30 * DAY, fault=Reason.STATE_DAMAGED)) == (State.NOTIFICATION, Reason.STATE_DAMAGED, 0)


def test_damaged_installation_notifies() -> None:
    """Where the day of the installation is lost as well, a damaged state is notification."""
    lost = license_state(Facts(installed_at=0, fault=Reason.STATE_DAMAGED), POLICY, now=BEGIN)
    assert (*told(lost), lost.method) == (State.NOTIFICATION, Reason.STATE_DAMAGED, 0, None)


def test_action_comes_from_the_publishers_policy() -> None:
    """The suggested action is the one that the catalog's policy gives the state."""
    policy = Policy(actions={**DEFAULT_ACTIONS, "grace": "warn"})
    assert license_state(Facts(installed_at=BEGIN), policy, now=BEGIN).action is Action.WARN
    assert license_state(Facts(installed_at=BEGIN), Policy(actions={}), now=BEGIN).action is Action.ALLOW
    assert license_state(Facts(installed_at=BEGIN), demo().policy, now=BEGIN).action is Action.ALLOW


TIMES = st.integers(-400 * DAY, 400 * DAY)


@given(
    now=TIMES,
    later=st.integers(0, 400 * DAY),
    expires=st.none() | TIMES,
    revoked=st.none() | TIMES,
    changed=st.none() | TIMES,
)
def test_time_alone_never_mends_a_license(
    now: int, later: int, expires: int | None, revoked: int | None, changed: int | None
) -> None:
    """With the same facts a later time never gives a better state, and what has an end has days left to it."""
    order = [State.LICENSED, State.GRACE, State.NOTIFICATION]
    end = None if expires is None else BEGIN + expires
    license = License(Method.HOST, end, None if revoked is None else BEGIN + revoked)
    noticed = None if changed is None else BEGIN + changed
    first, second = (standing(moment, license=license, hardware_changed_at=noticed) for moment in (now, now + later))
    assert order.index(first.state) <= order.index(second.state)
    for answer in (first, second):
        assert (answer.reason is None) == (answer.state is State.LICENSED)
        assert (answer.days_left or 0) >= 0
        assert answer.state is State.NOTIFICATION or (answer.days_left is None) == (answer.expires is None)
