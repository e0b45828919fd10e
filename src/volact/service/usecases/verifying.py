"""Verifying the log against the audit, from its rows alone, and what one activation's entry proves (spec S-8)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from volact.credential import checkpoint, jws
from volact.credential.checkpoint import Checkpoint, Entry, contradiction, entry_leaf
from volact.credential.encoding import b64
from volact.credential.merkle import Frontier, inclusion_proof
from volact.credential.root import Root
from volact.errors import Malformed, Refusal, Refused, Untrusted, Words, say
from volact.service.admission.computers import ACTIVATED
from volact.service.ledger import audit, log, logcheck, retirements
from volact.service.ledger.connection import reading
from volact.service.ledger.rows import LeafRow
from volact.service.ports import Service
from volact.service.signing import current_root
from volact.service.usecases.restores import Restore, explained, restores

KEPT = "kept elsewhere"
ERASED = "entry erased"  # the act that says, with `entry` in its detail, whose texts and salt were erased


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is whole: its size and root, its checkpoints, and the entries beside it.

    `entries` counts those of the audit; the youngest, `waiting`, are in no log yet and proved by nothing. Of `erased`
    ones only the hash is left.
    """

    size: int
    root: bytes
    checkpoints: int
    entries: int
    waiting: int
    erased: int
    restores: tuple[Restore, ...]


@dataclass(slots=True)
class _Walk:
    """The way through the log, leaf by leaf: `signed` are the checkpoints on record, `kept` those kept elsewhere."""

    signed: Iterator[Checkpoint]
    kept: list[Checkpoint]
    restores: tuple[Restore, ...]
    grown: Frontier = field(default_factory=Frontier)
    last: int = 0
    compared: int = 0
    without_salt: set[int] = field(default_factory=set)
    said_erased: set[int | None] = field(default_factory=set)
    following: Checkpoint | None = None

    def compare(self) -> None:
        """Compares the log as it is now with the checkpoints of its size."""
        if self.following is not None and self.following.size == self.grown.size:
            self._compare(self.following, "on record")
            self.following, self.compared = next(self.signed, None), self.compared + 1
        for said in self.kept:
            if said.size == self.grown.size:
                self._compare(said, KEPT)

    def _compare(self, said: Checkpoint, whose: str) -> None:
        if said.root != b64(self.grown.root):
            if whose == KEPT and (lost := explained(said, self.restores)):
                raise lost
            raise _broken(_other(said, whose), None, size=said.size)


def verify(service: Service, *, kept: Sequence[str] = ()) -> Verified:
    """Computes every leaf and subtree anew, and compares with every checkpoint on record and with those in `kept`.

    Raises Refused (`log_broken`), which names the entry or the size where the record is not what it was.
    """
    with reading(service.ledger):
        root = current_root(service)
        walk = _Walk(_signed(service, root), [_kept(root, text) for text in kept], restores(service, root.iss))
        walk.following = next(walk.signed, None)
        subtrees = logcheck.subtrees(service.ledger)
        for leaf, entry in logcheck.leaves(service.ledger):
            _check_leaf(walk, leaf, entry=entry)
            walk.grown, made = walk.grown.grown(leaf.hash)
            for level, place, found in made:
                if level and level % log.KEPT_LEVELS == 0 and subtrees.pop((level, place), None) != found:
                    detail = say("the log's hash over entry {entry} and those before is another", entry=leaf.entry)
                    raise _broken(detail, leaf.entry)
            walk.compare()
        if subtrees:
            raise _broken(say("the log has hashes over entries that it does not have"), None)
        _check_rest(service, walk)
        return Verified(
            size=walk.grown.size,
            root=walk.grown.root,
            checkpoints=walk.compared,
            entries=logcheck.count_entries(service.ledger),
            waiting=logcheck.count_waiting(service.ledger, walk.last),
            erased=len(walk.without_salt),
            restores=walk.restores,
        )


def receipt_of(service: Service, activation_id: str, *, size: int) -> tuple[Entry, LeafRow, tuple[bytes, ...]] | None:
    """An activation's entry, its leaf and the proof that the log of that size has it; in the caller's transaction."""
    row = retirements.activation(service.ledger, activation_id)
    if row is None:
        return None
    for found in audit.acts_at(service.ledger, row.keyid, at=row.at, act=ACTIVATED):
        if f'"{activation_id}"' in found.detail:
            leaf = log.leaf_of(service.ledger, found.entry)
            if leaf is None or leaf.salt is None or leaf.leaf >= size:
                return None
            entry = Entry(found.entry, found.at, found.who, found.act, found.subject, found.detail)
            return entry, leaf, inclusion_proof(log.nodes(service.ledger), leaf.leaf, size=size)
    return None


