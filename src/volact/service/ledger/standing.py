"""What holds whoever asks: newest versions, times and addresses, read by one statement."""

from __future__ import annotations

from dataclasses import dataclass

from volact.service.clock import Signed
from volact.service.ledger import settings
from volact.service.ledger.ports import Ledger


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest signed versions, None before the first, and what else every batch is decided by.

    `list_on_record` is the newest version of the revocation list, signed or not; `credit_at` is when the next
    returned activation is credited (seconds), None where none waits; `checkpoint` is the newest signed one.
    """

    root: int | None
    catalog: int | None
    revocations: int | None
    list_on_record: int
    url: str | None
    signed: Signed
    credit_at: int | None
    checkpoint: str | None
    log_size: int


def standing(ledger: Ledger) -> Standing:
    """The state of now, or of the caller's transaction."""
    row = ledger.execute(_LOOK, _NAMES).fetchone()
    return Standing(
        root=row[0],
        catalog=row[1],
        revocations=row[2],
        list_on_record=row[3] or 0,
        url=row[4],
        signed=Signed(int(row[5] or 0), int(row[6] or 0)),
        credit_at=row[7],
        checkpoint=row[8],
        log_size=row[9] or 0,
    )


_VERSION = "(SELECT version FROM documents WHERE kind = ? AND text IS NOT NULL ORDER BY version DESC LIMIT 1)"
_SETTING = "(SELECT value FROM settings WHERE name = ?)"
_CHECKPOINT = "(SELECT {} FROM checkpoints WHERE text IS NOT NULL ORDER BY size DESC LIMIT 1)"
_LOOK = f"""
    SELECT {_VERSION}, {_VERSION}, {_VERSION}, (SELECT max(version) FROM documents WHERE kind = ?),
        {_SETTING}, {_SETTING}, {_SETTING}, (SELECT min(credit_at) FROM retirements WHERE credited = 0),
        {_CHECKPOINT.format("text")}, {_CHECKPOINT.format("size")}
"""
_NAMES = (
    *("root", "catalog", "revocations", "revocations"),
    *(settings.URL, settings.NEWEST, settings.CONFIRMED),
)
