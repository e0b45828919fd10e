"""The tables of webhooks: who is told, what is to be told, and what came of it."""

from __future__ import annotations

WEBHOOKS = (
    # `types` is a JSON list, empty for every type. The secret before the last rotation signs too until `before_until`.
    """
    CREATE TABLE webhooks (
        webhook_id TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        description TEXT NOT NULL,
        types TEXT NOT NULL CHECK (json_valid(types)),
        sealed_secret BLOB NOT NULL,
        sealed_before BLOB,
        before_until INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
        at INTEGER NOT NULL
    ) STRICT
    """,
    # What happened, written with it; `body` is what is sent, byte for byte. `about` is the id of what it happened to.
    """
    CREATE TABLE events (
        event_id TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        at INTEGER NOT NULL,
        licensing_id TEXT,
        about TEXT NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX events_at ON events (at)",
    "CREATE INDEX events_about ON events (about, at)",
    # One event for one webhook. Who sends it claims it by moving `next_at`; `until` is when it is given up.
    """
    CREATE TABLE deliveries (
        event_id TEXT NOT NULL REFERENCES events,
        webhook_id TEXT NOT NULL REFERENCES webhooks,
        at INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
        attempts INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        last_status INTEGER,
        last_error TEXT,
        last_at INTEGER,
        PRIMARY KEY (event_id, webhook_id)
    ) STRICT
    """,
    "CREATE INDEX deliveries_due ON deliveries (webhook_id, next_at) WHERE state = 'waiting'",
    "CREATE INDEX deliveries_webhook ON deliveries (webhook_id, at)",
)
