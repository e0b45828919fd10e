"""A bundle or an answer as a file: looked through once as a whole, before anything of it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from volact.client.files import lines_of
from volact.protocol.bundles import Row, pages, read_bundle
from volact.protocol.results import Documents, Result, read_answers
from volact.protocol.seals import LINE_LIMIT


@dataclass(frozen=True, slots=True)
class BundleFile:
    """A whole bundle: its publisher, how many rows it has, and a name for exactly these bytes."""

    file: BinaryIO
    publisher: str
    count: int
    mark: str

    def pages(self) -> Iterator[tuple[Row, ...]]:
        """Its pages, the same ones each time; raises Refused (`bundle_damaged`) if it was changed meanwhile."""
        return pages(read_bundle(lines_of(self.file, LINE_LIMIT))[1])


@contextmanager
def opened_bundle(path: Path) -> Iterator[BundleFile]:
    """Opens a bundle that is whole; raises Refused (`bundle_damaged`)."""
    with path.open("rb") as file:
        publisher, rows = read_bundle(lines_of(file, LINE_LIMIT))
        count = sum(1 for _ in rows)
        file.seek(0)
        hashed = sha256()
        while part := file.read(1 << 20):
            hashed.update(part)
        yield BundleFile(file, publisher, count, hashed.hexdigest())


def answers_of(file: BinaryIO) -> tuple[Documents, Iterator[Result]]:
    """The documents and results of an answer; raises Refused (`bundle_damaged`), also while the results are read."""
    return read_answers(lines_of(file, LINE_LIMIT))
