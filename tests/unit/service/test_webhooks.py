"""Webhooks as operators keep them, and deliveries as programs claim and settle them."""

from __future__ import annotations

import base64

import pytest

from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import DAY, Office
from tests.unit.service.telling import URL, answered, bodies, claimed, webhook
from volact.errors import Damaged, Refused
from volact.service.ledger import audit
from volact.service.usecases import webhooks
from volact.service.usecases.delivering import KEPT_DAYS, LEASE, MOST_DROPPED, Outcome, forget, secrets_of
from volact.service.usecases.telling import TYPES
from volact.service.usecases.webhooks import (
    MOST_WEBHOOKS,
    OVERLAP,
    add_webhook,
    deliveries_of,
    pause_webhook,
    ping_webhook,
    remove_webhook,
    replay_delivery,
    replay_since,
    resume_webhook,
    rotate_secret,
    webhooks_of,
)
from volact.service.webhooks.schedule import PATIENCE


def told(office: Office, webhook_id: str) -> list[tuple[str, int, str | None]]:
    """State, attempts and last error of each delivery, the oldest event first."""
    rows = [each.row for each in deliveries_of(office.service, webhook_id)]
    return [(row.state, row.attempts, row.last_error) for row in reversed(rows)]


def acts(office: Office, webhook_id: str) -> list[str]:
    """What was done to a webhook."""
    return [row.act for row in audit.history(office.service.ledger, webhook_id)]


def test_a_secret_is_shown_once_and_kept_sealed(office: Office) -> None:
    """A secret has 32 random bytes; the record holds it sealed to its webhook, and no other webhook's opens as it."""
    one, other = webhook(office), webhook(office)
    secret = base64.b64decode(one.secret.removeprefix("whsec_"))
    assert one.secret.startswith("whsec_")
    assert len(secret) == 32
    assert secrets_of(office.service, one.row, now=office.act.now) == [secret]
    assert secret not in office.on_record()
    assert one.secret.encode() not in office.on_record()
    statement = "UPDATE webhooks SET sealed_secret = ? WHERE webhook_id = ?"
    office.service.ledger.execute(statement, (other.row.sealed_secret, one.row.webhook_id))
    with pytest.raises(Damaged):
        secrets_of(office.service, webhooks_of(office.service)[0], now=office.act.now)


def test_a_secret_before_signs_for_a_day(office: Office) -> None:
    """After a rotation both secrets sign for 24 hours, then the new one alone; one before those no more."""
    given = [webhook(office)]
    webhook_id = given[0].row.webhook_id
    for _ in range(2):
        given.append(rotate_secret(office.service, webhook_id, act=office.act))
    first, second, third = (base64.b64decode(each.secret.removeprefix("whsec_")) for each in given)
    (row,) = webhooks_of(office.service)
    assert len({first, second, third}) == 3
    assert secrets_of(office.service, row, now=office.act.now + OVERLAP - 1) == [third, second]
    assert secrets_of(office.service, row, now=office.act.now + OVERLAP) == [third]


def test_webhooks_are_added_rightly(office: Office) -> None:
    """A target that cannot be, a type of event that is none, an unreadable description, and too many are refused."""
    for url, types, description, code in (
        ("https://user@hooks.example.com/", (), "", "webhook_target_refused"),
        ("ftp://hooks.example.com/", (), "", "webhook_target_refused"),
        (URL, ("ping",), "", "usage"),
        (URL, ("key.lost",), "", "usage"),
        (URL, (), "a\nb", "usage"),
    ):
        with pytest.raises(Refused) as caught:
            add_webhook(office.service, url, types=types, description=description, act=office.act)
        assert caught.value.code == code
    assert webhooks_of(office.service) == ()
    for _ in range(MOST_WEBHOOKS):
        add_webhook(office.service, URL, types=TYPES, description=" Billing ", act=office.act)
    with pytest.raises(Refused, match="no more"):
        add_webhook(office.service, URL, act=office.act)
    row = webhooks_of(office.service)[0]
    assert (row.url, row.types, row.description, row.state) == (URL, TYPES, "Billing", "active")


def test_what_is_not_there_is_refused(office: Office) -> None:
    """What is asked of a webhook that is none is `unknown_webhook`; of an event that it has not, `unknown_delivery`."""
    act, service = office.act, office.service
    for deed in (pause_webhook, resume_webhook, remove_webhook, rotate_secret, ping_webhook):
        with pytest.raises(Refused) as caught:
            deed(service, "W-0000-0000", act=act)  # type: ignore[operator]
        assert caught.value.code == "unknown_webhook"
    for ask in (
        lambda: deliveries_of(service, "W-0000-0000"),
        lambda: replay_since(service, "W-0000-0000", since=0, act=act),
        lambda: replay_delivery(service, "W-0000-0000", event_id="evt_1", act=act),
    ):
        with pytest.raises(Refused) as caught:
            ask()
        assert caught.value.code == "unknown_webhook"
    webhook_id = webhook(office).row.webhook_id
    with pytest.raises(Refused) as caught:
        replay_delivery(service, webhook_id, event_id="evt_1", act=act)
    assert caught.value.code == "unknown_delivery"
    for wrong in ({"state": "lost"}, {"most": 0}, {"most": 1_001}):
        with pytest.raises(Refused) as caught:
            deliveries_of(service, webhook_id, **wrong)  # type: ignore[arg-type]
        assert caught.value.code == "usage"


