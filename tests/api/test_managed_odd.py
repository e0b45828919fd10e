"""The management API asked for what no caller means: each odd value in each place of each operation, on both databases.

What schemathesis draws follows the document; here are the values that break programs: NUL, lone surrogates, the ends of
the calendar and of integers, cursors of nobody's, a thousand filters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.test_managed_document import DOCUMENT, OPERATIONS
from tests.api.test_managed_record import activate, organization_of, pages
from tests.support.managed import Managing, managing
from tests.support.service import Device, Place
from volact.service.management.shapes import write_cursor

Sent = tuple[str, str, bytes]
BIG = 1 << 61
CURSORS = [["\ud800", 1, 1], ["\0", 1, 1], ["a", BIG, -BIG], [BIG], [-BIG], [True], [1.5], [None], [], {}]
ASKED = (  # in a path or a query, as it stands in an address
    "%00",
    "a%00",
    "%ff",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "%EF%BC%91",
    "9223372036854775808",
    "-1",
    "1e400",
    "9" * 5_000,
    "",
    "0001-01-01T00:00:00%2B23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-11-24T23:59:60Z",
)
SAID: tuple[Any, ...] = (  # as a member of a body
    "\0",
    "a\0b",
    "\ud800",
    "\u202e",
    "x" * 100_000,
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59-23:59",
    -1,
    1 << 63,
    10**30,
    float("nan"),
    float("inf"),
    None,
    [],
    {},
    {"\0": 1},
    {"\ud800": 1},
    {"tracer-9": 1 << 70},
    ["\0"],
    ["\ud800"],
)
BODIES = (b"\xff", b"\xef\xbb\xbf{}", b"9" * 5_000, b"[" * 100_000, b'{"a":' * 2_000, b'"\\ud800"', b"\0", b"NaN")
HEADERS = (
    {"authorization": "Bearer \xff"},
    {"authorization": "Bearer " + "x" * 10_000},
    {"x-request-id": "\xff"},
    {"idempotency-key": "\xe9" * 8},
    {"content-type": "multipart/form-data; boundary=x"},
    {"content-type": "application/json; charset=nonsense"},
    {"host": "\x7f:99999"},
)
FIRST = b'{"name": "Nordlys"}'


@pytest.fixture
def office(found: Callable[[Path], Place], tmp_path: Path) -> Iterator[Managing]:
    """A running front over a publisher with something of every kind."""
    with managing(found(tmp_path / "service")) as office:
        yield office


def test_no_odd_value_in_any_place_makes_a_defect(office: Managing) -> None:
    """Whatever stands in a path, a filter, a cursor or a body, the answer of every operation is no defect, and each
    refusal is a problem with a code."""
    ids, wrong = known(office), []
    for row in OPERATIONS:
        token = office.token(row[2]["x-scope"])
        for number, (method, path, body) in enumerate(odd(*row, ids=ids)):
            key = {"idempotency-key": f"odd-{number:08}"}
            reply = office.raw(method.upper(), path, token=token, content=body, headers=key)
            if not is_said(reply):
                wrong.append((method, path[:80], body[:80], reply.text[:200]))
    assert not wrong


def test_no_odd_header_body_or_number_of_filters_makes_a_defect(office: Managing) -> None:
    """Whatever the headers are, a body that is no JSON, and a thousand filters are answered with a code."""
    token, key = office.token(), {"idempotency-key": "of-this-test"}
    for headers in HEADERS:
        reply = office.raw("POST", "/organizations", token=token, content=FIRST, headers=key | headers)
        assert is_said(reply), (headers, reply.text)
    for body in BODIES:
        reply = office.raw("POST", "/organizations", token=token, content=body, headers=key)
        assert (reply.status_code, reply.json()["code"]) == (400, "request_malformed"), body[:20]
    for method in ("OPTIONS", "TRACE", "PROPFIND", "X" * 1_000):
        reply = office.raw(method, "/organizations", token=token, content=b"", headers={})
        assert (reply.status_code, reply.json()["code"], reply.headers["allow"]) == (
            405, "method_not_allowed", "GET, POST"
        )  # fmt: skip
    many = "&".join(f"a{number}=1" for number in range(1_100))
    reply = office.raw("GET", f"/organizations?{many}", token=token, content=b"", headers={})
    assert (reply.status_code, reply.json()["code"]) == (400, "request_malformed")


def test_a_cursor_that_no_page_gave_is_refused_or_a_place(office: Managing) -> None:
    """A cursor of nobody's is `cursor_invalid`, or a place in the list after which there may be nothing."""
    token, seen = office.token(), set()
    for method, path, told in OPERATIONS:
        if method == "get" and any(each["name"] == "cursor" for each in told["parameters"]):
            for place in CURSORS:
                reply = office.get(path.removeprefix("/api/v1"), token=token, cursor=write_cursor(place))
                assert reply.status_code == 200 or reply.json()["code"] == "cursor_invalid", (path, place, reply.text)
                seen.add(reply.status_code)
    assert seen == {200, 400}


