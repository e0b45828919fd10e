"""The management API when things go wrong: killed, over its limits, asked for nonsense, its database away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from postgres import Server, programs

from tests.support.managed import MANY, managing
from tests.support.service import Place, now, start
from volact.service.ledger import audit, keys
from volact.service.usecases.tokens import SCOPES, add_token

Found = Callable[[Path], Place]


def token_of(place: Place) -> str:
    """A token that may do everything."""
    with place.opened() as service:
        return add_token(service, "a test", scopes=SCOPES, organization_id=None, days=None, act=now()).text


def order(place: Place) -> dict[str, object]:
    """An order of one key."""
    return {"licensing_id": place.licensing_id, "product": "tracer-9", "kind": "mak", "activations": 5}


def asking(url: str, token: str, **more: str) -> httpx.Client:
    """A caller with a token."""
    return httpx.Client(base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {token}", **more}, timeout=30)


def test_killed_services_issue_each_order_once(found: Found, tmp_path: Path) -> None:
    """Whenever the service is killed, an order that is sent again until it is answered is on record once."""
    place = found(tmp_path / "service")
    token, answered = token_of(place), {}
    for turn in range(6):
        running = start(place.folder, "--rate-limit", str(MANY))
        kill = threading.Timer(0.15 + 0.07 * turn, running.kill)
        kill.start()
        with asking(running.url, token) as caller:
            for number in range(1_000):
                try:
                    reply = caller.post("/keys", json=order(place), headers={"idempotency-key": f"order-{number:04}"})
                except httpx.HTTPError:
                    break
                assert reply.status_code == 201, reply.text
                keyid = reply.json()["keys"][0]["keyid"]
                assert answered.setdefault(number, keyid) == keyid
        kill.join()
    with place.running("--rate-limit", str(MANY)) as running, asking(running.url, token) as caller:
        for number in range(max(answered) + 2):
            reply = caller.post("/keys", json=order(place), headers={"idempotency-key": f"order-{number:04}"})
            keyid = reply.json()["keys"][0]["keyid"]
            assert answered.setdefault(number, keyid) == keyid
    with place.opened() as service:
        on_record = [row.keyid for row in keys.every(service.ledger)]
    assert sorted(on_record) == sorted(answered.values())
    assert len(answered) > 5


def test_a_database_that_goes_away_is_told_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """While its database is away the API says `not_ready` and when to come back; then it goes on, each write once."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with Server.running("fsync=on") as server:
        place = Place.make(tmp_path / "service", database=server.database())
        token = token_of(place)
        with place.running() as running, asking(running.url, token) as caller:
            sent = {"json": order(place), "headers": {"idempotency-key": "across-the-gap"}}
            first = caller.post("/keys", **sent).json()
            server.stop()
            for reply in (caller.get("/keys"), caller.post("/keys", **sent)):
                assert (reply.status_code, reply.json()["code"]) == (503, "not_ready")
                assert reply.headers["retry-after"]
            server.start()
            deadline = time.monotonic() + 20
            while caller.get("/keys").status_code == 503 and time.monotonic() < deadline:
                threading.Event().wait(0.2)
            assert caller.post("/keys", **sent).json() == first
            assert len(caller.get("/keys").json()["keys"]) == 1


def test_one_name_for_a_request_from_the_answer_to_the_audit(tmp_path: Path) -> None:
    """What the caller, or the service, calls a request is in the answer, in the log and in the audit; the log has no
    path, whatever stands in it."""
    place = Place.make(tmp_path / "service")
    token = token_of(place)
    with place.running() as running, asking(running.url, token, **{"x-request-id": "from-the-front"}) as caller:
        made = caller.post("/keys", json=order(place), headers={"idempotency-key": "with-a-name"})
        assert made.headers["x-request-id"] == "from-the-front"
        caller.get("/keys/7G0ZA-N251K-A2VZY-EPKXZ-A2E1Q")
        drawn = caller.get("/keys", headers={"x-request-id": "x" * 65}).headers["x-request-id"]
        assert len(drawn) == 16
        assert caller.get("/7G0ZA-N251K-A2VZY-EPKXZ-A2E1Q").status_code == 404
        figures = httpx.get(f"{running.url}/metrics").text
        assert 'volact_service_managed_total{method="POST",status="201"} 1.0' in figures
    keyid = made.json()["keys"][0]["keyid"]
    with place.opened() as service:
        (entry,) = audit.history(service.ledger, keyid)
    assert '"request": "from-the-front"' in entry.detail
    log = place.folder.with_suffix(".log").read_text()
    assert '"request_id":"from-the-front"' in log
    assert "N251K" not in log
    assert token not in log


