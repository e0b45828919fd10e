"""Who is knocking: what a running service counts of refusals, logs of requests, and says back of their number."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.commands import volact
from tests.support.service import Device, Place, Running, draw_rid, start
from volact.service.ledger.denials import MOST_ADDRESSES, OTHERS

POLL_SECONDS = 0.2
OURS = "127.0.0.1"


def denials(place: Place, *words: str) -> list[dict[str, Any]]:
    """What `volact service denials` lists."""
    said = volact("service", "denials", str(place.folder), *words)
    assert said.code == 0, said
    rows: list[dict[str, Any]] = said.data["denials"]
    return rows


def times(rows: list[dict[str, Any]]) -> dict[tuple[str, str | None, str], int]:
    """How often, by code, key and address, whatever the day."""
    found: dict[tuple[str, str | None, str], int] = {}
    for row in rows:
        where = row["code"], row["keyid"], row["address"]
        found[where] = found.get(where, 0) + row["times"]
    return found


def lines(place: Place) -> list[dict[str, Any]]:
    """The service's log."""
    return [json.loads(line) for line in place.folder.with_suffix(".log").read_text().splitlines()]


def memory(running: Running) -> int:
    """Memory of the process in KiB."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def test_refusals_are_listed_while_the_service_runs(tmp_path: Path) -> None:
    """Within seconds a running service lists what it refused: under its key where that was proved, else without one."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=0)
    device = Device(place.publisher)
    with place.running() as running:
        running.post(device.activate(key, "tracer-9"))
        running.post(device.activate(key, "tracer-9", proof="A" * 43))
        for _ in range(3):
            running.post(b"nonsense")
        ends = time.monotonic() + 60
        while not (found := denials(place)) and time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
    assert times(found) == {
        ("mak_exhausted", key.keyid, OURS): 1,
        ("key_unknown", None, OURS): 1,
        ("request_malformed", None, OURS): 3,
    }
    assert times(denials(place, "--keyid", key.keyid.lower())) == {("mak_exhausted", key.keyid, OURS): 1}
    assert times(denials(place, "--code", "key_unknown", "--days", "2")) == {("key_unknown", None, OURS): 1}


def test_flood_is_bounded(tmp_path: Path) -> None:
    """A flood of bad requests from ever new addresses adds a bounded number of rows, and hardly any memory."""
    place = Place.make(tmp_path / "service")
    flood = 2 * MOST_ADDRESSES
    with place.running("--trust-proxy", "127.0.0.0/8") as running, httpx.Client() as client:

        def knock(number: int) -> None:
            caller = f"10.0.{number >> 8}.{number & 255}"
            reply = client.post(
                f"{running.url}/v1/requests", content=b"{}", headers={"x-forwarded-for": f"192.0.2.1, {caller}"}
            )
            assert reply.status_code == 400

        for number in range(200):
            knock(number)
        before = memory(running)
        for number in range(flood):
            knock(number)
        assert memory(running) - before < 16 * 1024
    found = times(denials(place))
    assert sum(found.values()) == flood + 200
    assert len({row["address"] for row in denials(place, "--days", "1")}) <= MOST_ADDRESSES + 1
    assert found["request_malformed", None, OTHERS] >= flood - 2 * MOST_ADDRESSES
    assert ("request_malformed", None, "192.0.2.1") not in found


def test_two_processes_add_up(tmp_path: Path) -> None:
    """Two processes on one record add their counts up, and a crash loses no more than what was not written yet."""
    place = Place.make(tmp_path / "service")
    first, second = start(place.folder), start(place.folder)
    for running in (first, second):
        for _ in range(10):
            assert running.post(b"nonsense").status_code == 400
    assert first.stop() == 0
    assert times(denials(place)) == {("request_malformed", None, OURS): 10}
    second.stop()
    assert times(denials(place)) == {("request_malformed", None, OURS): 20}
    third = start(place.folder)
    third.post(b"nonsense")
    third.kill()
    assert times(denials(place)) == {("request_malformed", None, OURS): 20}


def test_request_is_followed_from_client_to_record(tmp_path: Path) -> None:
    """A request's number stands in the log, in the entry of what it caused, and in the problem that refused it."""
    place = Place.make(tmp_path / "service")
    key, empty = place.key("tracer-9", "mak"), place.key("tracer-9", "mak", activations=0)
    device, granted, refused = Device(place.publisher), draw_rid(), draw_rid()
    with place.running("--trust-proxy", OURS) as running:
        headers = {"x-request-id": "front-17", "x-forwarded-for": "2001:db8:1:2:3:4:5:6"}
        body = device.activate(key, "tracer-9", rid=granted)
        assert httpx.post(f"{running.url}/v1/requests", content=body, headers=headers).status_code == 200
        assert running.post(device.activate(empty, "tracer-9", rid=refused)).json()["rid"] == refused
        assert "rid" not in running.post(b"nonsense").json()
    logged = [line for line in lines(place) if line["event"] == "request"]
    seen = {name: logged[0][name] for name in ("op", "code", "rid", "keyid", "address", "request_id")}
    assert seen == {
        "op": "activate",
        "code": "granted",
        "rid": granted,
        "keyid": key.keyid,
        "address": "2001:db8:1:2::/64",
        "request_id": "front-17",
    }
    assert logged[0]["ms"] > 0
    assert [(line["code"], line["rid"]) for line in logged[1:]] == [
        ("mak_exhausted", refused),
        ("request_malformed", None),
    ]
    with place.opened() as service:
        (detail,) = service.ledger.execute("SELECT detail FROM audit WHERE act = 'activated'").fetchone()
    assert json.loads(detail)["rid"] == granted


def test_log_holds_no_secret(tmp_path: Path) -> None:
    """Neither key, nor proof, nor an organization's name gets into the log, whatever is asked."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak")
    device = Device(place.publisher)
    with place.running() as running:
        for body in (device.activate(key, "tracer-9"), device.activate(key, "nonsense"), key.text.encode()):
            running.post(body)
    text = place.folder.with_suffix(".log").read_text()
    assert set(json.loads(text.splitlines()[0])) == {
        *("event", "level", "timestamp", "op", "code", "rid", "keyid", "device", "address", "request_id", "ms"),
    }
    for secret in (key.text, key.text[:11], "proof", "Nordlys"):
        assert secret not in text


@pytest.mark.parametrize("network", ["proxy.example", "10.0.0.1/8"])
def test_proxy_that_is_no_network_is_told(tmp_path: Path, network: str) -> None:
    """A trusted proxy that is no network is wrong usage, before anything listens."""
    place = Place.make(tmp_path / "service")
    said = volact("service", "run", str(place.folder), "--bind", "127.0.0.1:0", "--trust-proxy", network)
    assert (said.code, said.error) == (2, "usage")
