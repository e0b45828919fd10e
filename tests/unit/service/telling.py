"""What webhooks of a service under test are to be told, and what is claimed for them."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.service.conftest import Office
from volact.service.ports import Service
from volact.service.usecases.delivering import Claim, Outcome, turn
from volact.service.usecases.webhooks import Given, add_webhook

URL = "https://hooks.example.com/volact"


def webhook(office: Office, *types: str, url: str = URL) -> Given:
    """A webhook for those types of events, or for all."""
    return add_webhook(office.service, url, types=types, act=office.act)


def bodies(office: Office, *, type: str | None = None) -> list[dict[str, Any]]:
    """What happened, as webhooks are told it, the first event first."""
    rows = office.service.ledger.execute("SELECT body FROM events ORDER BY rowid")
    found = [json.loads(bytes(row[0])) for row in rows]
    return [body for body in found if type in (None, body["type"])]


def claimed(service: Service, *outcomes: Outcome, each: int = 100, most: int = 100) -> list[Claim]:
    """What is claimed now, with room for so many."""
    return turn(service, outcomes, room=lambda _: each, most=most)


def answered(claim: Claim, status: int) -> Outcome:
    """What it comes to that a receiver answered with a status."""
    return Outcome(claim, status, None if status < 300 else "gone" if status == 410 else "status")
