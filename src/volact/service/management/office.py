"""What a running management API has, and what is known of one request to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, TypeVar

from django.http import HttpRequest

from volact.service.admission.book import Ask, Granted
from volact.service.devices.uploads import Uploads
from volact.service.ledger.connection import reading
from volact.service.ledger.rows import TokenRow
from volact.service.management.limits import Left, Limit, Limits, checked
from volact.service.ports import Act, Service
from volact.serving.batch import GroupCommit
from volact.serving.callers import Callers

Found = TypeVar("Found")
OFFICE, VISIT = "volact.office", "volact.visit"  # where both lie in the ASGI scope


@dataclass(frozen=True, slots=True)
class Office:
    """`clerk` reads, in a thread of its own; what is written goes through the door of the device API's writer."""

    clerk: Service
    writer: Service
    commit: GroupCommit[Ask, Granted]
    callers: Callers
    limits: Limits
    uploads: Uploads
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="clerk"))
    at_work: set[tuple[str, str]] = field(default_factory=set)  # tokens and Idempotency-Keys of writes under way

    async def read(self, work: Callable[[Service], Found]) -> Found:
        """Does work that reads."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, partial(work, self.clerk))

    async def write(self, work: Callable[[Service], Found]) -> Found:
        """Does work that writes, between two batches of the device API."""
        return await self.commit.between(partial(work, self.writer))

    def close(self) -> None:
        """Ends the clerk's thread."""
        self.thread.shutdown()


@dataclass(slots=True)
class Visit:
    """One request: whence, what it is called, whose token it came with, and what its limits have left."""

    address: str
    request_id: str
    token: TokenRow | None = None
    taken: dict[str, Left] = field(default_factory=dict)
    extra: list[tuple[str, str]] = field(default_factory=list)  # headers of the answer
    route: str = "unknown"  # as the document has it, so without what stands in the path
    code: str | None = None  # of a refusal
    defect: tuple[str, BaseException] | None = None  # by what the answer calls it
    body: AsyncIterator[bytes] | None = None  # of a bundle, which is not read before its token was
    answer: BinaryIO | None = None  # to it, in place of the reply's body
    held: AsyncExitStack = field(default_factory=AsyncExitStack)  # until the reply is sent

    def take(self, limit: Limit, name: str) -> None:
        """Takes one of a limit; raises Refused (`too_many_requests`)."""
        self.taken[limit.limit] = left = limit.take(name, now=time.monotonic())
        checked(left)

    @property
    def holder(self) -> TokenRow:
        """Whose token it came with, once that was checked."""
        assert self.token is not None  # no operation is offered without a scope
        return self.token

    @property
    def who(self) -> str:
        """Who acts, in the words of the audit."""
        return f"{self.holder.name} (token {self.holder.token_id})"

    def act(self, service: Service) -> Act:
        """What is done in answer to the request, now."""
        return Act(self.who, service.clock.now(), request=self.request_id)


def office_of(request: HttpRequest) -> Office:
    """The office that a request came to."""
    found: Office = _scope(request)[OFFICE]
    return found


def visit_of(request: HttpRequest) -> Visit:
    """What is known of a request."""
    found: Visit = _scope(request)[VISIT]
    return found


async def look(request: HttpRequest, work: Callable[[Service, TokenRow], Found]) -> Found:
    """Does work on one state of the record, for the holder of the request's token."""
    token = visit_of(request).holder

    def read(service: Service) -> Found:
        with reading(service.ledger):
            return work(service, token)

    return await office_of(request).read(read)


def _scope(request: HttpRequest) -> dict[str, Any]:
    scope: dict[str, Any] = request.scope
    return scope
