"""Webhooks: who is told, of which types of events, with which secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping

from volact.service.ledger.ports import Ledger, Row
from volact.service.ledger.rows import WebhookRow

COLUMNS = "webhook_id, url, description, types, sealed_secret, sealed_before, before_until, state, at"


def add(ledger: Ledger, row: WebhookRow) -> None:
    """Adds a webhook."""
    ledger.execute(
        f"INSERT INTO webhooks ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.webhook_id,
            row.url,
            row.description,
            json.dumps(row.types),
            row.sealed_secret,
            row.sealed_before,
            row.before_until,
            row.state,
            row.at,
        ),
    )


def webhook(ledger: Ledger, webhook_id: str) -> WebhookRow | None:
    """The webhook of that id, or None."""
    row = ledger.execute(f"SELECT {COLUMNS} FROM webhooks WHERE webhook_id = ?", (webhook_id,)).fetchone()
    return None if row is None else read(row)


def every(ledger: Ledger) -> tuple[WebhookRow, ...]:
    """Every webhook, the oldest first."""
    return tuple(map(read, ledger.execute(f"SELECT {COLUMNS} FROM webhooks ORDER BY at, rowid")))


def subscribed(ledger: Ledger) -> Mapping[str, tuple[str, ...]]:
    """The webhooks that are to be told, each with its types of events: one look, which mostly finds none."""
    rows = ledger.execute("SELECT webhook_id, types FROM webhooks WHERE state <> 'disabled'")
    return {row[0]: tuple(json.loads(row[1])) for row in rows}


def set_state(ledger: Ledger, webhook_id: str, *, state: str) -> None:
    """Sets the webhook's state."""
    ledger.execute("UPDATE webhooks SET state = ? WHERE webhook_id = ?", (state, webhook_id))


def rotate(ledger: Ledger, webhook_id: str, *, sealed: bytes, before_until: int) -> None:
    """Gives the webhook another secret; the one that it had signs too until a time."""
    ledger.execute(
        "UPDATE webhooks SET sealed_before = sealed_secret, sealed_secret = ?, before_until = ? WHERE webhook_id = ?",
        (sealed, before_until, webhook_id),
    )


def remove(ledger: Ledger, webhook_id: str) -> None:
    """Takes the webhook away, with all of its deliveries."""
    ledger.execute("DELETE FROM deliveries WHERE webhook_id = ?", (webhook_id,))
    ledger.execute("DELETE FROM webhooks WHERE webhook_id = ?", (webhook_id,))


def read(row: Row) -> WebhookRow:
    """A webhook from its `COLUMNS`."""
    webhook_id, url, description, types, *rest = row
    return WebhookRow(webhook_id, url, description, tuple(json.loads(types)), *rest)
