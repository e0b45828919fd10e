import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.service.conftest import START, Office, Time
from volact.errors import Refused
from volact.service.clock import JUMP_SECONDS, TOLERANCE_SECONDS, Signed
from volact.service.ledger import settings
from volact.service.ledger.connection import writing
from volact.service.ports import Act
from volact.service.usecases.settling import confirm_clock


@given(passed=st.integers(-2 * TOLERANCE_SECONDS, 10**7))
def test_signing_never_goes_back(passed: int) -> None:
    """A time to sign at is never earlier than one signed before: up to 60 seconds are bridged, more is refused."""
    time = Time()
    clock = time.clock()
    time.go(passed)
    if passed < -TOLERANCE_SECONDS:
        with pytest.raises(Refused) as caught:
            clock.time_to_sign(Signed(START, 0))
        assert caught.value.code == "signing_clock"
    else:
        assert clock.time_to_sign(Signed(START, 0)) == START + max(passed, 0)


@pytest.mark.parametrize("jump", [JUMP_SECONDS + 1, -JUMP_SECONDS - 1, 200 * 86_400])
def test_a_jump_stops_signing_until_it_is_confirmed(jump: int) -> None:
    """A wall clock that moves by more than an hour against the monotonic clock signs nothing before a confirmation."""
    time = Time()
    clock = time.clock()
    clock.time_to_sign(Signed(0, 0))
    time.wall += jump
    with pytest.raises(Refused, match="jumped"):
        clock.time_to_sign(Signed(0, 0))
    assert clock.time_to_sign(Signed(0, 1)) == START + jump
    assert clock.time_to_sign(Signed(0, 1)) == START + jump


def test_a_confirmation_before_the_run_is_none_of_the_run() -> None:
    """A confirmation that was given before a run began excuses no jump of that run."""
    time = Time()
    clock = time.clock()
    clock.time_to_sign(Signed(0, 7))
    time.wall += 2 * JUMP_SECONDS
    with pytest.raises(Refused):
        clock.time_to_sign(Signed(0, 7))


def test_a_slow_drift_is_no_jump() -> None:
    """Days that pass on both clocks, with seconds of drift, are no jump."""
    time = Time()
    clock = time.clock()
    time.go(90 * 86_400)
    time.wall += 30
    assert clock.time_to_sign(Signed(START, 0)) == START + 90 * 86_400 + 30


def test_the_newest_time_is_on_record(office: Office) -> None:
    """The time that is signed at is on record for every later run, which refuses to sign before it."""
    office.time.go(5000)
    with writing(office.service.ledger):
        at = settings.signing_time(office.service.ledger, office.service.clock)
    office.time.wall -= 5000
    later = office.again()
    with pytest.raises(Refused), writing(later.ledger):
        settings.signing_time(later.ledger, later.clock)
    before = confirm_clock(later, Act("kari", later.clock.now()))
    assert before == at
    with writing(later.ledger):
        assert settings.signing_time(later.ledger, later.clock) == START


def test_a_refused_transaction_leaves_the_newest_time(office: Office) -> None:
    """A transaction that is undone leaves the newest signed time as it was."""
    office.time.go(100)

    def half_done() -> None:
        with writing(office.service.ledger):
            settings.signing_time(office.service.ledger, office.service.clock)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    assert settings.text(office.service.ledger, "newest_signed") == str(START)
