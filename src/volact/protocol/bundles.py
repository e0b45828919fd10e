"""One file for the requests of many computers, and the pages in which it travels (spec P-9).

A row is a request as its computer signed it and nothing else. Rows are sorted by their digests, so that their order
tells nothing of where they come from; none can stand in a bundle twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeVar

import msgspec

from volact.credential import jws, strictjson
from volact.credential.encoding import b64, digest
from volact.credential.fields import Publisher
from volact.credential.jws import CREDENTIAL_LIMIT
from volact.credential.request import REQUEST_TYP
from volact.errors import Malformed, Refusal, Refused
from volact.protocol.seals import damaged, opened, sealed

PAGE_LIMIT = 64 * 1024
PAGE_ROWS = 128
_MARK = b'{"bundle":'


class Row(NamedTuple):
    """One request: the digest of what was signed, which names the row, and the line that holds it."""

    digest: str
    line: bytes


class Read(NamedTuple):
    """A request that was read as a row: the publisher that it asks, and its operation, empty where it names none."""

    row: Row
    publisher: str
    op: str


class BundleHead(msgspec.Struct, frozen=True):
    """Whose bundle it is."""

    bundle: Literal[1]
    publisher: Publisher


Head = TypeVar("Head", bound=msgspec.Struct)


def is_bundle(data: bytes) -> bool:
    """Whether a file that begins so is meant as a bundle, and not as the request of one computer."""
    return data.startswith(_MARK)


def read_row(data: bytes) -> Read:
    """A request as a row; its signature is not looked at. Raises Malformed."""
    token = jws.parse_flattened(data, typ=REQUEST_TYP)
    said = strictjson.loads(token.payload)
    if not isinstance(said, dict) or not isinstance(said.get("aud"), str):
        raise Malformed("the request asks no publisher")
    protected, payload = token.signing_input.decode().split(".")
    members = {"protected": protected, "payload": payload, "signature": b64(token.signature)}
    op = said.get("op")
    row = Row(digest(token.signing_input), strictjson.dumps(members))
    return Read(row, said["aud"], op if isinstance(op, str) else "")


def bundle_lines(publisher: str, rows: Iterable[Row]) -> Iterator[bytes]:
    """The lines of a bundle of that publisher's requests; `rows` come sorted by their digests."""
    return sealed(msgspec.json.encode(BundleHead(1, publisher)), (row.line for row in rows))


def read_bundle(lines: Iterable[bytes]) -> tuple[str, Iterator[Row]]:
    """The publisher that a bundle asks, and its rows, each judged as it is read.

    Raises Refused (`bundle_damaged`), also while the rows are read: a bundle is whole once the last of them was.
    """
    body = opened(lines)
    publisher = read_head(next(body), BundleHead).publisher
    return publisher, _rows(body, publisher)


def read_head(line: bytes, kind: type[Head], *, limit: int = CREDENTIAL_LIMIT) -> Head:
    """The first line of a file; raises Refused (`bundle_damaged`)."""
    try:
        return msgspec.convert(strictjson.loads(line, limit), kind)
    except (Malformed, msgspec.ValidationError) as err:
        raise damaged(f"the file is none, or of a later version: {err}", row=0) from err


def ascending(number: int, name: str, *, before: str) -> None:
    """Raises Refused (`bundle_damaged`) for a row that is there twice, or not in its place."""
    if name <= before:
        raise damaged("the row is there twice" if name == before else "the row is not in its place", row=number)


def pages(rows: Iterable[Row]) -> Iterator[tuple[Row, ...]]:
    """The rows in pages, as many in each as it takes; the same rows always make the same pages."""
    page: list[Row] = []
    size = 0
    for row in rows:
        length = len(row.line) + 1
        if page and (size + length > PAGE_LIMIT or len(page) == PAGE_ROWS):
            yield tuple(page)
            page, size = [], 0
        page.append(row)
        size += length
    if page:
        yield tuple(page)


def page_body(page: Iterable[Row]) -> bytes:
    """A page as it is sent."""
    return b"".join(row.line + b"\n" for row in page)


def read_page(body: bytes) -> tuple[Row, ...]:
    """The rows of a page that was sent; raises Malformed, or Refused (`request_too_large`) for too many rows."""
    lines = body.split(b"\n", PAGE_ROWS + 1)
    if len(lines) > PAGE_ROWS + 1:
        raise Refused(Refusal("request_too_large", f"a page has at most {PAGE_ROWS} rows"))
    if len(lines) < 2 or lines.pop():
        raise Malformed("a page has at least one row, and each of them ends with a line feed")
    return tuple(read_row(line).row for line in lines)


def _rows(body: Iterator[bytes], publisher: str) -> Iterator[Row]:
    before = ""
    for number, line in enumerate(body, 1):
        try:
            row, asked, _ = read_row(line)
        except Malformed as err:
            raise damaged(err.detail, row=number) from err
        if row.line != line:
            raise damaged("the request is not in the form of a row", row=number)
        if asked != publisher:
            raise damaged(f"the request is for {asked}, and the bundle for {publisher}", row=number)
        ascending(number, row.digest, before=before)
        before = row.digest
        yield row
