"""`POST /api/v1/center/bundles`: a whole bundle as an upload, on both databases, and what goes wrong with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.bundles import Site
from tests.support.commands import volact
from tests.support.managed import Managing, managing
from tests.support.service import Device, Place, Running, now
from volact.credential.encoding import digest, unb64
from volact.errors import Refused
from volact.protocol.bundles import bundle_lines, read_row
from volact.protocol.results import read_answers
from volact.service.devices.uploads import Uploads

Found = Callable[[Path], Place]
PATH = "/center/bundles"


@pytest.fixture
def site(found: Found, tmp_path: Path) -> Site:
    """Twenty computers, of which a key activates twelve, and their bundle."""
    made = Site.make(tmp_path, activations=12, computers=20, place=found(tmp_path / "service"))
    made.export()
    return made


@pytest.fixture
def office(site: Site) -> Iterator[Managing]:
    """The running front of their publisher."""
    with managing(site.place) as office:
        yield office


def upload(office: Managing, data: bytes, *scopes: str) -> httpx.Response:
    """Sends a bundle with a token."""
    headers = {"content-type": "application/x-ndjson"}
    return office.raw("POST", PATH, token=office.token(*(scopes or ("center:act",))), content=data, headers=headers)


def code_of(reply: httpx.Response) -> tuple[int, str]:
    """The status and code of a refusal."""
    return reply.status_code, reply.json()["code"]


def test_f24_proxy_bundle_that_is_uploaded_is_answered_row_by_row(site: Site, office: Managing) -> None:
    """The answer to an upload is that of `service answer`: the first rows are activated, the rest say why."""
    reply = upload(office, site.bundle.read_bytes())
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/x-ndjson")
    site.answer.write_bytes(reply.content)
    documents, results = site.answered
    codes = [each.refusal.code if each.refusal else None for each in results]
    assert codes == [None] * 12 + ["mak_exhausted"] * 8
    assert (documents.publisher, site.used) == (site.place.publisher, 12)
    assert site.import_answer().data["written"] == 12
    assert site.answer_by_file().data["activated"] == 12  # the same rows by another way take nothing
    assert [each.credential for each in site.answered[1]] == [each.credential for each in results]
    assert site.used == 12


def test_an_uploaded_bundle_is_in_the_audit_and_its_activations_in_the_log(site: Site, office: Managing) -> None:
    """An upload has an entry with who, request and outcome, and the answer's checkpoint has all of it under it."""
    data = site.bundle.read_bytes()
    first, again = upload(office, data), upload(office, data)
    assert lines_of(first) == lines_of(again)
    told = office.get("/audit", token=office.token("audit:read"), act="bundle answered", limit=200).json()["audit"]
    assert [entry["subject"] for entry in told] == [digest(data)] * 2
    assert told[0]["who"].startswith("a test (token ")
    detail = {"rows": 20, "activated": 12, "refused": {"mak_exhausted": 8}, "request": first.headers["x-request-id"]}
    assert told[0]["detail"] == detail
    documents, _ = read_answers(first.content.splitlines(keepends=True))
    assert isinstance(documents.checkpoint, str)
    assert json.loads(unb64(documents.checkpoint.split(".")[1]))["size"] >= told[0]["entry"]


def test_an_upload_has_a_limit_of_its_own(site: Site, office: Managing) -> None:
    """A bundle may be larger than any other body; one over its own limit is refused before anything in it is asked."""
    small = Uploads(office.front.app, site.folder, limit=site.bundle.stat().st_size - 1)

    async def come() -> AsyncIterator[bytes]:
        yield site.bundle.read_bytes()

    async def give_in() -> None:
        async with small.answered(come(), by=lambda _: now(), request_id="one"):
            raise AssertionError("it was answered")

    with pytest.raises(Refused) as caught:
        office.runner.run(give_in())
    assert (caught.value.code, site.used) == ("request_too_large", 0)
    padded = site.bundle.read_bytes() + b" " * (9 << 20)
    assert code_of(upload(office, padded)) == (400, "bundle_damaged")  # and not too large


def lines_of(reply: httpx.Response) -> list[bytes]:
    """The rows of an answer."""
    return reply.content.splitlines()[1:-1]


def test_nothing_of_a_bundle_that_is_none_is_asked(site: Site, office: Managing) -> None:
    """What was cut, edited, joined, is of another publisher, or no bundle at all, is refused as a whole."""
    whole = site.bundle.read_bytes()
    half = len(whole) // 2
    edited = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
    other = Device("other.example").activate(site.key, "tracer-9", via="file")
    foreign = b"".join(bundle_lines("other.example", [read_row(other).row]))
    for damaged in (b"", whole[:half], edited, whole + whole, b"\x00" * 5_000, site.rows[0].line, whole[:-1]):
        assert code_of(upload(office, damaged)) == (400, "bundle_damaged")
    assert code_of(upload(office, foreign))[1] == "bundle_of_other_publisher"
    assert site.used == 0
    assert upload(office, whole).status_code == 200


def test_an_upload_needs_the_scope_and_no_filter(site: Site, office: Managing) -> None:
    """Without a token, with another scope, or with a query, an upload is refused before it is read."""
    data = site.bundle.read_bytes()
    assert code_of(upload(office, data, "keys:read")) == (403, "scope_missing")
    assert code_of(office.raw("POST", PATH, token="vlt_none", content=data, headers={})) == (401, "token_refused")
    token = office.token("center:act")
    assert code_of(office.raw("POST", f"{PATH}?a=1", token=token, content=data, headers={}))[0] == 400
    assert code_of(office.raw("GET", PATH, token=token, content=b"", headers={}))[0] == 405
    assert site.used == 0


def test_the_record_is_away_while_an_upload_is_answered(site: Site, office: Managing) -> None:
    """Rows that cannot be judged for now have the upload refused, and sent again it takes each row once."""
    site.place.allow(site.key, 20)
    office.runner.run(office.front.app.commit.close())
    reply = upload(office, site.bundle.read_bytes())
    assert reply.status_code == 503, reply.text
    with managing(site.place) as again:
        assert upload(again, site.bundle.read_bytes()).status_code == 200
    assert site.used == 20


def test_few_uploads_are_answered_at_once(site: Site) -> None:
    """Of many uploads at once some are told to wait, and those that are answered take each row once."""
    site.place.allow(site.key, 20)
    with site.place.running() as running, ThreadPoolExecutor(6) as pool:
        token = volact("service", "token", "add", site.place.folder, "many", "--scope", "center:act").data["token"]
        replies = list(pool.map(lambda _: post(running, token, site.bundle.read_bytes()), range(6)))
        assert {each.status_code for each in replies} <= {200, 429}
        assert any(each.status_code == 200 for each in replies)
        assert all(each.headers["retry-after"] for each in replies if each.status_code == 429)
    assert site.used == 20


def post(running: Running, token: str, data: bytes) -> httpx.Response:
    """An upload over the network."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/x-ndjson"}
    return httpx.post(f"{running.url}/api/v1{PATH}", content=data, headers=headers, timeout=120)
