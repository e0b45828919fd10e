"""Restores on record, and what they say of a checkpoint that was signed before (spec S-9)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from volact.credential.checkpoint import Checkpoint
from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit
from volact.service.ports import Service

RESTORED = "restored"  # the act, on the publisher, that says that the record was restored from a backup


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore on record: its entry and time, and the time and log size of its backup; `missing` where it is known."""

    entry: int
    at: int
    backup_at: int
    log_size: int
    missing: int | None


def restores(service: Service, publisher: str) -> tuple[Restore, ...]:
    """The restores on record, the first one first, inside the caller's transaction."""
    found = []
    for row in audit.history(service.ledger, publisher):
        if row.act == RESTORED:
            with suppress(ValueError, KeyError, TypeError):  # of an entry that was changed by hand: its leaf says so
                said = json.loads(row.detail)
                found.append(Restore(row.entry, row.at, said["backup_at"], said["log_size"], said["missing"]))
    return tuple(found)


def explained(said: Checkpoint, found: Sequence[Restore]) -> Refused | None:
    """What a kept checkpoint that does not fit shows, where the first restore after it lost what it says; else None."""
    restore = next((each for each in found if said.iat <= each.at), None)
    if restore is None or said.size <= restore.log_size:
        return None
    missing = said.size - restore.log_size
    detail = say(
        "a checkpoint kept elsewhere says {said} entries; the record was restored from a backup with"
        " {kept} (entry {entry}), so {missing} that were signed are missing",
        said=said.size,
        kept=restore.log_size,
        entry=restore.entry,
        missing=missing,
    )
    fields = {"entry": restore.entry, "size": said.size, "missing": missing, "fits": False}
    return Refused(Refusal("log_broken", detail, fields))
