"""Webhooks of a running service: real receivers, real crashes, a record on either database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from postgres import Server, programs
from standardwebhooks import Webhook

from tests.api.test_exactly_once import ask_all
from tests.support.receiver import Receiver, in_turn, receiving, silence, status
from tests.support.service import Device, Place, Running, now, start
from volact.service.ledger.deliveries import Told
from volact.service.usecases import telling, webhooks
from volact.service.usecases.webhooks import Given

Found = Callable[[Path], Place]
NETWORK = ("--webhook-allow", "127.0.0.0/8")


def webhook(place: Place, receiver: Receiver, *types: str) -> Given:
    """Has a receiver told of those types of events, or of all."""
    with place.opened() as service:
        return webhooks.add_webhook(service, receiver.url, types=types, act=now())


def deliveries(place: Place, given: Given) -> list[Told]:
    """What was sent to a webhook, or waits for it, the oldest event first."""
    with place.opened() as service:
        return list(reversed(webhooks.deliveries_of(service, given.row.webhook_id)))


def settled(place: Place, given: Given, *, seconds: float = 60) -> list[Told]:
    """The deliveries, once none waits any more."""
    deadline = time.monotonic() + seconds
    with place.opened() as service:
        while webhooks.deliveries_of(service, given.row.webhook_id, state="waiting", most=1):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    return deliveries(place, given)


def requests(place: Place, key: object, number: int) -> list[bytes]:
    """Requests of so many computers."""
    return [Device(place.publisher).activate(key, "tracer-9") for _ in range(number)]  # type: ignore[arg-type]


def activation_ids(place: Place) -> set[str]:
    """The activations on record."""
    with place.opened() as service:
        return {row[0] for row in service.ledger.execute("SELECT activation_id FROM activations")}


def told_of(receiver: Receiver) -> set[str]:
    """The activations that a receiver was told of."""
    return {hook.said["data"]["activation_id"] for hook in receiver.hooks}


def test_what_happens_is_delivered_and_signed(found: Found, tmp_path: Path) -> None:
    """What happens at a running service and beside it is delivered, and signed by the secret."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=1)
    with receiving() as receiver, place.running(*NETWORK) as running:
        given = webhook(place, receiver)
        assert running.post(requests(place, key, 1)[0]).status_code == 200
        place.block(key)
        hooks = receiver.wait_for(2)
    for hook in hooks:
        assert Webhook(given.secret).verify(hook.body, hook.headers) == hook.said
    assert {hook.said["type"] for hook in hooks} == {"activation.created", "key.blocked"}
    assert {hook.id: hook.said["type"] for hook in hooks} == {
        each.row.event_id: each.type for each in settled(place, given)
    }


def test_a_delivery_that_failed_comes_again_under_its_id(tmp_path: Path) -> None:
    """A receiver that answers 500, or is away, gets the same body under the same id again, signed at the new time."""
    place = Place.make(tmp_path / "service")
    with receiving(in_turn(status(500), status(204))) as receiver, place.running(*NETWORK):
        given = webhook(place, receiver)
        with place.opened() as service:
            webhooks.ping_webhook(service, given.row.webhook_id, act=now())
        first, second = receiver.wait_for(2)
    assert (first.id, first.body) == (second.id, second.body)
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 5
    assert Webhook(given.secret).verify(second.body, second.headers)["type"] == "ping"
    (told,) = deliveries(place, given)
    assert (told.row.state, told.row.attempts, told.row.last_status) == ("delivered", 2, 204)


def test_both_secrets_sign_after_a_rotation(tmp_path: Path) -> None:
    """After a rotation a running service signs by the old secret and by the new one."""
    place = Place.make(tmp_path / "service")
    with receiving() as receiver, place.running(*NETWORK):
        given = webhook(place, receiver)
        with place.opened() as service:
            rotated = webhooks.rotate_secret(service, given.row.webhook_id, act=now())
            webhooks.ping_webhook(service, given.row.webhook_id, act=now())
        (hook,) = receiver.wait_for(1)
    for secret in (given.secret, rotated.secret):
        assert Webhook(secret).verify(hook.body, hook.headers) == hook.said


def test_a_receiver_that_is_gone_is_asked_once(tmp_path: Path) -> None:
    """A receiver that answers 410 gets nothing more."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=10)
    with receiving(status(410)) as receiver, receiving() as other, place.running(*NETWORK) as running:
        given, _ = webhook(place, receiver), webhook(place, other)
        assert running.post(requests(place, key, 1)[0]).status_code == 200
        settled(place, given)
        assert running.post(requests(place, key, 1)[0]).status_code == 200
        other.wait_for(2)
    assert len(receiver.hooks) == 1
    with place.opened() as service:
        assert [row.state for row in webhooks.webhooks_of(service)] == ["disabled", "active"]


def test_an_internal_target_is_sent_nothing(tmp_path: Path) -> None:
    """Where no operator allows it, an internal target is not connected to; the delivery says why, and waits."""
    place = Place.make(tmp_path / "service")
    with receiving() as receiver, place.running("--webhook-allow", "192.0.2.0/24"):
        given = webhook(place, receiver)
        with place.opened() as service:
            webhooks.ping_webhook(service, given.row.webhook_id, act=now())
        deadline = time.monotonic() + 30
        while (told := deliveries(place, given)[0]).row.last_error is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert (told.row.state, told.row.last_status, told.row.last_error) == ("waiting", None, "refused_target")
        assert receiver.connections == 0


def test_a_slow_receiver_holds_nobody_up(tmp_path: Path) -> None:
    """While one receiver never answers, the others get everything, and computers their answers."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100)
    with receiving(silence) as slow, receiving() as quick, place.running(*NETWORK) as running:
        waits, _ = webhook(place, slow), webhook(place, quick)
        replies = ask_all(running, requests(place, key, 40), threads=8)
        assert {reply.status_code for reply in replies} == {200}
        quick.wait_for(40)
        assert {each.row.state for each in deliveries(place, waits)} == {"waiting"}
    assert told_of(quick) == activation_ids(place)


