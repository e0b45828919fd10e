"""Watching the publisher's log: the checkpoints that are kept, and what a new one says beside them (spec P-7).

Flows as in `flows`, written once for clients and hosts. Whatever comes of them changes no license state.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from volact.credential import merkle, strictjson
from volact.credential.checkpoint import Checkpoint, contradiction
from volact.credential.encoding import unb64
from volact.errors import Malformed, Refusal, Untrusted, Words
from volact.protocol.flows import Reply, Send
from volact.protocol.trust import Trust

PROOF_LIMIT = 16 * 1024  # bytes: two hashes for each doubling of a log of 2^40 entries are a third of it


@dataclass(frozen=True, slots=True)
class Kept:
    """The checkpoints that somebody keeps: the one up to which everything was proved, and the newest."""

    proven: str
    newest: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be kept from now on, and the refusal (`log_forked`) where a checkpoint does not fit those kept."""

    kept: Kept | None
    forked: Refusal | None = None


Watch = Generator[Send, Any, Seen]


def watch(trust: Trust, kept: Kept | None) -> Watch:
    """Asks for the newest checkpoint and compares it; whoever has none is no reason for a word."""
    reply = yield Send("GET", "/v1/log/checkpoint")
    assert isinstance(reply, Reply)
    text = reply.body.decode("ascii", "replace") if reply.status == 200 else None
    return (yield from compare(trust, kept, offered=text, asks=True))


def compare(trust: Trust, kept: Kept | None, *, offered: str | None, asks: bool) -> Watch:
    """Compares a checkpoint that came with those kept; with `asks` it asks for the proofs that lead to it.

    One that is not believed, and a proof that does not come, change nothing and are no reason for a word.
    """
    said = _believed(trust, offered)
    if offered is None or said is None:
        return Seen(kept)
    held = _held(trust, kept)
    if not held:
        return Seen(Kept(offered, offered))
    for text, each in held.items():
        against = contradiction(each, said)
        if against is not None:
            return Seen(kept, _forked(against, text, offered=offered))
    proven, newest = next(iter(held)), max((*held, offered), key=lambda text: (held | {offered: said})[text].size)
    shown = asks
    for text, each in held.items() if asks else ():
        continued = (yield from _continued(each, said)) if each.size < said.size else True
        if continued is False:
            detail = f"the log of {said.size} entries does not begin with the {each.size} that were signed before"
            return Seen(kept, _forked(detail, text, offered=offered))
        shown = shown and bool(continued)
    if shown and said.size >= held[proven].size:
        proven = offered
    return Seen(Kept(proven, newest))


def _believed(trust: Trust, text: str | None) -> Checkpoint | None:
    if text is None:
        return None
    try:
        return trust.checkpoint(text)
    except (Malformed, Untrusted):
        return None


def _held(trust: Trust, kept: Kept | None) -> dict[str, Checkpoint]:
    """The kept checkpoints that are believed still, the proven one first; a key that was compromised takes its own."""
    texts = (kept.proven, kept.newest) if kept else ()
    return {text: said for text in texts if (said := _believed(trust, text)) is not None}


def _continued(older: Checkpoint, newer: Checkpoint) -> Generator[Send, Any, bool | None]:
    """Whether the newer log is shown to begin with the older one; None where nobody shows anything."""
    reply = yield Send("GET", f"/v1/log/consistency/{older.size}/{newer.size}")
    assert isinstance(reply, Reply)
    if reply.status != 200:
        return None
    try:
        proof = _proof_in(strictjson.loads(reply.body, PROOF_LIMIT))
    except Malformed:
        return None
    roots = {"first_root": unb64(older.root), "second_root": unb64(newer.root)}
    return merkle.consistent(older.size, newer.size, proof=proof, **roots)


def _proof_in(said: Any) -> list[bytes]:
    texts = said.get("proof") if isinstance(said, dict) else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Malformed("not a proof")
    return [unb64(text) for text in texts]


def _forked(detail: Words | str, text: str, *, offered: str) -> Refusal:
    return Refusal("log_forked", detail, {"kept": text, "offered": offered})
