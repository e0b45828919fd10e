"""The conversations, each written once: generators that yield what to do and receive what came of it (spec P-1).

A driver answers `Prepare` with the bytes of a signed request that is on disk already, `Send` with a `Reply`, and
`Keep` with None once the newer trust is on disk. Flows raise nothing that an answer could cause but `Untrusted`;
a refusal is part of the outcome, and advice only.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from volact.credential.request import SignedRequest, parse_request
from volact.errors import Malformed, Refusal, Unreachable, Untrusted
from volact.protocol import messages, problems
from volact.protocol.messages import Answer, AnswerFile, Versions
from volact.protocol.trust import Believed, Older, Trust

MAX_ROOT_STEPS = 1_000  # as many root versions are fetched where they are not judged one by one
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
    """How a conversation ended: believed or refused, a warning where the device's clock is off, and a notice.

    The notice is the code of what would refuse the request if it came for the first time now. The checkpoint is that of
    the answer, not believed yet.
    """

    believed: Believed | None = None
    refusal: Refusal | None = None
    warning: Refusal | None = None
    notice: str | None = None
    checkpoint: str | None = None


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
    if refusal and (told := _told_time(refusal)) is not None:
        warning = refusal
        asked, reply = yield from _request(told)
        refusal = _refusal_in(reply, whom)
    if refusal:
        return Outcome(refusal=refusal)
    answer = messages.decode(Answer, reply.body)
    trust = yield from _newest_root(trust, answer.versions.root)
    trust = yield from _newest_lists(trust, _needed(trust, answer), catalog=catalog)
    believed = trust.answer(asked, answer)
    if warning and (believed.claims.exp or now + 1) <= now:
        return Outcome(refusal=warning)  # the answer has ended already at the device's own clock
    return Outcome(
        believed=believed,
        warning=warning,
        notice=None if answer.notice is msgspec.UNSET else answer.notice,
        checkpoint=None if answer.checkpoint is msgspec.UNSET else answer.checkpoint,
    )


def refresh(trust: Trust, *, catalog: bool = True) -> Refresh:
    """Fetches the newer roots, the catalog and the revocation list, and believes what is newer."""
    try:
        return (yield from _refresh(trust, catalog=catalog))
    except Malformed as err:
        raise Untrusted(f"a document cannot be read: {err.detail}") from err


def _refresh(trust: Trust, *, catalog: bool) -> Refresh:
    while (reply := (yield from _send("GET", f"/v1/root/{trust.root.version + 1}"))).status == 200:
        trust = yield from _next_root(trust, reply)
    trust = yield from _list(trust, "/v1/revocations")
    return (yield from _list(trust, "/v1/catalog")) if catalog else trust


def read_answer_file(trust: Trust, request: bytes, *, data: bytes, catalog: bool = False) -> tuple[Trust, Believed]:
    """Believes an answer that came as a file, and what is newer in it: roots, list, the catalog where it is asked for.

    Raises Untrusted.
    """
    try:
        return _read_answer_file(trust, request, data=data, catalog=catalog)
    except Malformed as err:
        raise Untrusted(f"the answer cannot be read: {err.detail}") from err


def _read_answer_file(trust: Trust, request: bytes, *, data: bytes, catalog: bool) -> tuple[Trust, Believed]:
    answer = messages.decode_file(data)
    trust = caught_up(trust, answer, catalog=catalog)
    return trust, trust.answer(parse_request(request), answer)


def caught_up(trust: Trust, answer: AnswerFile, *, catalog: bool = False) -> Trust:
    """Believes what an answer file has newer; a list or catalog that is older, as in a kept file, is passed."""
    for text in answer.roots:
        trust = trust.with_root(text.encode())
    if answer.revocations is not None:
        with suppress(Older):
            trust = trust.with_revocations(answer.revocations)
    if catalog and answer.catalog is not None:
        with suppress(Older):
            trust = trust.with_catalog(answer.catalog)
    return trust


def _request(iat: int | None) -> Generator[Step, bytes | Reply | None, tuple[SignedRequest, Reply]]:
    data = yield Prepare(iat)
    assert isinstance(data, bytes)
    reply = yield from _send("POST", "/v1/requests", body=data)
    return parse_request(data), reply


def _send(method: str, path: str, *, body: bytes | None = None) -> Generator[Step, bytes | Reply | None, Reply]:
    reply = yield Send(method, path, body)
    assert isinstance(reply, Reply)
    return reply


def _list(trust: Trust, path: str) -> Generator[Step, bytes | Reply | None, Trust]:
    """Fetches catalog or revocation list; an older one changes nothing, for a host may be behind its clients (F17)."""
    reply = yield from _send("GET", path)
    if reply.status != 200:
        raise Untrusted(f"{path} was answered with status {reply.status}")
    text = reply.body.decode("ascii", "replace")  # what is not ASCII is refused where it is read
    try:
        newer = trust.with_catalog(text) if path == "/v1/catalog" else trust.with_revocations(text)
    except Older:
        return trust
    return (yield from _kept(trust, newer))


def _kept(before: Trust, after: Trust) -> Generator[Step, bytes | Reply | None, Trust]:
    if after is not before:
        yield Keep(after)
    return after


def _newest_root(trust: Trust, newest: int) -> Generator[Step, bytes | Reply | None, Trust]:
    while trust.root.version < newest:
        reply = yield from _send("GET", f"/v1/root/{trust.root.version + 1}")
        if reply.status != 200:
            raise Untrusted(f"root version {trust.root.version + 1} was promised and is missing")
        trust = yield from _next_root(trust, reply)
    return trust


def _next_root(trust: Trust, reply: Reply) -> Generator[Step, bytes | Reply | None, Trust]:
    """Every step is a version signed by the root keys, so that no answerer can make the way longer than it is."""
    newer = trust.with_root(reply.body)
    if newer is trust:
        raise Untrusted(f"root version {trust.root.version + 1} was asked for, and an older one came")
    return (yield from _kept(trust, newer))


def _newest_lists(trust: Trust, newest: Versions, *, catalog: bool) -> Generator[Step, bytes | Reply | None, Trust]:
    if newest.revocations > trust.counted("revocations"):
        trust = yield from _list(trust, "/v1/revocations")
    if catalog and newest.catalog > trust.counted("catalog"):
        trust = yield from _list(trust, "/v1/catalog")
    return trust


def _needed(trust: Trust, answer: Answer) -> Versions:
    """The versions to catch up with: those promised, and the list that the host's certificate asks for."""
    least = 0 if answer.certificate is None else trust.certificate(answer.certificate).rev_min
    return replace(answer.versions, revocations=max(answer.versions.revocations, least))


def _told_time(refusal: Refusal) -> int | None:
    """The answerer's time where it says that a clock is wrong; an absurd one is no time."""
    told = refusal.fields.get("server_time")
    is_time = refusal.code == "clock_out_of_range" and type(told) is int and 0 <= told <= 2**40
    return told if is_time and isinstance(told, int) else None


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
