"""Bundles: requests of many computers in one file, and the answers to them in another (spec P-9).

Both are lines of JSON: a head, one line a row, and an end that counts the rows and hashes them. A bundle holds the
signed requests and nothing else; a row of the answers is found by the SHA-256 of its request. Lines are read and
written one by one, so that a file may be larger than the memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec

from volact.credential import strictjson
from volact.credential.encoding import b64, digest
from volact.credential.fields import Publisher
from volact.credential.jws import CREDENTIAL_LIMIT, DOCUMENT_LIMIT
from volact.errors import Malformed
from volact.protocol.messages import ANSWER_LIMIT, Versions

ROW_LIMIT = 2 * CREDENTIAL_LIMIT
PAGE_BYTES = 64 * 1024
PAGE_ROWS = 256
_HEAD_LIMIT = 2 * DOCUMENT_LIMIT


class BundleHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a bundle: whose service it is for."""

    bundle: Literal[1]
    publisher: Publisher


class AnswersHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of the answers: what their computers may be behind on."""

    answers: Literal[1]
    publisher: Publisher
    versions: Versions
    roots: tuple[str, ...]
    revocations: str
    checkpoint: str | msgspec.UnsetType = msgspec.UNSET


class AnsweredRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one request: a credential, or the problem that refuses it."""

    request: str
    credential: str | msgspec.UnsetType = msgspec.UNSET
    problem: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET

    @property
    def code(self) -> str | None:
        """The code of a refusal, or None."""
        return None if self.problem is msgspec.UNSET else str(self.problem.get("code"))


class _End(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rows: int
    sha256: str


Head = TypeVar("Head", BundleHead, AnswersHead)


@dataclass(slots=True)
class Lines:
    """Writes the lines of a file, one after the other."""

    rows: int = 0
    _sum: Any = field(default_factory=hashlib.sha256)

    def head(self, said: BundleHead | AnswersHead) -> bytes:
        """The first line."""
        return msgspec.json.encode(said) + b"\n"

    def row(self, row: bytes) -> bytes:
        """One row; raises Malformed for one that is no line, or too long."""
        if not 0 < len(row) <= ANSWER_LIMIT or b"\n" in row or b"\r" in row:
            raise Malformed("a row is one line of at most 64 KiB", code="bundle_damaged")
        self.rows += 1
        self._sum.update(row + b"\n")
        return row + b"\n"

    def end(self) -> bytes:
        """The last line."""
        return msgspec.json.encode(_End(rows=self.rows, sha256=b64(self._sum.digest()))) + b"\n"


def row_digest(request: bytes) -> str:
    """What a request is found by in the answers."""
    return digest(request)


def read_head(line: bytes, kind: type[Head]) -> Head:
    """Reads the first line; raises Malformed (`bundle_damaged`)."""
    return _convert(line, kind, limit=_HEAD_LIMIT)


def read_rows(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The rows between the head, which was read before, and the end, which has to fit them.

    Raises Malformed (`bundle_damaged`) at the end, so that whoever acts on rows reads all of them first.
    """
    known, before = Lines(), None
    for line in lines:
        if before is not None:
            known.row(before)
            yield before
        if not line.endswith(b"\n"):
            raise _damaged("the file was cut off in the middle of a line")
        before = line[:-1]
    if before is None:
        raise _damaged("the file was cut off: its end is missing")
    end = _convert(before, _End, limit=ANSWER_LIMIT)
    if (end.rows, end.sha256) != (known.rows, msgspec.json.decode(known.end(), type=_End).sha256):
        raise _damaged("the rows are not those that the file was made of")


def read_answered(row: bytes) -> AnsweredRow:
    """Reads one row of the answers; raises Malformed (`bundle_damaged`)."""
    found = _convert(row, AnsweredRow, limit=ANSWER_LIMIT)
    if (found.credential is msgspec.UNSET) == (found.problem is msgspec.UNSET):
        raise _damaged("a row of the answers has a credential, or the problem that refuses it")
    return found


def write_answered(row: AnsweredRow) -> bytes:
    """One row of the answers."""
    return msgspec.json.encode(row)


def pages(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The rows in pages that a service takes at once, in their order."""
    page: list[bytes] = []
    size = 0
    for row in rows:
        if page and (len(page) == PAGE_ROWS or size + len(row) + 1 > PAGE_BYTES):
            yield page
            page, size = [], 0
        page.append(row)
        size += len(row) + 1
    if page:
        yield page


Kind = TypeVar("Kind")


def _convert(line: bytes, kind: type[Kind], *, limit: int) -> Kind:
    try:
        return msgspec.convert(strictjson.loads(line, limit), kind)
    except (Malformed, msgspec.ValidationError) as err:
        raise _damaged(f"a line is not what it has to be: {err}") from err


def _damaged(why: str) -> Malformed:
    return Malformed(why, code="bundle_damaged")
