"""Events that webhooks are told of, written in the transaction in which the thing happened; kept for 30 days."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import DeliveryRow, EventRow

_EVENT = "event_id, type, at, licensing_id, about, body"
_OLD = "SELECT event_id FROM events WHERE at < ? ORDER BY at, event_id LIMIT ?"


class Owner(NamedTuple):
    """Whose key it is, and for what."""

    licensing_id: str
    organization_id: str
    product: str


def owners(ledger: Ledger, keyids: Iterable[str]) -> Mapping[str, Owner]:
    """Whose those keys are, of those that are on record."""
    words = ledger.dialect
    rows = ledger.execute(
        f"""
        SELECT k.keyid, k.licensing_id, g.organization_id, k.product
        {words.texts} keys AS k ON k.keyid = {words.text}
        JOIN agreements AS g ON g.licensing_id = k.licensing_id
        """,
        (json.dumps(sorted(set(keyids))),),
    )
    return {row[0]: Owner(*row[1:]) for row in rows}


def told_since(ledger: Ledger, type: str, *, about: str, since: int) -> bool:
    """Whether an event of that type about the same thing is on record from a time on."""
    found = ledger.execute("SELECT 1 FROM events WHERE about = ? AND at >= ? AND type = ?", (about, since, type))
    return found.fetchone() is not None


def add(ledger: Ledger, rows: Iterable[EventRow], *, deliveries: Iterable[DeliveryRow]) -> None:
    """Adds events, and for each webhook that is to be told of one its delivery."""
    ledger.add(
        f"events ({_EVENT})",
        ((row.event_id, row.type, row.at, row.licensing_id, row.about, row.body) for row in rows),
    )
    ledger.add(
        "deliveries (event_id, webhook_id, at, next_at, until)",
        ((row.event_id, row.webhook_id, row.at, row.next_at, row.until) for row in deliveries),
    )


def has_before(ledger: Ledger, at: int) -> bool:
    """Whether there are events from before a time."""
    return ledger.execute("SELECT 1 FROM events WHERE at < ? LIMIT 1", (at,)).fetchone() is not None


def drop_before(ledger: Ledger, at: int, *, most: int) -> None:
    """Forgets so many events from before a time, the oldest first, with their deliveries."""
    ledger.execute(f"DELETE FROM deliveries WHERE event_id IN ({_OLD})", (at, most))
    ledger.execute(f"DELETE FROM events WHERE event_id IN ({_OLD})", (at, most))
