"""Why keys allow what they allow, and whether that suffices."""

import pytest

from tests.unit.service.conftest import Office
from volact.errors import Refused
from volact.service.ledger.connection import writing
from volact.service.usecases.allowances import allowance_of, rollout_check
from volact.service.usecases.keys import Order, block, issue


def keyid_of(office: Office, product: str = "office-2010", kind: str = "mak") -> str:
    """A new key's id."""
    order = Order(licensing_id=office.agreement(), product=product, kind=kind)
    return issue(office.service, order, act=office.act)[0].row.keyid


def test_f28_what_is_told_is_what_a_new_key_gets(office: Office) -> None:
    """The allowance that is told for an agreement is the one of a key that is issued under it."""
    for terms in (
        {"program": "open-value", "licenses": {"office-2010": 40}},
        {"program": "spla", "level": "D", "licenses": {"office-2010": 1}},
    ):
        licensing_id = office.agreement(**terms)
        told = allowance_of(office.service, licensing_id, product="office-2010")
        order = Order(licensing_id=licensing_id, product="office-2010", kind="mak")
        assert issue(office.service, order, act=office.act)[0].row.allowance == told.activations


@pytest.mark.parametrize(
    ("product", "code"),
    [
        ("nope", "unknown_product"),
        ("windows-xp-professional", "kind_not_offered"),
        ("windows-8-pro", "units_required"),
    ],
)
def test_no_allowance_without_a_key(office: Office, product: str, code: str) -> None:
    """A product for which no multiple activation key would be given has no allowance, for the same reason."""
    licensing_id = office.agreement(licenses={"office-2010": 1})
    with pytest.raises(Refused) as caught:
        allowance_of(office.service, licensing_id, product=product)
    assert caught.value.code == code


def test_f29_rollout_counts_what_is_left(office: Office) -> None:
    """A roll-out is held against what is left of the key, and what is missing is asked of the country's center."""
    keyid = keyid_of(office)
    with writing(office.service.ledger):
        office.service.ledger.execute("UPDATE keys SET allowance = 207, used = 120 WHERE keyid = ?", (keyid,))
    checked = rollout_check(office.service, keyid, computers=120)
    assert (checked.rollout.remaining, checked.rollout.enough, checked.rollout.ask_for) == (87, False, 33)
    assert checked.center is not None
    assert checked.center.country == "US"
    assert rollout_check(office.service, keyid, computers=87).rollout.enough


def test_rollout_of_what_takes_nothing_is_refused(office: Office) -> None:
    """Host and setup keys take nothing for a computer, a blocked key gives nothing, and none is no number."""
    assert _code(office, keyid_of(office, kind="host"), 5) == "key_wrong_kind"
    assert _code(office, keyid_of(office, "windows-xp-professional", "setup"), 5) == "key_wrong_kind"
    keyid = keyid_of(office)
    assert _code(office, keyid, 0) == "usage"
    block(office.service, keyid, revoked=False, act=office.act)
    assert _code(office, keyid, 5) == "key_blocked"
    assert _code(office, "0000000000", 5) == "key_unknown"


def _code(office: Office, keyid: str, computers: int) -> str:
    with pytest.raises(Refused) as caught:
        rollout_check(office.service, keyid, computers=computers)
    return caught.value.code
