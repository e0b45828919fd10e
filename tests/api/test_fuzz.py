from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.service import Device, Key, Place, Running, draw_rid
from volact.credential import jws, strictjson
from volact.credential.encoding import b64
from volact.credential.proof import ProofContext, make_proof
from volact.credential.request import REQUEST_TYP

FUZZ = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
PATHS = (
    "/v1/requests",
    "/v1/root/",
    "/v1/catalog",
    "/v1/revocations",
    "/.well-known/volact",
    "/readyz",
    "/metrics",
    "/",
)

text = st.one_of(st.text(max_size=40), st.sampled_from(["", "x" * 70, "mak", "A" * 43, "0" * 15, "0" * 26, "\x00"]))
number = st.one_of(st.integers(), st.sampled_from([0, -1, 2**31, 2**40, 2**53, 2**53 + 1, 2**63, 10**30]))
value = st.recursive(
    st.one_of(st.none(), st.booleans(), number, st.floats(), text),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=12,
)
NAMES = (
    "op",
    "aud",
    "via",
    "iat",
    "rid",
    "dev",
    "mv",
    "keyid",
    "proof",
    "product",
    "platform",
    "virtual",
    "predecessor",
)


@pytest.fixture(scope="module")
def client() -> Any:
    """One connection."""
    with httpx.Client(timeout=30) as connected:
        yield connected


@pytest.fixture(scope="module")
def mak(place: Place) -> Key:
    """A key to ask with."""
    return place.key("tracer-9", "mak", activations=100_000)


def check(reply: httpx.Response) -> None:
    """No answer to anything sent may be a server's error, and every refusal is a problem with a code."""
    assert reply.status_code < 500, reply.text
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["code"]


@FUZZ
@given(st.binary(max_size=2_000))
def test_no_bytes_make_a_server_error(running: Running, client: httpx.Client, body: bytes) -> None:
    """Whatever bytes are posted, the answer is no server error."""
    check(running.post(body, client=client))


@FUZZ
@given(st.sampled_from(PATHS), st.binary(max_size=30), st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "X"]))
def test_no_path_makes_a_server_error(
    running: Running, client: httpx.Client, path: str, more: bytes, method: str
) -> None:
    """Whatever is asked for by whatever method, the answer is no server error."""
    reply = client.request(method, running.url + path + quote(more))
    assert reply.status_code < 500


@FUZZ
@given(st.dictionaries(st.sampled_from(("protected", "payload", "signature", "header", "signatures")), value))
def test_no_token_makes_a_server_error(running: Running, client: httpx.Client, members: dict[str, Any]) -> None:
    """Whatever stands in the members of a token, the answer is no server error."""
    check(running.post(as_json(members), client=client))


@FUZZ
@given(value, st.dictionaries(st.sampled_from(("alg", "jwk", "typ", "kid", "crit", "b64")), value), st.booleans())
def test_no_header_makes_a_server_error(
    running: Running, client: httpx.Client, payload: Any, header: dict[str, Any], keep: bool
) -> None:
    """Whatever header and payload a token carries, the answer is no server error."""
    device = Device("acme.example")
    whole = {"alg": "Ed25519", "jwk": device.signer.public.jwk, "typ": REQUEST_TYP} if keep else {}
    protected, content = b64(as_json(whole | header)), b64(as_json(payload))
    signature = b64(device.signer.sign(f"{protected}.{content}".encode()))
    members = {"protected": protected, "payload": content, "signature": signature}
    check(running.post(as_json(members), client=client))


@FUZZ
@given(
    st.sampled_from(["activate", "host", "lease", "release"]),
    st.dictionaries(st.sampled_from(NAMES), value, max_size=3),
    st.sets(st.sampled_from(NAMES), max_size=2),
)
def test_no_signed_request_makes_a_server_error(
    place: Place, running: Running, client: httpx.Client, mak: Key, op: str, changed: dict[str, Any], dropped: set[str]
) -> None:
    """Whatever a request says that is properly signed, and proved where it can be, the answer is no server error."""
    device, rid = Device(place.publisher), draw_rid()
    said: dict[str, Any] = {
        "op": op,
        "aud": place.publisher,
        "via": "online",
        "iat": int(time.time()),
        "rid": rid,
        "dev": device.dev,
        "mv": device.mv,
        "keyid": mak.keyid,
        "platform": "linux",
        "virtual": False,
        "product": "tracer-9",
    } | changed
    context = {name: said.get(name) for name in ("aud", "op", "rid", "dev", "product")}
    if op == "host":
        context["product"] = ""
    if all(
        isinstance(each, str) and each.isascii() and each.isprintable() and " " not in each for each in context.values()
    ):
        said["proof"] = make_proof(mak.derived.proof_key, ProofContext(jkt=device.jkt, **context))  # type: ignore[arg-type]
    said |= changed
    payload = as_json({name: said[name] for name in said if name not in dropped})
    check(running.post(jws.sign_flattened(payload, typ=REQUEST_TYP, signer=device.signer), client=client))


@FUZZ
@given(
    via=st.sampled_from(["online", "file"]),
    iat=st.integers(0, 2**40),
    product=st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,20}\Z"),
    platform=st.from_regex(r"\A[a-z0-9][a-z0-9.-]{0,20}\Z"),
    predecessor=st.from_regex(r"\A[0-9A-HJKMNP-TV-Z]{26}\Z"),
)
def test_no_proper_request_makes_a_server_error(
    place: Place,
    running: Running,
    client: httpx.Client,
    mak: Key,
    via: str,
    iat: int,
    product: str,
    platform: str,
    predecessor: str,
) -> None:
    """Whatever times and ids a well-formed request names, the answer is no server error."""
    device = Device(place.publisher)
    check(running.post(device.activate(mak, product, iat=iat, via=via), client=client))
    check(running.post(device.host(mak, platform=platform, iat=iat), client=client))
    check(running.post(device.renew(predecessor, platform=platform, iat=iat), client=client))


def as_json(content: Any) -> bytes:
    """JSON as a careless program would write it, not a number and lone surrogates included."""
    try:
        return strictjson.dumps(content)
    except (ValueError, UnicodeEncodeError):
        return json.dumps(content).encode()
