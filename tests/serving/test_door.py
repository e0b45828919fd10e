"""The door: routes, limits, and refusals as problem documents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from volact.errors import Refusal, Refused
from volact.serving.asgi import BODY_LIMIT, Door, HttpReply, HttpRequest

Answer = tuple[int, dict[str, str], bytes]


async def _echo(request: HttpRequest) -> HttpReply:
    return HttpReply(json.dumps([request.method, request.part, request.body.decode("latin-1")]).encode())


async def _refuse(_: HttpRequest) -> HttpReply:
    raise Refused(Refusal("storage_full", "no room is left", {"free": 0}))


async def _break(_: HttpRequest) -> HttpReply:
    raise ZeroDivisionError("a secret")


def _door(reports: list[str] | None = None) -> Door:
    routes = {
        ("POST", "/echo"): _echo,
        ("GET", "/v1/root/{}"): _echo,
        ("GET", "/v1/pair/{}/{}"): _echo,
        ("GET", "/full"): _refuse,
        ("GET", "/broken"): _break,
    }
    return Door(routes, report=lambda instance, err: (reports if reports is not None else []).append(instance))


def _ask(
    door: Door, method: str, path: str, *, body: bytes = b"", headers: list[tuple[bytes, bytes]] | None = None
) -> Answer:
    sent: list[MutableMapping[str, Any]] = []
    halves = [body[: len(body) // 2], body[len(body) // 2 :]]
    messages = [{"type": "http.request", "body": half, "more_body": half is not halves[1]} for half in halves]
    messages[0]["more_body"], messages[1]["more_body"] = True, False

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers or [], "client": ("127.0.0.1", 5)}
    asyncio.run(door(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, sent[1]["body"]


def test_a_route_gets_the_whole_request() -> None:
    """A handler is given the whole body and the part of the path that its route leaves open."""
    assert _ask(_door(), "POST", "/echo", body=b"abc")[2] == b'["POST", "", "abc"]'
    assert json.loads(_ask(_door(), "GET", "/v1/root/7")[2])[1] == "7"


def test_head_is_get_without_the_body() -> None:
    """HEAD answers as GET does, with the length and without the body."""
    status, headers, body = _ask(_door(), "HEAD", "/v1/root/7")
    assert (status, body, headers["content-length"]) == (200, b"", "16")


def test_an_unknown_path_is_a_problem() -> None:
    """An address where nothing is answers 404 in the shape of every refusal."""
    status, headers, body = _ask(_door(), "GET", "/v1/root")
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert json.loads(body)["code"] == "not_found"


def test_a_wrong_method_names_the_right_one() -> None:
    """A known address with another method answers 405 and says which method it takes."""
    status, headers, body = _ask(_door(), "DELETE", "/v1/root/7")
    assert (status, headers["allow"], json.loads(body)["code"]) == (405, "GET", "method_not_allowed")


def test_a_body_over_the_limit_is_refused() -> None:
    """A body over 64 KiB answers 413, whether its length was declared or not."""
    assert _ask(_door(), "POST", "/echo", body=b"x" * BODY_LIMIT)[0] == 200
    assert _ask(_door(), "POST", "/echo", body=b"x" * (BODY_LIMIT + 1))[0] == 413
    assert _ask(_door(), "POST", "/echo", headers=[(b"content-length", b"99999999999999")])[0] == 413


def test_a_refusal_keeps_its_fields_beside_its_code() -> None:
    """A refusal's own fields stand beside its code, and 503 says when to come again."""
    status, headers, body = _ask(_door(), "GET", "/full")
    problem = json.loads(body)
    assert (status, problem["code"], problem["free"]) == (503, "storage_full", 0)
    assert int(headers["retry-after"]) > 0


def test_a_defect_tells_no_detail() -> None:
    """A defect answers with an id that the log has too, and with none of its details."""
    reports: list[str] = []
    status, _, body = _ask(_door(reports), "GET", "/broken")
    assert status == 500
    assert json.loads(body)["instance"] == reports[0]
    assert b"secret" not in body


@given(st.text(max_size=40), st.binary(max_size=200), st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "x"]))
def test_no_path_makes_a_server_error(path: str, body: bytes, method: str) -> None:
    """Whatever path, method and body a caller sends, the door itself answers below 500."""
    assert _ask(_door(), method, f"/{path}", body=body)[0] < 500 or path in ("full", "broken")


def test_a_route_may_leave_two_parts_open() -> None:
    """A route with two open parts takes two parts, no fewer, no more and none of them empty, by its own methods."""
    assert json.loads(_ask(_door(), "GET", "/v1/pair/3/17")[2]) == ["GET", "3/17", ""]
    for path in (
        "/v1/pair",
        "/v1/pair/",
        "/v1/pair/3",
        "/v1/pair/3/",
        "/v1/pair//3",
        "/v1/pair/3/17/4",
        "/v1/root/3/4",
    ):
        assert _ask(_door(), "GET", path)[0] == 404, path
    status, headers, _ = _ask(_door(), "POST", "/v1/pair/3/17")
    assert (status, headers["allow"]) == (405, "GET")
