"""The requests of a folder as one bundle, which says nothing of the folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

from volact.client.files import write_lines, written
from volact.errors import Refusal, Refused
from volact.fleet.requestfiles import RESPONSE, Tell, is_confirmed, names_in, read_file
from volact.protocol.bundles import Row, bundle_lines


class Entry(NamedTuple):
    """A request by its digest, where its line lies in the spool, and the file that it came from."""

    digest: str
    name: str
    publisher: str
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export took, in the order of the bundle, and what it left out."""

    publisher: str
    rows: tuple[Entry, ...]
    left_out: tuple[tuple[str, Refusal], ...]


def export(folder: Path, bundle: Path, *, tell: Tell) -> Exported:
    """Writes the bundle anew; what is no request, is there twice, or asks another publisher than most, is left out.

    Raises Refused (`usage`) where there is nothing to export, StorageFull,
    `home_not_writable`.
    """
    left_out: list[tuple[str, Refusal]] = []
    with written(bundle.absolute().parent), TemporaryFile(dir=bundle.absolute().parent) as spool:
        entries = list(_spooled(folder, spool, left_out=left_out, tell=tell))
        if not entries:
            raise Refused(Refusal("usage", f"{folder} holds no request that could be exported (NAME.request)"))
        publisher = Counter(each.publisher for each in entries).most_common(1)[0][0]
        rows = _chosen(sorted(entries), publisher, left_out=left_out)
        write_lines(bundle.absolute(), bundle_lines(publisher, _read(spool, rows)))
    return Exported(publisher, tuple(rows), tuple(sorted(left_out, key=lambda each: each[0])))


def _spooled(folder: Path, spool: BinaryIO, *, left_out: list[tuple[str, Refusal]], tell: Tell) -> Iterator[Entry]:
    at, names = 0, names_in(folder)
    for number, name in enumerate(names, 1):
        found = read_file(folder, name)
        tell(number, len(names))
        if is_confirmed(folder, name):
            left_out.append((name, Refusal("request_confirmed", f"{name}{RESPONSE} is a confirmation")))
            continue
        if found.row is None:
            left_out.append((name, found.refusal or Refusal("request_malformed", "no request")))
            continue
        spool.write(found.row.line)
        yield Entry(found.row.digest, name, found.publisher, at, len(found.row.line))
        at += len(found.row.line)


def _chosen(entries: list[Entry], publisher: str, *, left_out: list[tuple[str, Refusal]]) -> list[Entry]:
    rows: list[Entry] = []
    for entry in entries:
        if entry.publisher != publisher:
            detail = f"the request is for {entry.publisher}, and most are for {publisher}"
            left_out.append((entry.name, Refusal("bundle_of_other_publisher", detail)))
        elif rows and rows[-1].digest == entry.digest:
            left_out.append((entry.name, Refusal("request_repeated", f"{rows[-1].name} is the same request")))
        else:
            rows.append(entry)
    return rows


def _read(spool: BinaryIO, rows: list[Entry]) -> Iterator[Row]:
    for entry in rows:
        spool.seek(entry.at)
        yield Row(entry.digest, spool.read(entry.length))