def known(office: Managing) -> dict[str, str]:
    """What there is, by the names that the document has for it."""
    place = office.place
    key, host_key = place.key("tracer-9", "mak", activations=9), place.key("solver-server-9", "host")
    activate(office, key)
    assert office.devices.answer("POST", "/v1/requests", Device(place.publisher).host(host_key)).status == 200
    token = office.token()
    (given,), (host,) = (pages(office, path, token=token) for path in ("/activations", "/hosts"))
    return {
        "organization_id": organization_of(office, place.licensing_id),
        "licensing_id": place.licensing_id,
        "keyid": key.keyid,
        "activation_id": given["activation_id"],
        "host_id": host["host_id"],
        "version": "1",
        "product": "tracer-9",
        "kind": "mak",
        "computers": "5",
    }


def odd(method: str, path: str, told: dict[str, Any], *, ids: dict[str, str]) -> Iterator[Sent]:
    """Requests to one operation, each of them odd in one place."""
    path = path.removeprefix("/api/v1")
    places = {each["name"]: each["in"] for each in told["parameters"] if each["in"] != "header"}
    query = {
        each["name"]: ids[each["name"]] for each in told["parameters"] if each["in"] == "query" and each["required"]
    }
    taken = told.get("requestBody", {}).get("content", {}).get("application/json")
    asked = resolved(taken["schema"]) if taken else None
    body = json.dumps(example(asked, ids=ids)).encode() if asked else b""
    for name, place in places.items():
        for value in ASKED:
            if place == "path":
                yield method, address(path, ids | {name: value}, query=query), body
            else:
                yield method, address(path, ids, query=query | {name: value}), body
    if asked:
        for spoiled in bodies(asked, ids=ids):
            yield method, address(path, ids, query=query), json.dumps(spoiled).encode()


def bodies(shape: dict[str, Any], *, ids: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Bodies of a shape with one member that is odd, also within the rows of a list."""
    whole = example(shape, ids=ids)
    for name, member in shape["properties"].items():
        for value in SAID:
            yield whole | {name: value}
        inner = resolved(resolved(member).get("items", {}))
        if "properties" in inner:
            for row in bodies(inner, ids=ids):
                yield whole | {name: [row]}


def example(shape: dict[str, Any], *, ids: dict[str, str]) -> dict[str, Any]:
    """A body with its required members, of what there is where it names something."""
    return {name: _value(name, resolved(shape["properties"][name]), ids) for name in shape.get("required", [])}


def _value(name: str, shape: dict[str, Any], ids: dict[str, str]) -> Any:
    if shape.get("type") == "array":
        items = resolved(shape["items"])
        return [example(items, ids=ids) if "properties" in items else ids.get(name.removesuffix("s"), "x")]
    if "enum" in shape:
        return shape["enum"][0]
    return ids.get(name, {"integer": 5, "boolean": True}.get(shape.get("type", ""), "x"))


def resolved(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape of the document, where it is written out."""
    name = shape.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name] if name else shape
    return found


def address(path: str, ids: dict[str, str], *, query: dict[str, str]) -> str:
    """An operation's address about these ids."""
    filled = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "x"), path)
    return filled + "?" * bool(query) + "&".join(f"{name}={value}" for name, value in query.items())


def is_said(reply: httpx.Response) -> bool:
    """Whether an answer is no defect and, if it refuses, a problem with a code."""
    return reply.status_code < 400 or (reply.status_code < 500 and bool(reply.json()["code"]))
