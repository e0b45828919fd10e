from __future__ import annotations

import json
import socket

import httpx
import pytest

from tests.support.service import Device, Place, Running, now
from volact.service.usecases import catalogs


def test_documents_are_served_as_signed(place: Place, running: Running) -> None:
    """Roots, catalog and list are served as they were signed, with their version as tag."""
    trust = place.trust
    root = httpx.get(f"{running.url}/v1/root/1")
    assert (root.content, root.headers["content-type"]) == (trust.roots[0].data, "application/jose+json")
    catalog = httpx.get(f"{running.url}/v1/catalog")
    assert (catalog.text, catalog.headers["content-type"]) == (trust.catalog_text, "application/jose")
    same = httpx.get(f"{running.url}/v1/catalog", headers={"if-none-match": catalog.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_published_catalog_is_served_at_once(place: Place, running: Running) -> None:
    """A catalog that the command line publishes is in the next answer of a running service."""
    before = httpx.get(f"{running.url}/v1/catalog").headers["etag"]
    with place.opened() as service:
        version = catalogs.publish(service, catalogs.current_catalog(service).catalog, act=now())
    served = httpx.get(f"{running.url}/v1/catalog")
    assert served.headers["etag"] == f'"{version}"' != before
    assert served.text == place.trust.catalog_text
    assert httpx.get(f"{running.url}/.well-known/volact").json()["versions"]["catalog"] == version


def test_service_says_who_it_is(place: Place, running: Running) -> None:
    """The well-known document names publisher, program version, document versions and the service's address."""
    said = httpx.get(f"{running.url}/.well-known/volact").json()
    assert (said["publisher"], said["name"]) == (place.publisher, "Acme Engineering")
    assert said["service"] == "http://activation.acme.example"
    assert set(said["versions"]) == {"root", "catalog", "revocations"}
    assert said["version"]


@pytest.mark.parametrize(
    "path", ["/v1/root/0", "/v1/root/2", "/v1/root/01", "/v1/root/-1", "/v1/root/x", f"/v1/root/{'9' * 5000}", "/v2"]
)
def test_unknown_documents_are_problems(running: Running, path: str) -> None:
    """A document that is not there is a problem with status 404."""
    reply = httpx.get(f"{running.url}{path}")
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
    assert reply.headers["content-type"] == "application/problem+json"


def test_wrong_method_and_size_are_problems(running: Running) -> None:
    """A wrong method is 405 with the right ones named, and a body over 64 KiB is 413."""
    assert httpx.get(f"{running.url}/v1/requests").headers["allow"] == "POST"
    assert httpx.get(f"{running.url}/v1/requests").status_code == 405
    reply = httpx.post(f"{running.url}/v1/requests", content=b"x" * 65_537)
    assert (reply.status_code, reply.json()["code"]) == (413, "request_too_large")
    assert httpx.post(f"{running.url}/v1/requests", content=b"x" * 65_536).json()["code"] == "request_malformed"


def test_health_and_readiness(running: Running) -> None:
    """A service that runs is healthy, and ready while its record and a signing key are there."""
    assert httpx.get(f"{running.url}/healthz").status_code == 200
    assert httpx.get(f"{running.url}/readyz").json() == {"status": "ready"}


def test_figures_and_log_tell_codes_and_no_secrets(place: Place, running: Running) -> None:
    """Metrics count requests by operation and code, the log has a line for each, and neither holds a key."""
    key = place.key("tracer-9", "mak", activations=1)
    body = Device(place.publisher).activate(key, "tracer-9")
    assert running.post(body).status_code == running.post(body).status_code == 200
    assert running.post(Device(place.publisher).activate(key, "tracer-9")).status_code == 409
    figures = httpx.get(f"{running.url}/metrics").text
    for op_and_code in ("granted", "repeated", "mak_exhausted"):
        assert f'volact_service_requests_total{{code="{op_and_code}",op="activate"}}' in figures
    assert "volact_service_issuing_key_end_seconds 1." in figures
    log = place.folder.with_suffix(".log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["keyid"] for line in lines if line.get("code") == "mak_exhausted"] == [key.keyid]
    for text in (figures, log):
        assert key.text not in text
        assert key.text.replace("-", "") not in text
        assert key.derived.proof_key.hex() not in text


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"POST /v1/requests HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/requests HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST /v1/requests HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /%ff%00%2e HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/root/%d9%a1 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x00\xff" * 400,
    ],
)
def test_broken_http_makes_no_server_error(running: Running, raw: bytes) -> None:
    """Bytes that are no proper HTTP are refused as the caller's fault, or the connection ends."""
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.settimeout(2)
        connection.sendall(raw)
        try:
            status = connection.recv(64).split(b" ")
        except (TimeoutError, ConnectionError):
            status = []
    assert len(status) < 2 or status[1].startswith((b"2", b"4")), status
    assert httpx.get(f"{running.url}/healthz").status_code == 200
