"""The sequencer: entries of the audit become leaves of the log, and a checkpoint says what the log is then (spec S-8).

Whoever comes first does it, under the lock of whoever writes: a running service every few seconds, a command when it
leaves. Leaves and the checkpoint's exact payload are one commit; it is signed after, by the next one if need be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from volact.credential.checkpoint import SALT_BYTES, Checkpoint, Entry, encode, entry_leaf
from volact.credential.encoding import b64
from volact.credential.merkle import Frontier
from volact.errors import VolactError
from volact.service.ledger import log, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import CheckpointRow, LeafRow
from volact.service.ports import Service
from volact.service.signing import current_root, kid_in_force, sign_pending, signer_of

MOST = 2_000  # entries in one transaction, so that nobody waits long for the one who writes
MOST_PARTS = 50  # of whoever leaves: a program that is told to stop has 20 seconds


def sequence(service: Service) -> bool:
    """Adds what the log lacks, at most `MOST` entries, and signs a checkpoint; gives whether there is more.

    Where nothing is new there is no new checkpoint. Raises Refused (`signing_clock`), and then has changed nothing.
    """
    with reading(service.ledger):
        new = log.is_behind(service.ledger)
        unsigned = bool(log.unsigned(service.ledger))
    entries: tuple[Entry, ...] = ()
    if new:
        with writing(service.ledger):
            entries = log.unlogged(service.ledger, MOST)  # again, under the lock: another one may have been faster
            if entries:
                at = settings.signing_time(service.ledger, service.clock)
                _record(service, _append(service, entries), at=at)
    if entries or unsigned:
        sign_pending(service)
    return len(entries) == MOST


def catch_up(service: Service) -> None:
    """Sequences before somebody leaves; where the clock or the record is in doubt, the next one does it."""
    with suppress(VolactError):
        for _ in range(MOST_PARTS):
            if not sequence(service):
                return


@contextmanager
def sequenced(service: Service) -> Iterator[None]:
    """What is recorded inside is in the log afterwards.

    Where nothing was, nothing is signed either: a command that only looked, under a wrong clock, dates nothing.
    """
    before = _newest_entry(service)
    try:
        yield
    finally:
        if _newest_entry(service) > before:
            catch_up(service)


def _newest_entry(service: Service) -> int:
    with suppress(VolactError), reading(service.ledger):
        return log.newest_entry(service.ledger)
    return 0


def _append(service: Service, entries: Sequence[Entry]) -> Frontier:
    salts = service.draw(SALT_BYTES * len(entries))
    grown, rows = log.frontier(service.ledger), []
    subtrees: list[tuple[int, int, bytes]] = []
    for number, entry in enumerate(entries):
        salt = salts[SALT_BYTES * number : SALT_BYTES * (number + 1)]
        leaf = entry_leaf(entry, salt)
        rows.append(LeafRow(grown.size, entry.entry, salt, leaf))
        grown, made = grown.grown(leaf)
        subtrees += made
    log.add(service.ledger, rows, made=subtrees)
    return grown


def _record(service: Service, grown: Frontier, *, at: int) -> None:
    """Puts on record what will be signed; its time is never before that of the checkpoint before."""
    before, root = log.newest_on_record(service.ledger), current_root(service)
    iat = max(at, before.at) if before else at
    kid = kid_in_force(root, "issuing", at=iat)
    signer_of(service, kid)  # a lost key is found before anything is on record
    payload = encode(Checkpoint(iss=root.iss, size=grown.size, root=b64(grown.root), iat=iat))
    log.record(service.ledger, CheckpointRow(grown.size, grown.root, iat, kid, payload))