def _signed(service: Service, root: Root) -> Iterator[Checkpoint]:
    """The checkpoints on record, each of which is signed, says what its row says and follows the one before."""
    before: Checkpoint | None = None
    for row in logcheck.checkpoints(service.ledger):
        said = now = Checkpoint(iss=root.iss, size=row.size, root=b64(row.root), iat=row.at)
        if row.text is not None:  # of the newest one, a crash may have left the signature to the next who comes
            signed = believed(root, row.text)
            if signed is None:
                detail = say("the checkpoint of {size} entries is not signed by this publisher", size=row.size)
                raise _broken(detail, None, size=row.size)
            said = signed
        if said != now:
            detail = say("the checkpoint of {size} entries says something else than its row", size=row.size)
            raise _broken(detail, None, size=row.size)
        if before is not None and (against := contradiction(before, now)):
            raise _broken(against, None, size=row.size)
        yield now
        before = now


def _kept(root: Root, text: str) -> Checkpoint:
    said = believed(root, text)
    if said is None:
        raise Untrusted(say("the checkpoint that was kept is not signed by this publisher"))
    return said


def believed(root: Root, text: str) -> Checkpoint | None:
    """A checkpoint that an issuing key of the publisher signed while it was in force, compromised since or not."""
    try:
        said, token = checkpoint.parse(text)
        key = root.key(token.header["kid"], "issuing")
        if key is None or said.iss != root.iss or not key.nbf <= said.iat <= key.exp:
            return None
        jws.check(token, key.public)
    except (Malformed, Untrusted):
        return None
    return said


def _check_leaf(walk: _Walk, leaf: LeafRow, *, entry: Entry | None) -> None:
    if leaf.leaf != walk.grown.size or leaf.entry <= walk.last:
        raise _broken(say("entry {entry} is not in its place in the log", entry=leaf.entry), leaf.entry)
    if entry is None:
        raise _broken(say("entry {entry} was removed", entry=leaf.entry), leaf.entry)
    if leaf.salt is None:
        walk.without_salt.add(leaf.entry)
    elif entry_leaf(entry, leaf.salt) != leaf.hash:
        raise _broken(say("entry {entry} was changed", entry=leaf.entry), leaf.entry)
    elif entry.act == ERASED:
        walk.said_erased.add(_erased(entry.detail))
    walk.last = leaf.entry


def _check_rest(service: Service, walk: _Walk) -> None:
    size = walk.grown.size
    larger = [(each, KEPT) for each in walk.kept if each.size > size]
    larger += [(walk.following, "on record")] if walk.following else []
    for said, whose in larger:
        if whose == KEPT and (lost := explained(said, walk.restores)):
            raise lost
        raise _broken(_longer(said, whose, size=size), None, size=said.size)
    newest = log.newest_on_record(service.ledger)
    if (newest.size if newest else 0) != size:
        raise _broken(say("the checkpoint of the log's {size} entries was removed", size=size), None, size=size)
    added = logcheck.first_added(service.ledger, walk.last)
    if added is not None:
        raise _broken(say("entry {entry} was added behind the log's back", entry=added), added)
    waiting = logcheck.waiting_details(service.ledger, walk.last, act=ERASED)
    unsaid = walk.without_salt - walk.said_erased - {_erased(detail) for detail in waiting}
    if unsaid:
        detail = say("entry {entry} has lost its salt, and no entry says that it was erased", entry=min(unsaid))
        raise _broken(detail, min(unsaid))


def _other(said: Checkpoint, whose: str) -> Words:
    if whose == KEPT:
        return say("the log of {size} entries is not the one that a checkpoint kept elsewhere says", size=said.size)
    return say("the log of {size} entries is not the one that a checkpoint on record says", size=said.size)


def _longer(said: Checkpoint, whose: str, *, size: int) -> Words:
    if whose == KEPT:
        return say("a checkpoint kept elsewhere says {said} entries, and the log has {size}", said=said.size, size=size)
    return say("a checkpoint on record says {said} entries, and the log has {size}", said=said.size, size=size)


def _erased(detail: str) -> int | None:
    """Which entry an `ERASED` act speaks of."""
    said = json.loads(detail)
    return said.get("entry") if isinstance(said, dict) else None


def _broken(detail: Words, entry: int | None, *, size: int | None = None) -> Refused:
    return Refused(Refusal("log_broken", detail, {"entry": entry, "size": size, "fits": False}))
