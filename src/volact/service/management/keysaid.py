"""What the API says of keys; the key itself is in none of it."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from volact.licensing.catalog import UNCOUNTED
from volact.service.ledger.rows import KeyRow
from volact.service.management.shapes import told


class Key(Schema):
    """A key that was issued; a kind that counts nothing allows no number."""

    keyid: str
    first_group: str
    licensing_id: str
    kind: str
    product_group: str
    product: str
    state: str
    allowance: int | None
    used: int
    remaining: int | None
    at: str


class Forecast(Schema):
    """At which pace a key is used, and on which day it runs out at that."""

    per_day: float
    runs_out: str | None


class KeySheet(Key):
    """A key with what follows from its numbers: 80, 95 or 100 percent used, and the forecast."""

    level: int | None
    forecast: Forecast | None


class Keys(Schema):
    """One page, the oldest first."""

    keys: list[Key]
    next: str | None


class Issued(Schema):
    """Keys that were issued; `POST /reveals` shows them."""

    keys: list[Key]


class IssuedRow(Schema):
    """What became of one order; `error` is a refusal as a problem has it."""

    row: int
    result: str
    keyids: list[str]
    error: dict[str, Any] | None = None


class IssuedRows(Schema):
    """What became of each order, in the order in which they came."""

    rows: list[IssuedRow]


class Reveal(Schema):
    """A key as it is typed, or why it is not shown."""

    keyid: str
    key: str | None = None
    error: dict[str, Any] | None = None


class Reveals(Schema):
    """Keys, in the order in which they were named."""

    keys: list[Reveal]


class Rollout(Schema):
    """Whether a key is enough for so many computers, and what to ask the center for where it is not."""

    keyid: str
    enough: bool
    remaining: int
    ask_for: int | None
    center: dict[str, Any] | None


class Allowance(Schema):
    """How many activations a new key gets, and why."""

    activations: int
    because: list[str]


def say(row: KeyRow) -> dict[str, Any]:
    """A key as the API tells it."""
    counted = row.kind not in UNCOUNTED
    return {
        "keyid": row.keyid,
        "first_group": row.first_group,
        "licensing_id": row.licensing_id,
        "kind": row.kind,
        "product_group": row.product_group,
        "product": row.product,
        "state": row.state,
        "allowance": row.allowance if counted else None,
        "used": row.used,
        "remaining": row.remaining if counted else None,
        "at": told(row.at),
    }
