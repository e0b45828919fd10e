"""Bundles over the network: a page of rows, each a request like any other (spec P-9).

Rows go through the same commits as single requests. A page hands its rows over a few at a time, and few pages are
judged at once, so that whoever asks for one computer does not wait for a thousand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from volact.errors import Refusal, Refused, VolactError
from volact.protocol.bundles import Row, read_page
from volact.protocol.results import granted_line, refused_line
from volact.service.devices.api import DeviceApi
from volact.service.devices.telemetry import Seen
from volact.serving.asgi import HttpReply, HttpRequest, Routes
from volact.serving.callers import request_id

MEDIA_TYPE = "application/x-ndjson"
AT_ONCE = 2  # pages that are judged; with their rows there is room for others in every commit
WAITING = 64  # pages: 4 MiB
AT_A_TIME = 8  # rows: about a millisecond


class BundleApi:
    """The handler of pages."""

    def __init__(self, api: DeviceApi) -> None:
        self._api = api
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._here = 0

    @property
    def routes(self) -> Routes:
        """Method and path of what is offered."""
        return {("POST", "/v1/bundles"): self.page}

    async def page(self, http: HttpRequest) -> HttpReply:
        """Answers the rows of a page, each by itself; refuses it as a whole where one cannot be judged for now."""
        if self._here >= AT_ONCE + WAITING:
            raise Refused(Refusal("too_many_requests", f"{WAITING} pages are waiting already", {"retry_after": 1}))
        self._here += 1
        try:
            seen = Seen(self._api.callers.address(http), request_id(http))
            async with self._turns:
                lines = await answered(self._api, read_page(http.body), seen=seen)
        finally:
            self._here -= 1
        return HttpReply(b"".join(line + b"\n" for line in lines), media=MEDIA_TYPE)

    async def results(self, page: Sequence[Row], *, seen: Seen) -> list[bytes]:
        """A line for each row of a page that came another way, in its turn among the others."""
        async with self._turns:
            return await answered(self._api, page, seen=seen)


async def answered(api: DeviceApi, rows: Sequence[Row], *, seen: Seen) -> list[bytes]:
    """A line for each row, in their order; raises the VolactError of one that cannot be judged for now."""
    asked = []
    for number, row in enumerate(rows, 1):
        asked.append(asyncio.create_task(_line(api, row, seen=replace(seen))))
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)  # whoever asks for one computer is not held up by a page
    lines = []
    for found in await asyncio.gather(*asked):
        if isinstance(found, VolactError):
            raise found
        lines.append(found)
    return lines


async def _line(api: DeviceApi, row: Row, *, seen: Seen) -> bytes | VolactError:
    try:
        return granted_line(row.digest, await api.answer(row.line, seen))
    except VolactError as err:
        return err if err.refusal.known.status == 503 else refused_line(row.digest, err.refusal)