def test_a_delivery_is_one_program_s_at_a_time(office: Office) -> None:
    """What one program has claimed another one leaves alone, until the claim is over and the try counts."""
    webhook_id = webhook(office).row.webhook_id
    ping_webhook(office.service, webhook_id, act=office.act)
    other = office.again()
    (claim,) = claimed(office.service)
    assert claimed(other) == []
    office.time.go(LEASE - 1)
    assert claimed(other) == []
    office.time.go(1)
    (again,) = claimed(other)
    assert (again.due.event_id, again.due.body) == (claim.due.event_id, claim.due.body)
    assert [claim.due.attempts, again.due.attempts] == [1, 2]
    claimed(office.service, answered(claim, 500))  # late, and another one is at it
    assert told(office, webhook_id) == [("waiting", 2, None)]
    claimed(other, answered(again, 204))
    assert told(office, webhook_id) == [("delivered", 2, None)]
    claimed(office.service, answered(claim, 500))
    assert told(office, webhook_id) == [("delivered", 2, None)]


def test_a_delivery_is_given_up_after_three_days(office: Office) -> None:
    """A delivery that fails is tried again until three days are over, under the same id, and is then failed."""
    webhook_id = webhook(office).row.webhook_id
    began = office.act.now
    event_id = ping_webhook(office.service, webhook_id, act=office.act)
    tries: list[int] = []
    while told(office, webhook_id)[-1][0] == "waiting":
        for claim in claimed(office.service):
            assert claim.due.event_id == event_id
            tries.append(office.service.clock.now() - began)
            claimed(office.service, Outcome(claim, None, "timeout"))
        office.time.wall = deliveries_of(office.service, webhook_id)[0].row.next_at
    assert tries[0] == 0
    assert tries[-1] == PATIENCE
    assert told(office, webhook_id) == [("failed", len(tries), "timeout")]
    office.time.go(30 * DAY)
    assert claimed(office.service) == []


def test_a_receiver_that_is_gone_is_asked_no_more(office: Office) -> None:
    """After 410 a webhook is disabled and nothing waits for it; resumed, it is told what happens from then on."""
    webhook_id = webhook(office).row.webhook_id
    key = issued(office)
    for _ in range(3):
        activated(office, key)
    first, *_ = claimed(office.service, each=1)
    claimed(office.service, answered(first, 410))
    activated(office, key)
    office.time.go(LEASE)
    assert claimed(office.service) == []
    assert told(office, webhook_id) == [("failed", 1, "gone"), ("failed", 0, "gone"), ("failed", 0, "gone")]
    assert webhooks_of(office.service)[0].state == "disabled"
    assert pause_webhook(office.service, webhook_id, act=office.act).state == "disabled"
    assert resume_webhook(office.service, webhook_id, act=office.act).state == "active"
    activated(office, key)
    assert len(claimed(office.service)) == 1
    assert acts(office, webhook_id) == ["webhook added", "webhook disabled", "webhook resumed"]


def test_a_paused_webhook_loses_nothing(office: Office) -> None:
    """What happens while a webhook is paused waits for it, for days, and is due as soon as it is resumed."""
    webhook_id = webhook(office).row.webhook_id
    key = issued(office)
    pause_webhook(office.service, webhook_id, act=office.act)
    activated(office, key)
    office.time.go(5 * DAY)
    assert claimed(office.service) == []
    for _ in range(2):
        assert resume_webhook(office.service, webhook_id, act=office.act).state == "active"
    (claim,) = claimed(office.service)
    assert claim.due.until == office.act.now + PATIENCE
    assert acts(office, webhook_id) == ["webhook added", "webhook paused", "webhook resumed"]


