"""Deliveries of events to webhooks: what is due, who has claimed it, what came of it."""

from __future__ import annotations

from typing import NamedTuple

from volact.service.ledger import webhooks
from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import DeliveryRow, EventRow, WebhookRow

_COLUMNS = "event_id, webhook_id, at, state, attempts, next_at, until, last_status, last_error, last_at"
_DELIVERY = f"SELECT {', '.join(f'd.{name}' for name in _COLUMNS.split(', '))}, e.type FROM deliveries AS d"
_ANEW = "UPDATE deliveries SET state = 'waiting', attempts = 0, next_at = ?, until = ? WHERE webhook_id = ?"


class Due(NamedTuple):
    """A delivery that is to be sent now."""

    event_id: str
    body: bytes
    attempts: int
    until: int


class Told(NamedTuple):
    """A delivery, and the type of its event."""

    row: DeliveryRow
    type: str


def new(event: EventRow, webhook_id: str, *, until: int) -> DeliveryRow:
    """The delivery of an event that has just happened, due at once."""
    return DeliveryRow(event.event_id, webhook_id, event.at, "waiting", 0, event.at, until, None, None, None)


def waiting(ledger: Ledger, now: int) -> tuple[WebhookRow, ...]:
    """The active webhooks for which something is due."""
    rows = ledger.execute(
        f"""
        SELECT {webhooks.COLUMNS} FROM webhooks AS w
        WHERE state = 'active' AND EXISTS (
            SELECT 1 FROM deliveries AS d WHERE d.webhook_id = w.webhook_id AND d.state = 'waiting' AND d.next_at <= ?
        )
        ORDER BY at, rowid
        """,
        (now,),
    )
    return tuple(map(webhooks.read, rows))


def claim(ledger: Ledger, webhook_id: str, *, now: int, lease: int, most: int) -> tuple[Due, ...]:
    """Takes up to so many that are due for a webhook; nobody else does for `lease` seconds, or before they are settled.

    Each has one attempt more than it had.
    """
    rows = ledger.execute(
        """
        SELECT d.event_id, e.body, d.attempts + 1, d.until FROM deliveries AS d JOIN events AS e USING (event_id)
        WHERE d.webhook_id = ? AND d.state = 'waiting' AND d.next_at <= ? ORDER BY d.next_at, d.rowid LIMIT ?
        """,
        (webhook_id, now, most),
    )
    claimed = tuple(Due(*row) for row in rows)
    ledger.executemany(
        "UPDATE deliveries SET attempts = ?, next_at = ? WHERE event_id = ? AND webhook_id = ?",
        [(due.attempts, now + lease, due.event_id, webhook_id) for due in claimed],
    )
    return claimed


def delivered(ledger: Ledger, event_id: str, *, webhook_id: str, status: int, at: int) -> None:
    """Notes that the receiver has it, whoever else tries at this moment."""
    ledger.execute(
        """
        UPDATE deliveries SET state = 'delivered', last_status = ?, last_error = NULL, last_at = ?
        WHERE event_id = ? AND webhook_id = ?
        """,
        (status, at, event_id, webhook_id),
    )


def not_delivered(ledger: Ledger, row: DeliveryRow) -> None:
    """Notes what a try came to, unless another one came after it."""
    ledger.execute(
        """
        UPDATE deliveries SET state = ?, next_at = ?, last_status = ?, last_error = ?, last_at = ?
        WHERE event_id = ? AND webhook_id = ? AND state = 'waiting' AND attempts = ?
        """,
        (
            row.state,
            row.next_at,
            row.last_status,
            row.last_error,
            row.last_at,
            row.event_id,
            row.webhook_id,
            row.attempts,
        ),
    )


def fail_all(ledger: Ledger, webhook_id: str, *, error: str) -> None:
    """Gives up what waits for a webhook."""
    ledger.execute(
        "UPDATE deliveries SET state = 'failed', last_error = ? WHERE webhook_id = ? AND state = 'waiting'",
        (error, webhook_id),
    )


def hasten(ledger: Ledger, webhook_id: str, *, now: int, until: int) -> None:
    """Makes what waits for a webhook due now, with patience until a time at least."""
    ledger.execute(
        """
        UPDATE deliveries SET next_at = ?, until = CASE WHEN until < ? THEN ? ELSE until END
        WHERE webhook_id = ? AND state = 'waiting'
        """,
        (now, until, until, webhook_id),
    )


def replay(ledger: Ledger, webhook_id: str, *, event_id: str, now: int, until: int) -> None:
    """Makes a delivery due as if it were new."""
    ledger.execute(f"{_ANEW} AND event_id = ?", (now, until, webhook_id, event_id))


def replay_since(ledger: Ledger, webhook_id: str, *, since: int, now: int, until: int) -> int:
    """Makes every delivery of events from a time on due as if it were new; gives how many there are."""
    return ledger.execute(f"{_ANEW} AND at >= ?", (now, until, webhook_id, since)).rowcount


def delivery(ledger: Ledger, webhook_id: str, *, event_id: str) -> Told | None:
    """The delivery of that event to that webhook, or None."""
    row = ledger.execute(
        f"{_DELIVERY} JOIN events AS e USING (event_id) WHERE d.webhook_id = ? AND d.event_id = ?",
        (webhook_id, event_id),
    ).fetchone()
    return None if row is None else Told(DeliveryRow(*row[:-1]), row[-1])


def of_webhook(ledger: Ledger, webhook_id: str, *, state: str | None, since: int, most: int) -> tuple[Told, ...]:
    """A webhook's deliveries of events from a time on, of one state where that is said; the newest event first."""
    rows = ledger.execute(
        f"""
        {_DELIVERY} JOIN events AS e USING (event_id)
        WHERE d.webhook_id = ? AND d.at >= ? AND d.state = coalesce(?, d.state) ORDER BY d.at DESC, d.rowid DESC LIMIT ?
        """,
        (webhook_id, since, state, most),
    )
    return tuple(Told(DeliveryRow(*row[:-1]), row[-1]) for row in rows)
