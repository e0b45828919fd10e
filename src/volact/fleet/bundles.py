"""Proxy bundles: request files of computers without a network, asked for from a connected place (F24).

export    a folder of NAME.request files into one bundle, in an order that tells nothing
ask       the bundle's pages to a service, and its answers into one file; what was answered is kept, so that it goes on
hand_out  the answers to NAME.response beside NAME.request, as often as one likes
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from msgspec import UNSET

from volact.credential.request import parse_request
from volact.errors import Malformed, Refusal, Refused, VolactError
from volact.fleet.asking import Service
from volact.protocol import bundles
from volact.protocol.bundles import AnsweredRow, AnswersHead, BundleHead, Lines
from volact.protocol.messages import AnswerFile, encode

REQUEST, RESPONSE, PART = ".request", ".response", ".part"
IN_FLIGHT = 4  # pages at once: each waits for a disk of the service's
Tell = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row: `exported`, `left out`, `activated`, `refused`, `written` or `of nobody here`."""

    row: str
    result: str
    code: str | None = None


def export(folder: Path, bundle: Path, *, publisher: str | None = None) -> list[Row]:
    """Collects the request files of a folder; what is no request is left out, and said.

    All requests are for one publisher, the first one's unless it is named: those for another are left out.
    Raises Refused (`usage`) for a folder without any.
    """
    found: list[tuple[str, Path]] = []
    rows: list[Row] = []
    for path in sorted(folder.glob(f"*{REQUEST}")):
        name = path.name.removesuffix(REQUEST)
        try:
            data = _request(path)
            whose = parse_request(data).request.aud
        except VolactError as err:
            rows.append(Row(name, "left out", err.code))
            continue
        publisher = publisher or whose
        if whose != publisher:
            rows.append(Row(name, "left out", "bundle_of_other_publisher"))
            continue
        found.append((bundles.row_digest(data), path))
        rows.append(Row(name, "exported"))
    if publisher is None or not found:
        raise Refused(Refusal("usage", f"{folder} holds no request file (NAME{REQUEST})"))
    lines = Lines()
    with _whole(bundle) as file:
        file.write(lines.head(BundleHead(bundle=1, publisher=publisher)))
        for _, path in sorted(found):  # an order that tells nothing of the computers
            file.write(lines.row(_request(path)))
        file.write(lines.end())
    return rows


def ask(bundle: Path, service: Service, *, answers: Path, tell: Tell) -> list[Row]:
    """Sends a bundle to a service page by page, and writes its answers; what was answered before is not asked again.

    Raises Malformed (`bundle_damaged`) before anything is sent, Refused (`bundle_of_other_publisher`), and Unreachable
    where the service does not answer: the same call goes on from there.
    """
    with _opened(bundle, BundleHead) as (head, rows):
        total = sum(1 for _ in rows)  # the whole of it is sound before anything is sent
    said = service.head()
    if said.publisher != head.publisher:
        detail = f"the bundle is for {head.publisher}, and {said.publisher} answers at {service.url}"
        raise Refused(Refusal("bundle_of_other_publisher", detail, {"publisher": head.publisher}))
    part = answers.with_name(answers.name + PART)
    with part.open("a+b") as file:
        lines, done = _resumed(file, bundle, head=said)
        with _opened(bundle, BundleHead) as (_, rows):
            for answered in service.answered(bundles.pages(islice(rows, len(done), None)), at_once=IN_FLIGHT):
                for line in answered:
                    file.write(lines.row(line))
                    done.append(_told(bundles.read_answered(line)))
                file.flush()
                os.fsync(file.fileno())
                tell(len(done), total)
        file.write(lines.end())
        file.flush()
        os.fsync(file.fileno())
    part.replace(answers)
    return done


def hand_out(folder: Path, answers: Path) -> list[Row]:
    """Writes NAME.response beside each NAME.request that the answers know; again, the same.

    Raises Malformed (`bundle_damaged`) before anything is written.
    """
    names = {bundles.row_digest(_bytes(path)): path for path in sorted(folder.glob(f"*{REQUEST}"))}
    with _opened(answers, AnswersHead) as (_, rows):
        for line in rows:
            bundles.read_answered(line)
    done: list[Row] = []
    with _opened(answers, AnswersHead) as (head, rows):
        for row in map(bundles.read_answered, rows):
            path = names.get(row.request)
            if path is None:
                done.append(Row(row.request, "of nobody here"))
            elif row.credential is UNSET:
                done.append(Row(path.name.removesuffix(REQUEST), "refused", row.code))
            else:
                _write(path.with_suffix(RESPONSE), _answer(head, row.credential))
                done.append(Row(path.name.removesuffix(REQUEST), "written"))
    return done


def _answer(head: AnswersHead, credential: str) -> bytes:
    return encode(
        AnswerFile(
            credential=credential,
            checkpoint=head.checkpoint,
            versions=head.versions,
            roots=head.roots,
            revocations=head.revocations,
        )
    )


def _resumed(file: BinaryIO, bundle: Path, *, head: AnswersHead) -> tuple[Lines, list[Row]]:
    """The lines that are in a file of answers already, as far as they belong to this bundle; the rest is cut off."""
    file.seek(0)
    lines, done = Lines(), list[Row]()
    first = file.readline()
    whole = 0
    if first.endswith(b"\n") and _is_head(first, head.publisher):
        whole = len(first)
        with _opened(bundle, BundleHead) as (_, rows):
            for request in rows:
                line = file.readline()
                if not line.endswith(b"\n") or not _answers(line[:-1], request):
                    break
                lines.row(line[:-1])
                done.append(_told(bundles.read_answered(line[:-1])))
                whole += len(line)
    file.truncate(whole)
    file.seek(0, os.SEEK_END)
    if not whole:
        file.write(lines.head(head))
    return lines, done


def _is_head(line: bytes, publisher: str) -> bool:
    try:
        return bundles.read_head(line, AnswersHead).publisher == publisher
    except Malformed:
        return False


def _answers(line: bytes, request: bytes) -> bool:
    try:
        return bundles.read_answered(line).request == bundles.row_digest(request)
    except Malformed:
        return False


def _told(row: AnsweredRow) -> Row:
    return Row(row.request, "activated" if row.code is None else "refused", row.code)


@contextmanager
def _opened(path: Path, kind: type[bundles.Head]) -> Iterator[tuple[bundles.Head, Iterable[bytes]]]:
    """The head and the rows of a file; the rows are checked when the last one was read."""
    with path.open("rb") as file:
        head = bundles.read_head(file.readline(bundles.ROW_LIMIT * 1024), kind)
        yield head, bundles.read_rows(file)


def _request(path: Path) -> bytes:
    data = _bytes(path)
    parse_request(data)
    return data


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(bundles.ROW_LIMIT).strip()


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A new file in the place of the old one, at once and durable, or the old one as it was."""
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _write(path: Path, data: bytes) -> None:
    with _whole(path) as file:
        file.write(data)