def test_what_was_delivered_is_delivered_once_more(office: Office) -> None:
    """A delivery is replayed by its event, or all are from a time on: under the same id, with the same body."""
    webhook_id = webhook(office).row.webhook_id
    key = issued(office)
    for _ in range(3):
        activated(office, key)
        office.time.go(10)
    since = office.act.now - 20  # the second one's time
    first = claimed(office.service)
    claimed(office.service, *(answered(claim, 200) for claim in first))
    assert claimed(office.service) == []
    replayed = replay_delivery(office.service, webhook_id, event_id=first[0].due.event_id, act=office.act)
    assert (replayed.row.state, replayed.type) == ("waiting", "activation.created")
    (again,) = claimed(office.service)
    assert (again.due.event_id, again.due.body, again.due.attempts) == (*first[0].due[:2], 1)
    assert again.due.until == office.act.now + PATIENCE
    assert replay_since(office.service, webhook_id, since=since, act=office.act) == 2
    assert [claim.due.event_id for claim in claimed(office.service)] == [claim.due.event_id for claim in first[1:]]
    assert acts(office, webhook_id) == ["webhook added", "delivery replayed", "deliveries replayed"]


def test_one_webhook_does_not_take_the_room_of_others(office: Office) -> None:
    """Of each webhook as many are claimed as it has room for, and all in all no more than there is room."""
    webhooks_there = [webhook(office).row.webhook_id for _ in range(3)]
    key = issued(office)
    for _ in range(4):
        activated(office, key)
    found = [claim.webhook.webhook_id for claim in claimed(office.service, each=2)]
    assert {webhook_id: found.count(webhook_id) for webhook_id in webhooks_there} == dict.fromkeys(webhooks_there, 2)
    assert len(claimed(office.service, each=2, most=3)) == 3
    assert claimed(office.service, most=0) == []


def test_a_webhook_with_much_to_be_told_does_not_come_first(office: Office) -> None:
    """Where there is room for one delivery at a time, no webhook waits until another one has got everything."""
    much, little = webhook(office).row.webhook_id, webhook(office).row.webhook_id
    for _ in range(60):
        ping_webhook(office.service, much, act=office.act)
    for webhook_id in (much, little):
        ping_webhook(office.service, webhook_id, act=office.act)
    found = [claimed(office.service, most=1)[0].webhook.webhook_id for _ in range(60)]
    assert little in found


def test_a_removed_webhook_is_gone_with_what_waited(office: Office) -> None:
    """A webhook that is removed is told nothing more, and what came of a last try says nothing any more."""
    webhook_id = webhook(office).row.webhook_id
    ping_webhook(office.service, webhook_id, act=office.act)
    (claim,) = claimed(office.service)
    remove_webhook(office.service, webhook_id, act=office.act)
    claimed(office.service, answered(claim, 410))
    claimed(office.service, answered(claim, 200))
    assert webhooks_of(office.service) == ()
    assert acts(office, webhook_id) == ["webhook added", "webhook removed"]


def test_events_are_kept_for_thirty_days(office: Office) -> None:
    """Events are forgotten 30 days after they happened, with their deliveries, a bounded number at a time."""
    webhook_id = webhook(office).row.webhook_id
    with_ping = [ping_webhook(office.service, webhook_id, act=office.act) for _ in range(2)]
    office.time.go(KEPT_DAYS * DAY)
    ping_webhook(office.service, webhook_id, act=office.act)
    assert not forget(office.service)
    office.time.go(1)
    assert forget(office.service)
    assert not forget(office.service)
    assert len(bodies(office)) == len(deliveries_of(office.service, webhook_id)) == 1
    assert deliveries_of(office.service, webhook_id)[0].row.event_id not in with_ping
    assert MOST_DROPPED >= 1_000


def test_looking_for_nothing_writes_nothing(office: Office) -> None:
    """A look that finds nothing due, or no room, writes nothing."""
    other = office.again().ledger
    webhook_id = webhook(office).row.webhook_id

    def seen() -> object:
        return other.execute(other.dialect.seen).fetchone()

    before = seen()
    assert claimed(office.service) == []
    assert not forget(office.service)
    assert seen() == before
    ping_webhook(office.service, webhook_id, act=office.act)
    before = seen()
    assert claimed(office.service, each=0) == []
    assert seen() == before
    assert len(claimed(office.service)) == 1
    assert seen() != before


def test_states_are_asked_for(office: Office) -> None:
    """Deliveries are asked for by state, from a time on, and the newest so many."""
    webhook_id = webhook(office).row.webhook_id
    events = []
    for _ in range(3):
        events.append(ping_webhook(office.service, webhook_id, act=office.act))
        office.time.go(10)
    claims = claimed(office.service)
    claimed(office.service, answered(claims[0], 200))

    def found(**asked: object) -> list[str]:
        return [each.row.event_id for each in deliveries_of(office.service, webhook_id, **asked)]  # type: ignore[arg-type]

    assert found() == events[::-1]
    assert found(state="delivered") == events[:1]
    assert found(state="waiting", most=1) == events[2:]
    assert found(since=office.act.now - 10) == events[2:]
    assert webhooks.STATES == ("waiting", "delivered", "failed")
