"""`POST /v1/bundles`: a page of rows, each judged by itself, beside everybody else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.support.computer import Asker
from tests.support.service import Device, Key, Place, Running
from volact.protocol.bundles import PAGE_ROWS, Row, page_body, pages, read_row
from volact.protocol.results import Result, page_lines, read_result

Found = Callable[[Path], Place]


def rows_of(place: Place, key: Key, count: int) -> list[Row]:
    """Requests of so many new computers."""
    made = [Device(place.publisher).activate(key, "tracer-9", via="file") for _ in range(count)]
    return sorted(read_row(each)[0] for each in made)


def post(running: Running, body: bytes) -> httpx.Response:
    """Sends a page."""
    return httpx.post(f"{running.url}/v1/bundles", content=body, timeout=60)


def results(running: Running, page: list[Row]) -> list[Result]:
    """What became of each row."""
    reply = post(running, page_body(page))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/x-ndjson")
    return [read_result(line) for line in page_lines(reply.content, page)]


def test_each_row_of_a_page_is_judged_by_itself(found: Found, tmp_path: Path) -> None:
    """Rows that are refused, for whatever reason, have their code and stop no other; a page again is the same."""
    place = found(tmp_path / "service")
    key, none = place.key("tracer-9", "mak", activations=3), place.key("tracer-9", "mak", activations=0)
    good = rows_of(place, key, 3)
    altered = json.loads(good[0].line)
    altered["signature"] = "A" * 85 + "A"
    others = [
        Device(place.publisher).activate(none, "tracer-9", via="file"),
        Device(place.publisher).activate(key, "tracer-9", via="file", proof="A" * 43),
        Device(place.publisher).activate(key, "tracer-9", via="file", iat=int(time.time()) - 200 * 86_400),
        Device("other.example").activate(key, "tracer-9", via="file"),
        Asker("pc").ask("tracer-9", int(time.time())),
        json.dumps(altered).encode(),
    ]
    page = [good[0], *(read_row(each)[0] for each in others), *good[1:]]
    with place.running() as running:
        first, again = results(running, page), results(running, page)
    codes = [each.refusal.code if each.refusal else None for each in first]
    assert codes == [
        None,
        "mak_exhausted",
        "key_unknown",
        "clock_out_of_range",
        "request_malformed",
        "operation_not_offered",
        "request_malformed",
        None,
        None,
    ]
    assert [each.credential for each in first] == [each.credential for each in again]
    assert place.row(key).used == 3


def test_a_row_is_the_same_request_as_alone(found: Found, tmp_path: Path) -> None:
    """A request that was asked alone and comes in a page too is answered by the same activation, and takes one."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=5)
    (row,) = rows_of(place, key, 1)
    with place.running() as running:
        alone = running.post(row.line).json()["credential"]
        assert results(running, [row, row])[1].credential == alone
    assert place.row(key).used == 1


def test_pages_at_once_never_pass_the_allowance(found: Found, tmp_path: Path) -> None:
    """Pages that come twice, at once, beside single requests activate exactly what the key allows."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=100)
    rows = rows_of(place, key, 300)
    singles = [Device(place.publisher).activate(key, "tracer-9") for _ in range(60)]
    cut = [list(page) for page in pages(rows)]
    with place.running() as running, ThreadPoolExecutor(8) as pool:
        came = [pool.submit(results, running, page) for page in cut + cut]
        alone = [pool.submit(running.post, body) for body in singles]
        given = {each.credential for one in came for each in one.result() if each.credential}
        given |= {each.result().json()["credential"] for each in alone if each.result().status_code == 200}
    assert len(given) == place.row(key).used == 100


def test_others_are_answered_while_pages_come(place: Place, running: Running) -> None:
    """While one caller sends pages without a pause, single requests are answered, and each before the pages end."""
    key = place.key("tracer-9", "mak", activations=5_000)
    cut = [list(page) for page in pages(rows_of(place, key, 1_200))] * 4
    singles = [Device(place.publisher).activate(key, "tracer-9") for _ in range(10)]
    with ThreadPoolExecutor(9) as pool:
        came = [pool.submit(results, running, page) for page in cut]
        statuses = [running.post(body).status_code for body in singles]
        waiting = sum(not each.done() for each in came)
        assert all(each.credential for one in came for each in one.result())
    assert statuses == [200] * 10
    assert waiting > 0
    assert place.row(key).used == 1_210


def test_what_is_no_page_is_refused_as_a_whole(running: Running, place: Place) -> None:
    """A body that holds anything but rows, or too many of them, is refused, and no row of it is judged."""
    key = place.key("tracer-9", "mak", activations=5)
    (row,) = rows_of(place, key, 1)
    for body in (b"", b"\n", b"{}\n", row.line, page_body([row]) + b"nonsense\n", page_body([row]) + b"\n"):
        reply = post(running, body)
        assert (reply.status_code, reply.json()["code"]) == (400, "request_malformed")
    for body in (b"\n" * (PAGE_ROWS + 1), page_body([row]) * 200):
        reply = post(running, body)
        assert (reply.status_code, reply.json()["code"]) == (413, "request_too_large")
    assert httpx.get(f"{running.url}/v1/bundles").status_code == 405
    assert place.row(key).used == 0
