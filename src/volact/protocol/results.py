"""What comes back for a bundle: the publisher's documents once, and a result for each row (spec P-9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from volact.credential import strictjson
from volact.credential.fields import Hash, Publisher
from volact.errors import Malformed, Refusal
from volact.protocol import problems
from volact.protocol.bundles import Row, ascending, read_head
from volact.protocol.messages import ANSWER_LIMIT, Answer, AnswerFile, Code, Versions
from volact.protocol.seals import LINE_LIMIT, damaged, opened, sealed


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    """What the publisher had signed when the last row was answered: the head of an answer to a bundle."""

    answers: Literal[1] = 1
    publisher: Publisher
    versions: Versions
    roots: tuple[str, ...]
    catalog: str
    revocations: str
    checkpoint: str | msgspec.UnsetType = msgspec.UNSET


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    digest: Hash
    credential: str | msgspec.UnsetType = msgspec.UNSET
    notice: Code | msgspec.UnsetType = msgspec.UNSET
    problem: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row: a credential, with a notice where one came, or a refusal."""

    digest: str
    credential: str | None = None
    notice: str | None = None
    refusal: Refusal | None = None


def granted_line(digest: str, answer: Answer) -> bytes:
    """The line of a row that was granted."""
    return msgspec.json.encode(_Line(digest=digest, credential=answer.credential, notice=answer.notice))


def refused_line(digest: str, refusal: Refusal) -> bytes:
    """The line of a row that was refused."""
    _, problem = problems.to_problem(refusal)
    return b'{"digest":"' + digest.encode() + b'","problem":' + problem + b"}"


def read_result(line: bytes) -> Result:
    """One line; raises Malformed."""
    try:
        said = msgspec.convert(strictjson.loads(line, ANSWER_LIMIT), _Line)
    except msgspec.ValidationError as err:
        raise Malformed(f"the result's content does not fit: {err}") from err
    if (said.credential is msgspec.UNSET) == (said.problem is msgspec.UNSET):
        raise Malformed("a result is a credential or a problem")
    notice = None if said.notice is msgspec.UNSET else said.notice
    if said.credential is not msgspec.UNSET:
        return Result(said.digest, said.credential, notice)
    return Result(said.digest, refusal=problems.from_problem(strictjson.dumps(said.problem)))


def page_lines(body: bytes, page: Sequence[Row]) -> tuple[bytes, ...]:
    """The lines that answered a page, one for each row in the page's order; raises Malformed."""
    lines = body.split(b"\n")
    if lines.pop() or len(lines) != len(page):
        raise Malformed(f"{len(page)} rows were asked, and {len(lines)} came back")
    if any(read_result(line).digest != row.digest for line, row in zip(lines, page, strict=True)):
        raise Malformed("a result answers another row")
    return tuple(lines)


def answer_lines(documents: Documents, lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of the answer to a bundle; results come in the order of the bundle's rows."""
    return sealed(msgspec.json.encode(documents), lines)


def read_answers(lines: Iterable[bytes]) -> tuple[Documents, Iterator[Result]]:
    """The documents and the results of an answer, each judged as it is read; none of it is believed yet.

    Raises Refused (`bundle_damaged`), also while the results are read: an answer is whole once the last of them was.
    """
    body = opened(lines)
    documents = read_head(next(body), Documents, limit=LINE_LIMIT)
    return documents, _results(body)


def response(documents: Documents, result: Result, *, to_host: bool = False) -> AnswerFile:
    """The answer file for the computer or host whose row was granted; that of a host has the catalog too."""
    assert result.credential is not None
    return AnswerFile(
        credential=result.credential,
        versions=documents.versions,
        notice=result.notice or msgspec.UNSET,
        checkpoint=documents.checkpoint,
        roots=documents.roots,
        revocations=documents.revocations,
        catalog=documents.catalog if to_host else None,
    )


def _results(body: Iterator[bytes]) -> Iterator[Result]:
    before = ""
    for number, line in enumerate(body, 1):
        try:
            result = read_result(line)
        except Malformed as err:
            raise damaged(err.detail, row=number) from err
        ascending(number, result.digest, before=before)
        before = result.digest
        yield result
