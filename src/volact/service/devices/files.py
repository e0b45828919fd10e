"""Requests that come as files: answered through the same door, with what the asker may be behind on (spec P-2)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import BinaryIO

from msgspec import UNSET

from volact.errors import Refusal, Refused
from volact.protocol.bundles import (
    AnswersHead,
    BundleHead,
    Lines,
    pages,
    read_head,
    read_rows,
    write_answered,
)
from volact.protocol.messages import Answer, AnswerFile, decode, encode
from volact.service.app import App
from volact.service.usecases.sequencing import sequenced
from volact.serving.asgi import HttpReply, HttpRequest

_BUNDLE = b'{"bundle":'


def answer_file(app: App, request: bytes) -> bytes:
    """The answer file to a request file; raises a VolactError with the code that refuses it."""
    with sequenced(app.writer):  # so that the checkpoint in the file has this very activation under it
        reply = asyncio.run(_asked(app, request))
    said, newest = decode(Answer, reply.body), app.api.shelf.newest
    return encode(
        AnswerFile(
            credential=said.credential,
            checkpoint=newest.checkpoint or UNSET,
            versions=newest.versions,
            roots=newest.roots,
            revocations=newest.revocations_text,
        )
    )


def is_bundle(file: BinaryIO) -> bool:
    """Whether a file begins as a bundle does; it is at its beginning again after that."""
    start = file.read(len(_BUNDLE))
    file.seek(0)
    return start == _BUNDLE


def answer_bundle(app: App, bundle: BinaryIO, *, out: BinaryIO) -> Counter[str]:
    """Writes the answers to a bundle, row by row; gives how many were activated, and refused by which codes.

    Raises Malformed (`bundle_damaged`) and Refused (`bundle_of_other_publisher`) before anything is answered.
    """
    head = read_head(bundle.readline(), BundleHead)
    publisher = app.api.shelf.newest.publisher
    if head.publisher != publisher:
        detail = f"the bundle is for {head.publisher}, and this is the service of {publisher}"
        raise Refused(Refusal("bundle_of_other_publisher", detail, {"publisher": head.publisher}))
    start = bundle.tell()
    for _ in read_rows(bundle):  # the whole of it is sound before anything is answered
        pass
    bundle.seek(start)
    with sequenced(app.writer):
        return asyncio.run(_answered(app, read_rows(bundle), out=out))


async def _answered(app: App, rows: Iterable[bytes], *, out: BinaryIO) -> Counter[str]:
    lines, count, newest = Lines(), Counter[str](), app.api.shelf.newest
    http = HttpRequest("POST", "/v1/bundles", "", {}, b"", "file")
    out.write(
        lines.head(
            AnswersHead(
                answers=1,
                publisher=newest.publisher,
                versions=newest.versions,
                roots=newest.roots,
                revocations=newest.revocations_text,
                checkpoint=newest.checkpoint or UNSET,
            )
        )
    )
    try:
        for page in pages(rows):
            for row in await asyncio.gather(*(app.api.row(request, http) for request in page)):
                out.write(lines.row(write_answered(row)))
                count[row.code or "activated"] += 1
    finally:
        await app.finish()
    out.write(lines.end())
    return count


async def _asked(app: App, request: bytes) -> HttpReply:
    try:
        return await app.api.requests(HttpRequest("POST", "/v1/requests", "", {}, request, "file"))
    finally:
        await app.finish()
