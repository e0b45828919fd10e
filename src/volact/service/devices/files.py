"""Requests that come as files: answered through the same door, with what the asker may be behind on (spec P-2)."""

from __future__ import annotations

import asyncio

from volact.protocol.messages import Answer, AnswerFile, decode, encode
from volact.service.app import App
from volact.serving.asgi import HttpRequest


def answer_file(app: App, request: bytes) -> bytes:
    """The answer file to a request file; raises a VolactError with the code that refuses it."""
    return asyncio.run(_answer(app, request))


async def _answer(app: App, request: bytes) -> bytes:
    try:
        reply = await app.api.requests(HttpRequest("POST", "/v1/requests", "", {}, request, "file"))
    finally:
        await app.commit.close()
    said, newest = decode(Answer, reply.body), app.api.shelf.newest
    return encode(
        AnswerFile(
            credential=said.credential,
            versions=newest.versions,
            roots=newest.roots,
            revocations=newest.revocations_text,
        )
    )
