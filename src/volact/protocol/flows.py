"""The conversations, each written once: generators that yield what to do and receive what came of it (spec P-1).

A driver answers `Prepare` with the bytes of a signed request that is on disk already, `Send` with a `Reply`, and
`Keep` with None once the newer trust is on disk. Flows raise nothing that an answer could cause but `Untrusted`;
a refusal is part of the outcome, and advice only.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from volact.credential.request import SignedRequest, parse_request
from volact.errors import Malformed, Refusal, Unreachable, Untrusted
from volact.protocol import messages, problems
from volact.protocol.messages import Answer, Versions
from volact.protocol.trust import Believed, Trust

MAX_ROOT_STEPS = 1_000
GATEWAY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make and record a signed request; `iat` is the time that the answerer told, None for the device's own clock."""

    iat: int | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Send one HTTP request and give its reply."""

    method: str
    path: str
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Keep:
    """Write the newer trust to disk."""

    trust: Trust


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a conversation ended: believed or refused, and a warning where the device's clock is off."""

    believed: Believed | None = None
    refusal: Refusal | None = None
    warning: Refusal | None = None


Step = Prepare | Send | Keep
Ask = Generator[Step, bytes | Reply | None, Outcome]
Refresh = Generator[Step, bytes | Reply | None, Trust]


def ask(trust: Trust, now: int, *, catalog: bool = True, whom: str = "service") -> Ask:
    """Asks with one signed request, catches up with the publisher's documents, and believes the answer or refuses.

    `now` is the device's clock in seconds; `catalog` is False for hosts, whose catalog waits for `host update`.
    """
    try:
        return (yield from _ask(trust, now, catalog=catalog, whom=whom))
    except Malformed as err:
        raise Untrusted(f"the answer cannot be read: {err.detail}") from err


def _ask(trust: Trust, now: int, *, catalog: bool, whom: str) -> Ask:
    asked, reply = yield from _request(None)
    refusal = _refusal_in(reply, whom)
    warning = None
    if refusal and refusal.code == "clock_out_of_range" and isinstance(refusal.fields.get("server_time"), int):
        warning, told = refusal, refusal.fields["server_time"]
        asked, reply = yield from _request(told if isinstance(told, int) else None)
        refusal = _refusal_in(reply, whom)
    if refusal:
        return Outcome(refusal=refusal)
    answer = messages.decode(Answer, reply.body)
    trust = yield from _catch_up(trust, answer.versions, catalog=catalog)
    believed = trust.answer(asked, answer)
    if warning and (believed.claims.exp or now + 1) <= now:
        return Outcome(refusal=warning)  # the answer has ended already at the device's own clock
    return Outcome(believed=believed, warning=warning)


def refresh(trust: Trust, *, catalog: bool = True) -> Refresh:
    """Fetches the newer roots, the catalog and the revocation list, and believes what is newer."""
    try:
        return (yield from _refresh(trust, catalog=catalog))
    except Malformed as err:
        raise Untrusted(f"a document cannot be read: {err.detail}") from err


def _refresh(trust: Trust, *, catalog: bool) -> Refresh:
    for _ in range(MAX_ROOT_STEPS):
        reply = yield from _send("GET", f"/v1/root/{trust.root.version + 1}")
        if reply.status != 200:
            break
        trust = yield from _kept(trust, trust.with_root(reply.body))
    if catalog:
        trust = yield from _kept(trust, trust.with_catalog((yield from _document("/v1/catalog"))))
    return (yield from _kept(trust, trust.with_revocations((yield from _document("/v1/revocations")))))


def read_answer_file(trust: Trust, request: bytes, *, data: bytes) -> tuple[Trust, Believed]:
    """Believes an answer that came as a file, and the newer roots and list in it; raises Untrusted."""
    try:
        return _read_answer_file(trust, request, data=data)
    except Malformed as err:
        raise Untrusted(f"the answer cannot be read: {err.detail}") from err


def _read_answer_file(trust: Trust, request: bytes, *, data: bytes) -> tuple[Trust, Believed]:
    answer = messages.decode_file(data)
    for text in answer.roots:
        trust = trust.with_root(text.encode())
    if answer.revocations is not None:
        trust = trust.with_revocations(answer.revocations)
    return trust, trust.answer(parse_request(request), answer)


def _request(iat: int | None) -> Generator[Step, bytes | Reply | None, tuple[SignedRequest, Reply]]:
    data = yield Prepare(iat)
    assert isinstance(data, bytes)
    reply = yield from _send("POST", "/v1/requests", data)
    return parse_request(data), reply


def _send(method: str, path: str, body: bytes | None = None) -> Generator[Step, bytes | Reply | None, Reply]:
    reply = yield Send(method, path, body)
    assert isinstance(reply, Reply)
    return reply


def _document(path: str) -> Generator[Step, bytes | Reply | None, str]:
    reply = yield from _send("GET", path)
    if reply.status != 200:
        raise Untrusted(f"{path} was answered with status {reply.status}")
    try:
        return reply.body.decode("ascii")
    except UnicodeDecodeError as err:
        raise Untrusted(f"{path} is no signed document") from err


def _kept(before: Trust, after: Trust) -> Generator[Step, bytes | Reply | None, Trust]:
    if after is not before:
        yield Keep(after)
    return after


def _catch_up(trust: Trust, newest: Versions, *, catalog: bool) -> Generator[Step, bytes | Reply | None, Trust]:
    steps = min(newest.root - trust.root.version, MAX_ROOT_STEPS)
    for _ in range(steps):
        reply = yield from _send("GET", f"/v1/root/{trust.root.version + 1}")
        if reply.status != 200:
            raise Untrusted(f"root version {trust.root.version + 1} was promised and is missing")
        trust = yield from _kept(trust, trust.with_root(reply.body))
    if catalog and newest.catalog > trust.catalog_document.version:
        trust = yield from _kept(trust, trust.with_catalog((yield from _document("/v1/catalog"))))
    if newest.revocations > trust.revocations.version:
        trust = yield from _kept(trust, trust.with_revocations((yield from _document("/v1/revocations"))))
    return trust


def _refusal_in(reply: Reply, whom: str) -> Refusal | None:
    """A refusal is advice; a gateway's own page means that nobody answered."""
    if 200 <= reply.status < 300:
        return None
    try:
        return problems.from_problem(reply.body)
    except Malformed as err:
        if reply.status in GATEWAY:
            raise Unreachable(f"a gateway answered with status {reply.status}", code=f"{whom}_unreachable") from err
        raise Untrusted(f"status {reply.status} came without a reason that can be read") from err
