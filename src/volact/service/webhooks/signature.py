"""Signatures of Standard Webhooks: HMAC-SHA256 over id, time and body, one for each secret in force (spec S-11.4)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

SECRET_BYTES = 32
PREFIX = "whsec_"


def secret_text(secret: bytes) -> str:
    """A secret as receivers are given it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(event_id: str, body: bytes, *, secrets: Iterable[bytes], at: int) -> dict[str, str]:
    """What a receiver checks the body by; `at` is the time of this try (seconds), the id is that of every try."""
    signed = f"{event_id}.{at}.".encode() + body
    macs = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs),
    }
