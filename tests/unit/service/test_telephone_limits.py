"""Limits of activation by telephone, on both databases: by key, caller and channel, under a ceiling, on record."""

from __future__ import annotations

import msgspec
import pytest

from tests.support.service import read
from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import DAY, Office
from volact.credential.telephone.installation import make_installation_id
from volact.errors import Refused
from volact.licensing.catalog import Catalog
from volact.service.usecases.catalogs import publish
from volact.service.usecases.keys import IssuedKey, block, known_key
from volact.service.usecases.telephoning import confirm_installation


def limited(office: Office, reference: Catalog, **figures: int) -> None:
    """Publishes the catalog with other figures."""
    policy = msgspec.structs.replace(reference.policy, **figures)
    publish(office.service, msgspec.structs.replace(reference, policy=policy), act=office.act)


def ask(office: Office, key: IssuedKey, *, number: int, channel: str = "menu", caller: str = "") -> bool:
    """Asks for the confirmation of one computer; gives whether it was given before."""
    held = read(key.key, "acme.example")
    said = make_installation_id(held.derived.proof_key, keyid=held.keyid, dev=f"{number:015}")
    given = confirm_installation(office.service, said.qr, act=office.act, channel=channel, caller=caller)
    return given.promised.repeated


def refusal(office: Office, key: IssuedKey, **more: object) -> tuple[str, object, object]:
    """The code of a refusal, with the limit and the seconds that it names."""
    with pytest.raises(Refused) as caught:
        ask(office, key, **more)  # type: ignore[arg-type]
    fields = caught.value.refusal.fields
    return caught.value.code, fields.get("limit"), fields.get("retry_after")


def guess(office: Office, key: IssuedKey, *, caller: str = "") -> str:
    """The code that an ID with a wrong proof is refused with."""
    said = make_installation_id(bytes(32), keyid=key.row.keyid, dev="0" * 15)
    with pytest.raises(Refused) as caught:
        confirm_installation(office.service, said.qr, act=office.act, channel="menu", caller=caller)
    return caught.value.code


def test_s14_a_key_is_limited_a_day_long_and_a_repeat_is_free(office: Office, reference: Catalog) -> None:
    """A key that has its computers of a day is refused until the first of them is a day old, while what it confirmed
    is confirmed again, another key goes on, and activations online go on."""
    limited(office, reference, telephone_per_key=2)
    key, other = issued(office, activations=9), issued(office, activations=9)
    ask(office, key, number=0)
    office.time.go(3_600)
    ask(office, key, number=1)
    assert refusal(office, key, number=2) == ("too_many_requests", "key", DAY - 3_600)
    assert ask(office, key, number=0)
    assert not ask(office, other, number=2)
    activated(office, key)
    office.service = office.again()
    assert refusal(office, key, number=2)[1] == "key"
    office.time.go(DAY - 3_600)
    assert not ask(office, key, number=2)
    assert refusal(office, key, number=3)[1] == "key"
    assert known_key(office.service, key.row.keyid).used == 4


def test_s14_a_caller_and_a_channel_are_limited_under_the_ceiling(office: Office, reference: Catalog) -> None:
    """One caller's limit stops no other caller, one channel's no other channel, and the publisher's stops them all."""
    limited(office, reference, telephone_per_caller=1, telephone_per_channel=2, telephone_per_day=3)
    key = issued(office, activations=9)
    ask(office, key, number=0, caller="a")
    assert refusal(office, key, number=1, caller="a")[:2] == ("too_many_requests", "caller")
    ask(office, key, number=1, caller="b")
    assert refusal(office, key, number=2, caller="c")[1] == "channel"
    ask(office, key, number=2, channel="center")
    assert refusal(office, key, number=3, channel="center")[1] == "publisher"
    assert ask(office, key, number=0, caller="a")


def test_s14_wrong_ids_are_counted_by_caller_and_beyond_it_nothing_tells_right_from_wrong(
    office: Office, reference: Catalog
) -> None:
    """Whoever guesses is told as little after the limit as before it: right and wrong IDs are refused alike."""
    limited(office, reference, telephone_per_caller=3)
    key = issued(office, activations=9)
    assert [guess(office, key, caller="a") for _ in range(5)] == ["key_unknown"] * 3 + ["too_many_requests"] * 2
    assert refusal(office, key, number=1, caller="a")[:2] == ("too_many_requests", "caller")
    block(office.service, key.row.keyid, revoked=False, act=office.act)
    assert refusal(office, key, number=1, caller="b")[0] == "key_blocked"
    assert guess(office, key, caller="b") == "key_unknown"
    office.time.go(DAY)
    assert guess(office, key, caller="a") == "key_unknown"
    counted = office.service.ledger.execute("SELECT caller, keyid FROM telephone_counts").fetchall()
    assert counted == [("a", None)]


def test_s14_a_limit_of_none_closes_a_way(office: Office, reference: Catalog) -> None:
    """A catalog that allows none by telephone refuses every one, and tells when to ask again."""
    limited(office, reference, telephone_per_day=0)
    key = issued(office, activations=9)
    assert refusal(office, key, number=1) == ("too_many_requests", "publisher", DAY)
