"""What was answered to a write under its Idempotency-Key: put on record in the transaction of the write itself."""

from __future__ import annotations

from dataclasses import dataclass

from volact.service.ledger.ports import Ledger

KEPT_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """The answer (JSON) to one request of one token, and the digest of what was asked."""

    token_id: str
    key: str
    digest: bytes
    answer: str
    at: int


def answered(ledger: Ledger, token_id: str, *, key: str, now: int) -> AnsweredRow | None:
    """What was answered under that key within the last `KEPT_SECONDS`, or None."""
    row = ledger.execute(
        """
        SELECT token_id, idempotency_key, digest, answer, at FROM idempotency
        WHERE token_id = ? AND idempotency_key = ? AND at > ?
        """,
        (token_id, key, now - KEPT_SECONDS),
    ).fetchone()
    return None if row is None else AnsweredRow(row[0], row[1], bytes(row[2]), row[3], row[4])


def record(ledger: Ledger, row: AnsweredRow) -> None:
    """Puts an answer on record, and forgets those that are older than `KEPT_SECONDS`."""
    ledger.execute("DELETE FROM idempotency WHERE at <= ?", (row.at - KEPT_SECONDS,))
    ledger.execute(
        "INSERT INTO idempotency (token_id, idempotency_key, digest, answer, at) VALUES (?, ?, ?, ?, ?)",
        (row.token_id, row.key, row.digest, row.answer, row.at),
    )