def test_nonsense_is_a_problem_with_a_stable_code(tmp_path: Path) -> None:
    """A body that is too large, no JSON, of the wrong type or too deep, an unknown address or method: each has its
    code, and nothing foreign is answered."""
    with managing(Place.make(tmp_path / "service")) as office:
        token = office.token()

        def sent(content: bytes, **headers: str) -> httpx.Response:
            return office.raw("POST", "/organizations", token=token, content=content, headers=headers)

        key = {"idempotency-key": "of-this-test"}
        deep = b'{"name": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
        for content in (
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"name": 7}',
            b'{"name": "x", "more": 1}',
            deep,
            b'{"name": "\\ud800"}',
        ):
            reply = sent(content, **key)
            assert (reply.status_code, reply.json()["code"]) == (400, "request_malformed"), (content[:30], reply.text)
            assert reply.headers["content-type"] == "application/problem+json"
        assert sent(b" " * (8 * 1024 * 1024 + 1), **key).json()["code"] == "request_too_large"
        assert sent(b'{"name": "x"}').json()["errors"][0]["where"] == "header.Idempotency-Key"
        assert office.get("/nowhere", token=token).json()["code"] == "not_found"
        wrong = office.call("PUT", "/organizations", token=token)
        assert (wrong.json()["code"], wrong.headers["allow"]) == ("method_not_allowed", "GET, POST")
        head = office.call("HEAD", "/organizations", token=token)
        assert (head.status_code, head.content) == (200, b"")
        assert office.get("/keys", token=token, cursor="AAAA").json()["code"] == "cursor_invalid"
        assert office.get("/keys", token=token, stat="active").json()["code"] == "request_malformed"


def test_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    """Beyond a limit the answer is 429 with the seconds to wait, for a token, for one key, and for wrong tokens, which
    stop the right ones of that address too."""
    with managing(Place.make(tmp_path / "service"), per_minute=40) as office:
        token, other = office.token(), office.token()
        codes = [office.get("/keys", token=token).status_code for _ in range(41)]
        assert codes == [200] * 40 + [429]
        over = office.get("/keys", token=token)
        assert over.json()["code"] == "too_many_requests"
        assert 1 <= int(over.headers["retry-after"]) <= 60
        assert '"token";r=0' in over.headers["ratelimit"]
        block = {"reason": "x"}
        blocks = [office.post("/keys/0000000000/block", block, token=other).status_code for _ in range(5)]
        assert blocks == [404, 404, 404, 404, 429]
        assert [office.get("/keys", token="wrong").status_code for _ in range(3)] == [401, 401, 429]
        assert office.get("/keys", token=other).json()["limit"] == "wrong-token"


def test_an_address_has_an_end_however_many_tokens_it_has(tmp_path: Path) -> None:
    """Twice what one token may is let in from one address; then 429 with the seconds to wait, for whatever token, and
    the answer to `HEAD` says the same without a body."""
    with managing(Place.make(tmp_path / "service"), per_minute=10) as office:
        first, second, third = (office.token() for _ in range(3))
        codes = [office.get("/keys", token=token).status_code for token in [first] * 10 + [second] * 10]
        assert codes == [200] * 20
        over = office.get("/keys", token=third)
        assert (over.status_code, over.json()["limit"]) == (429, "address")
        bare = office.call("HEAD", "/keys", token=third)
        assert (bare.status_code, bare.content) == (429, b"")
        for reply in (over, bare):
            assert 1 <= int(reply.headers["retry-after"]) <= 60
            assert reply.headers["ratelimit-policy"] == '"address";q=20;w=60'
            assert reply.headers["ratelimit"].startswith('"address";r=0;t=')
