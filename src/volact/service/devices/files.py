"""Requests that come as files: answered through the same door, with what the asker may be behind on (spec P-2)."""

from __future__ import annotations

import asyncio

from msgspec import UNSET

from volact.protocol.messages import Answer, AnswerFile, decode, encode
from volact.service.app import App
from volact.service.usecases.sequencing import sequenced
from volact.serving.asgi import HttpReply, HttpRequest


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


async def _asked(app: App, request: bytes) -> HttpReply:
    try:
        return await app.api.requests(HttpRequest("POST", "/v1/requests", "", {}, request, "file"))
    finally:
        await app.finish()
