"""A write that is done once, however often it is sent under its Idempotency-Key.

What was answered is on record with what was done, in one transaction: a caller that lost the answer sends the same
request again and gets the same answer. Refusals are not kept: the request is judged anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from ninja import Header

from volact.errors import Refusal, Refused
from volact.service.ledger import idempotency
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.idempotency import AnsweredRow
from volact.service.management.office import Visit, office_of, visit_of
from volact.service.ports import Act, Service
from volact.service.signing import sign_pending

IdempotencyKey = Annotated[
    str,
    Header(
        ...,
        alias="Idempotency-Key",
        description="Drawn by the caller for one write; sent again with the same body, it does nothing a second time.",
        min_length=8,
        max_length=64,
        pattern=r"^[!-~]+$",
    ),
]
Answer = dict[str, Any]
Work = Callable[[Service, Act], Answer | Refusal]
Prepared = TypeVar("Prepared")


async def once(request: HttpRequest, key: str, *, work: Work) -> Answer:
    """Does a write once; raises Refused: `idempotency_key_reused`, `idempotency_in_flight`, and what the work does.

    A refusal that the work gives back, where others are raised, leaves on record what the work has written.
    """

    async def nothing() -> None:
        return None

    return await prepared_once(request, key, prepare=nothing, work=lambda service, act, _: work(service, act))


async def prepared_once(
    request: HttpRequest,
    key: str,
    *,
    prepare: Callable[[], Awaitable[Prepared]],
    work: Callable[[Service, Act, Prepared], Answer | Refusal],
) -> Answer:
    """The same for a write with a slow part that writes nothing: `prepare` does it while the writer is free.

    The clerk is free too, unless `prepare` asks it for something.
    """
    office, visit = office_of(request), visit_of(request)
    digest = _digest(request)
    mine = (visit.holder.token_id, key)
    if mine in office.at_work:
        raise Refused(Refusal("idempotency_in_flight", "a request with this Idempotency-Key is being answered"))
    office.at_work.add(mine)
    try:
        found = await office.read(lambda service: _recorded(service, visit, key=key, digest=digest))
        if found is not None:
            return found
        ready = await prepare()

        def commit(service: Service) -> Answer:
            return _commit(service, visit, key=key, digest=digest, work=lambda act: work(service, act, ready))

        return await office.write(commit)
    finally:
        office.at_work.discard(mine)


async def write(request: HttpRequest, work: Callable[[Service, Act], Answer]) -> Answer:
    """Does a write that may as well be done again, or does nothing the second time."""
    office, visit = office_of(request), visit_of(request)
    return await office.write(lambda service: work(service, visit.act(service)))


def _commit(
    service: Service, visit: Visit, *, key: str, digest: bytes, work: Callable[[Act], Answer | Refusal]
) -> Answer:
    with writing(service.ledger):
        found = _recorded(service, visit, key=key, digest=digest)  # by another process, meanwhile
        if found is not None:
            return found
        act = visit.act(service)
        answer = work(act)
        if not isinstance(answer, Refusal):
            row = AnsweredRow(visit.holder.token_id, key, digest, json.dumps(answer), act.now)
            idempotency.record(service.ledger, row)
    sign_pending(service)
    if isinstance(answer, Refusal):
        raise Refused(answer)
    return answer


def _recorded(service: Service, visit: Visit, *, key: str, digest: bytes) -> Answer | None:
    with reading(service.ledger):
        row = idempotency.answered(service.ledger, visit.holder.token_id, key=key, now=service.clock.now())
    if row is None:
        return None
    if row.digest != digest:
        raise Refused(Refusal("idempotency_key_reused", "another request was answered under this Idempotency-Key"))
    visit.extra.append(("idempotency-replayed", "true"))
    answer: Answer = json.loads(row.answer)
    return answer


def _digest(request: HttpRequest) -> bytes:
    asked = (request.method or "", request.get_full_path(), request.headers.get("Content-Type", ""))
    return hashlib.sha256("\n".join(asked).encode() + b"\n" + bytes(request.body)).digest()
