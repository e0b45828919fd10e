"""What a service has answered of a bundle so far: a file beside the answer, so that a stopped run goes on from there.

A head names the bundle; each page is a line that says how long it is and what it hashes to, and its results. A page
that was cut by a crash is none, and is asked again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec

from volact.client.files import written
from volact.errors import Refusal, Refused
from volact.protocol.seals import LINE_LIMIT

Number = Annotated[int, msgspec.Meta(ge=0, le=2**40)]


class _Head(msgspec.Struct, frozen=True):
    page: Number
    bytes: Number
    rows: Number
    sha256: str


@dataclass(frozen=True, slots=True)
class _Place:
    at: int
    rows: int


@dataclass(slots=True)
class Partial:
    """The pages that are on disk, by their numbers."""

    _file: BinaryIO
    rows: int = 0  # that are answered
    _pages: dict[int, _Place] = field(default_factory=dict)

    def has(self, page: int) -> bool:
        """Whether a page is answered."""
        return page in self._pages

    def add(self, page: int, lines: Sequence[bytes]) -> None:
        """Puts a page's results on disk."""
        body = b"".join(line + b"\n" for line in lines)
        head = _Head(page, len(body), len(lines), sha256(body).hexdigest())
        self._file.seek(0, os.SEEK_END)
        self._file.write(msgspec.json.encode(head) + b"\n")
        at = self._file.tell()
        self._file.write(body)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._note(page, _Place(at, len(lines)))

    def lines(self) -> Iterator[bytes]:
        """The results of all pages, in their order."""
        for _, place in sorted(self._pages.items()):
            self._file.seek(place.at)
            for _ in range(place.rows):
                yield self._file.readline(LINE_LIMIT)[:-1]

    def begin(self, mark: str) -> None:
        """Reads what is there of the bundle of that mark, and drops the rest."""
        head = msgspec.json.encode({"partial": 1, "bundle": mark}) + b"\n"
        self._file.seek(0)
        whole = len(head) if self._file.readline(LINE_LIMIT) == head else 0
        while whole and (found := self._next()) is not None:
            self._note(*found)
            whole = self._file.tell()
        self._file.truncate(whole)
        if not whole:
            self._file.seek(0)
            self._file.write(head)
            self._file.flush()

    def _note(self, page: int, place: _Place) -> None:
        self._pages[page] = place
        self.rows += place.rows

    def _next(self) -> tuple[int, _Place] | None:
        try:
            said = msgspec.json.decode(self._file.readline(LINE_LIMIT), type=_Head)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        at, body = self._file.tell(), self._file.read(said.bytes)
        whole = sha256(body).hexdigest() == said.sha256 and body.count(b"\n") == said.rows
        return (said.page, _Place(at, said.rows)) if whole else None


@contextmanager
def opened_partial(answer: Path, mark: str) -> Iterator[Partial]:
    """What is answered of the bundle of that mark; gone when the answer is written, else kept.

    Raises Refused (`folder_in_use`) while another program asks for the same answer, and what `written` raises.
    """
    path = answer.with_name(f"{answer.name}.partial")
    with written(path.parent), path.open("a+b") as appended, path.open("r+b") as file:
        try:
            fcntl.flock(appended, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise Refused(Refusal("folder_in_use", f"another program is asking for {answer}")) from err
        partial = Partial(file)
        partial.begin(mark)
        try:
            yield partial
        except BaseException:
            if not partial.rows:
                path.unlink()
            raise
        path.unlink()
