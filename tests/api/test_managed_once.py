"""Writes under an Idempotency-Key: what belongs to it, how long it is kept, and a process killed before it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api.test_managed_faults import asking, order, token_of
from tests.support.managed import Managing, managing
from tests.support.service import Place, start
from volact.service.clock import SigningClock
from volact.service.ledger import keys

Found = Callable[[Path], Place]
DAY = 86_400
MANY_KEYS = 3_000  # so that between their commit and their answer there is time


@dataclass(slots=True)
class Time:
    """A wall clock and a monotonic clock that go on together by what a test says."""

    gone: float = 0.0

    def clock(self) -> SigningClock:
        """The clock of a run, whose time stands still until the test lets it go on."""
        wall, monotonic = time.time(), time.monotonic()
        return SigningClock(lambda: wall + self.gone, lambda: monotonic + self.gone)


@pytest.fixture
def passing() -> Time:
    """The time that passes for the service."""
    return Time()


@pytest.fixture
def office(found: Found, tmp_path: Path, passing: Time) -> Iterator[Managing]:
    """A running front over a new publisher with one customer."""
    with managing(found(tmp_path / "service"), clock=passing.clock()) as office:
        yield office


def on_record(place: Place) -> int:
    """How many keys there are."""
    with place.opened() as service:
        return sum(1 for _ in keys.every(service.ledger))


def test_address_type_and_every_byte_belong_to_the_write(office: Managing) -> None:
    """Under an Idempotency-Key that was used, another address, another content type and the same body spelled otherwise
    are other writes; the key of another token is another key."""
    token, body = office.token(), b'{"name": "Nordlys"}'
    json_body, key = {"content-type": "application/json"}, {"idempotency-key": "one-of-these"}

    def sent(path: str, content: bytes, *, by: str = token, headers: dict[str, str] = json_body) -> httpx.Response:
        return office.raw("POST", path, token=by, content=content, headers=headers | key)

    first = sent("/organizations", body)
    assert (first.status_code, first.headers.get("idempotency-replayed")) == (201, None)
    again = sent("/organizations", body)
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")
    others = (
        sent("/organizations", b'{"name":"Nordlys"}'),
        sent("/organizations", body + b" "),
        sent("/organizations", body, headers={"content-type": "application/json; charset=utf-8"}),
    )
    assert [(each.status_code, each.json()["code"]) for each in others] == [(422, "idempotency_key_reused")] * 3
    keyids = [office.place.key("tracer-9", "mak", activations=1).keyid for _ in range(2)]
    blocks = [office.post(f"/keys/{keyid}/block", {"reason": "x"}, token=token, key="one-block") for keyid in keyids]
    assert [each.status_code for each in blocks] == [200, 422]
    elses = sent("/organizations", body, by=office.token())
    assert elses.status_code == 201
    assert elses.json()["organization_id"] != first.json()["organization_id"]


def test_an_answer_is_kept_for_a_day_and_then_forgotten(office: Managing, passing: Time) -> None:
    """For 24 hours the same request gets the recorded answer; after that it is a new write, and then kept anew."""
    token, place = office.token(), office.place

    def issued() -> str:
        return office.post("/keys", order(place), token=token, key="of-one-day").text

    first = issued()
    passing.gone = DAY - 1
    assert (issued(), on_record(place)) == (first, 1)
    passing.gone = DAY
    second = issued()
    assert (second != first, on_record(place)) == (True, 2)
    passing.gone = 2 * DAY - 1
    assert (issued(), on_record(place)) == (second, 2)
    with place.opened() as service:
        assert service.ledger.execute("SELECT count(*) FROM idempotency").fetchone()[0] == 1


def test_a_refusal_is_judged_anew(office: Managing) -> None:
    """What was refused is not kept: when the reason is gone the same request is done, and from then on once."""
    token, place = office.token(), office.place
    path = f"/agreements/{place.licensing_id}"

    def issued() -> httpx.Response:
        return office.post("/keys", order(place), token=token, key="judged-anew")

    assert office.call("PATCH", path, token=token, body={"valid_until": "2020-01-01"}).status_code == 200
    assert [issued().json()["code"] for _ in range(2)] == ["agreement_ended"] * 2
    assert office.call("PATCH", path, token=token, body={"valid_until": "2999-01-01"}).status_code == 200
    done = [issued() for _ in range(2)]
    assert [each.headers.get("idempotency-replayed") for each in done] == [None, "true"]
    assert (done[0].status_code, done[0].text, on_record(place)) == (201, done[1].text, 1)


def test_killed_between_commit_and_answer_is_answered_by_the_next_process(found: Found, tmp_path: Path) -> None:
    """A process that is killed once a write is committed, and before it answered, leaves the answer on record: the same
    request gives it, and nothing is issued twice."""
    place = found(tmp_path / "service")
    token, unanswered = token_of(place), 0
    body = order(place) | {"count": MANY_KEYS}
    for turn in range(1, 6):
        key = {"idempotency-key": f"killed-{turn:04}"}
        with ThreadPoolExecutor(1) as pool:
            running = start(place.folder)
            with asking(running.url, token) as caller:
                answer = pool.submit(caller.post, "/keys", json=body, headers=key)
                wait_for(place, key["idempotency-key"], answer=answer)
                running.kill()
                lost = is_lost(answer)
        with place.running() as running, asking(running.url, token) as caller:
            again = [caller.post("/keys", json=body, headers=key) for _ in range(2)]
        assert [each.status_code for each in again] == [201, 201]
        assert [each.headers["idempotency-replayed"] for each in again] == ["true", "true"]
        assert again[0].content == again[1].content
        assert len({each["keyid"] for each in again[0].json()["keys"]}) == MANY_KEYS
        assert on_record(place) == turn * MANY_KEYS
        if lost:
            unanswered += 1
            break
    assert unanswered, "no turn was killed before it answered"


def wait_for(place: Place, key: str, *, answer: Future[httpx.Response]) -> None:
    """Waits until an answer under that Idempotency-Key is committed, or given."""
    with place.opened() as service:
        asked = "SELECT count(*) FROM idempotency WHERE idempotency_key = ?"
        while not answer.done() and not service.ledger.execute(asked, (key,)).fetchone()[0]:
            threading.Event().wait(0.001)


def is_lost(answer: Future[httpx.Response]) -> bool:
    """Whether a request ended without an answer."""
    return isinstance(answer.exception(30), httpx.TransportError)
