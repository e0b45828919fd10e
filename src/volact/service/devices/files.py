"""Requests that come as files: answered through the same door, with what the asker may be behind on (spec P-2, P-9)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import UNSET

from volact.credential.request import HostRequest, parse_request
from volact.errors import Refusal, Refused
from volact.protocol.bundles import Row, read_bundle
from volact.protocol.messages import AnswerFile, encode
from volact.protocol.results import Documents
from volact.service.app import App
from volact.service.devices.bundles import answered
from volact.service.devices.telemetry import Seen
from volact.service.usecases.sequencing import sequenced

FROM = "file"  # the address of whoever asks by one
COMMIT = 256  # rows that share a transaction


def answer_file(app: App, request: bytes) -> bytes:
    """The answer file to a request file; raises a VolactError with the code that refuses it."""
    with sequenced(app.writer), asyncio.Runner() as runner:  # the checkpoint in the file has this activation under it
        try:
            said = runner.run(app.api.answer(request, Seen(FROM)))
        finally:
            runner.run(app.finish())
    newest, asked = app.api.shelf.newest, parse_request(request).request
    return encode(
        AnswerFile(
            credential=said.credential,
            checkpoint=newest.checkpoint or UNSET,
            versions=newest.versions,
            roots=newest.roots,
            revocations=newest.revocations_text,
            catalog=newest.catalog_text if isinstance(asked, HostRequest) else None,
        )
    )


def bundle_rows(app: App, lines: Iterable[bytes]) -> Iterator[Row]:
    """The rows of a bundle; raises Refused (`bundle_of_other_publisher`), and `bundle_damaged` while they are read."""
    publisher, rows = read_bundle(lines)
    own = app.api.shelf.newest.publisher
    if publisher != own:
        detail = f"the bundle is for {publisher}, and {own} answers here"
        raise Refused(Refusal("bundle_of_other_publisher", detail, {"publisher": publisher}))
    return rows


def bundle_results(app: App, rows: Iterable[Row]) -> Iterator[bytes]:
    """A line for each row, on record when it is given; raises a VolactError if one cannot be judged for now."""
    waiting = iter(rows)
    with sequenced(app.writer), asyncio.Runner() as runner:
        try:
            while some := tuple(islice(waiting, COMMIT)):
                yield from runner.run(answered(app.api, some, seen=Seen(FROM)))
        finally:
            runner.run(app.finish())


def documents(app: App) -> Documents:
    """The publisher's documents as they stand now."""
    newest = app.api.shelf.newest
    return Documents(
        publisher=newest.publisher,
        versions=newest.versions,
        roots=newest.roots,
        catalog=newest.catalog_text,
        revocations=newest.revocations_text,
        checkpoint=newest.checkpoint or UNSET,
    )