def test_a_crash_between_commit_and_delivery_loses_no_event(found: Found, tmp_path: Path) -> None:
    """A service that is killed before its receiver has answered delivers everything once it runs again."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=1_000)
    with receiving(silence) as receiver:
        given = webhook(place, receiver, telling.ACTIVATED)
        running = start(place.folder, *NETWORK)
        try:
            replies = ask_all(running, requests(place, key, 20), threads=4)
            assert {reply.status_code for reply in replies} == {200}
            receiver.wait_for(1)  # claimed, sent, and nobody has answered
        finally:
            running.kill()
        assert {each.row.state for each in deliveries(place, given)} == {"waiting"}
        receiver.answer = status(204)
        with place.running(*NETWORK):
            found_after = settled(place, given)
    assert [each.row.state for each in found_after] == ["delivered"] * 20
    assert told_of(receiver) == activation_ids(place)


def test_a_crash_under_load_loses_no_event(found: Found, tmp_path: Path) -> None:
    """A service that is killed while it answers and delivers has told its receiver of each activation in the end."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100_000)
    with receiving() as receiver:
        given = webhook(place, receiver, telling.ACTIVATED)
        for moment in (0.6, 1.3):
            running = start(place.folder, *NETWORK)
            asking = threading.Thread(target=ask_until_killed, args=(running, requests(place, key, 1_500)))
            asking.start()
            threading.Event().wait(moment)
            running.kill()
            asking.join(60)
        with place.running(*NETWORK):
            found_after = settled(place, given)
    on_record = activation_ids(place)
    assert 20 < len(on_record) < 3_000
    assert len(found_after) == min(len(on_record), webhooks.MOST_SHOWN)
    assert told_of(receiver) == on_record
    assert len({hook.id for hook in receiver.hooks}) == len(on_record)


def ask_until_killed(running: Running, bodies: list[bytes]) -> None:
    """Asks by four at once until the service is gone."""

    def ask(mine: list[bytes]) -> None:
        with httpx.Client(timeout=30) as client:
            for body in mine:
                try:
                    running.post(body, client=client)
                except httpx.HTTPError:
                    return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, [bodies[number::4] for number in range(4)]))


def test_levels_are_told_once_under_parallel_load(found: Found, tmp_path: Path) -> None:
    """Under parallel load at two services on one record each level is told once, and each event comes once."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=60)
    with receiving() as receiver, place.running(*NETWORK) as one, place.running(*NETWORK) as other:
        given = webhook(place, receiver, telling.ACTIVATED, telling.EXHAUSTION)
        with ThreadPoolExecutor(2) as pool:
            halves = [requests(place, key, 50) for _ in range(2)]
            replies = list(pool.map(lambda at: ask_all((one, other)[at], halves[at], threads=8), range(2)))
        receiver.wait_for(63)
        settled(place, given)
    assert sum(reply.status_code == 200 for half in replies for reply in half) == 60
    said = [hook.said for hook in receiver.hooks]
    levels = [body["data"]["percent"] for body in said if body["type"] == telling.EXHAUSTION]
    assert sorted(levels) == [80, 95, 100]
    assert len(said) == len({hook.id for hook in receiver.hooks}) == 63


def test_what_is_on_its_way_is_finished_at_the_end(tmp_path: Path) -> None:
    """A service that is told to stop puts on record what its receivers answer to what is on its way."""
    place = Place.make(tmp_path / "service")
    wait = threading.Event()

    def slowly(taking: object) -> None:
        wait.wait(2)
        status(204)(taking)  # type: ignore[arg-type]

    with receiving(slowly) as receiver:
        given = webhook(place, receiver)
        with place.running(*NETWORK) as running:
            with place.opened() as service:
                webhooks.ping_webhook(service, given.row.webhook_id, act=now())
            receiver.wait_for(1)
            running.process.terminate()
            assert running.process.wait(25) == 0
    (told,) = deliveries(place, given)
    assert (told.row.state, told.row.attempts) == ("delivered", 1)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own, which keeps what it has committed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with Server.running("fsync=on") as server:
        yield server


def test_a_database_that_was_away_loses_no_outcome(server: Server, tmp_path: Path) -> None:
    """What a receiver took while the database was away is on record once that is back, and is not sent again."""
    place = Place.make(tmp_path / "service", database=server.database())
    away = threading.Event()

    def while_away(taking: object) -> None:
        away.wait(20)
        status(204)(taking)  # type: ignore[arg-type]

    with receiving(while_away) as receiver, place.running(*NETWORK):
        given = webhook(place, receiver)
        with place.opened() as service:
            webhooks.ping_webhook(service, given.row.webhook_id, act=now())
        receiver.wait_for(1)
        server.stop()
        away.set()
        threading.Event().wait(1)
        server.start()
        (told,) = settled(place, given)
    assert (told.row.state, told.row.attempts) == ("delivered", 1)
    assert len(receiver.hooks) == 1
