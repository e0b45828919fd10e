"""The management API, `/api/v1`: the publisher's back office, and a customer's own tools, by HTTP with tokens.

    mount          the ASGI door: bodies, limits on their size, problems in place of foreign answers, a log line each
    office         what a running API has: a connection that reads, the way to the writer, limits, a log
    access         tokens and scopes, and what a token of an organization can see
    limits         requests a minute, by token, address and key
    once           a write that is done once under its Idempotency-Key, however often it is sent
    offers         how an operation is declared; shapes.py, what is common to what is said
    api            all operations as one document; then one module for the operations of each subject

Views decide nothing: each hands what was asked to a use case, and says what that gave.
"""

from __future__ import annotations

from volact.service.management.site import configure

configure()  # Django wants to know its settings before anything of it is imported
