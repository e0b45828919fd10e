"""A whole bundle that is uploaded: spooled, looked through, answered page by page, and its answer spooled in turn.

For whoever lets people in: the management API, and pages. Memory does not grow with the bundle. A page takes its turn
with those that come over the network, so that whoever asks for one computer waits for neither.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from volact.client.files import lines_of, written
from volact.credential.encoding import b64
from volact.errors import Refusal, Refused
from volact.protocol.bundles import Row, pages
from volact.protocol.results import answer_lines, read_result
from volact.protocol.seals import LINE_LIMIT
from volact.service.app import App
from volact.service.devices.files import FROM, bundle_rows, documents
from volact.service.devices.telemetry import Seen
from volact.service.ledger import audit
from volact.service.ledger.connection import writing
from volact.service.ports import Act, Service

LIMIT = 256 * 1024 * 1024  # bytes: about 400,000 rows
AT_ONCE = 2
RETRY_AFTER = 30  # seconds
CHUNK = 256 * 1024
ACTIVATED = "activated"
ACT = "bundle answered"


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a bundle as a file that is read from its begin on, the SHA-256 of the bundle as base64url text,
    and what became of its rows: how many were activated, and how many refused by which code."""

    answer: BinaryIO
    digest: str
    tally: Counter[str]


@dataclass(slots=True)
class Uploads:
    """What answers bundles that are uploaded; they lie in the service's folder meanwhile, under no name."""

    app: App
    folder: Path
    limit: int = LIMIT
    _here: int = field(default=0, init=False)

    @asynccontextmanager
    async def answered(
        self, chunks: AsyncIterator[bytes], *, by: Callable[[Service], Act], request_id: str
    ) -> AsyncIterator[Answered]:
        """Answers the bundle that comes in chunks; what it granted, and who gave it in, is on record and in the log.

        Raises Refused: `request_too_large`, `too_many_requests`, `bundle_damaged`, `bundle_of_other_publisher`, before
        anything in it is asked; and what a row is refused with that cannot be judged for now, StorageFull among them.
        Sent again, it gets the same answer.
        """
        if self._here >= AT_ONCE:
            detail = f"{AT_ONCE} bundles are being answered already"
            raise Refused(Refusal("too_many_requests", detail, {"retry_after": RETRY_AFTER}))
        self._here += 1
        try:
            with written(self.folder), TemporaryFile(dir=self.folder) as asked, TemporaryFile(dir=self.folder) as said:
                digest = await _spool(chunks, asked, limit=self.limit)
                await asyncio.to_thread(_look_through, self.app, asked)
                with TemporaryFile(dir=self.folder) as results:
                    tally = await self._ask(asked, results, seen=Seen(FROM, request_id))
                    await self.app.commit.between(lambda: _record(self.app.writer, digest, tally=tally, by=by))
                    await self.app.sequence()  # the checkpoint at the answer's head has these activations under it
                    rows = (line[:-1] for line in lines_of(results, LINE_LIMIT))
                    await asyncio.to_thread(said.writelines, answer_lines(documents(self.app), rows))
                said.seek(0)
                yield Answered(said, digest, tally)
        finally:
            self._here -= 1

    async def _ask(self, asked: BinaryIO, results: BinaryIO, *, seen: Seen) -> Counter[str]:
        tally: Counter[str] = Counter()
        waiting = pages(bundle_rows(self.app, lines_of(asked, LINE_LIMIT)))
        while page := await asyncio.to_thread(next, waiting, tuple[Row, ...]()):
            lines = await self.app.bundles.results(page, seen=seen)
            tally.update(map(_outcome, lines))
            results.writelines(line + b"\n" for line in lines)
        return tally


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """A file from its begin on, piece by piece."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


async def _spool(chunks: AsyncIterator[bytes], asked: BinaryIO, *, limit: int) -> str:
    """Puts what comes into a file, and gives the SHA-256 of it as base64url text."""
    hashed = sha256()
    async for chunk in chunks:
        hashed.update(chunk)
        asked.write(chunk)
        if asked.tell() > limit:
            raise Refused(Refusal("request_too_large", f"a bundle that is uploaded has at most {limit} bytes"))
    return b64(hashed.digest())


def _look_through(app: App, asked: BinaryIO) -> None:
    for _ in bundle_rows(app, lines_of(asked, LINE_LIMIT)):
        pass


def _outcome(line: bytes) -> str:
    refusal = read_result(line).refusal
    return refusal.code if refusal else ACTIVATED


def _record(service: Service, digest: str, *, tally: Counter[str], by: Callable[[Service], Act]) -> None:
    refused = {code: number for code, number in sorted(tally.items()) if code != ACTIVATED}
    detail = {"rows": tally.total(), "activated": tally[ACTIVATED], "refused": refused}
    with writing(service.ledger):
        audit.write(service.ledger, by(service), what=ACT, subject=digest, detail=detail)
