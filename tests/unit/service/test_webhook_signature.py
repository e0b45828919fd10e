"""Signatures as Standard Webhooks has them, and when a delivery is tried again."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from volact.service.webhooks.schedule import PATIENCE, next_try
from volact.service.webhooks.signature import headers, secret_text

secrets = st.binary(min_size=24, max_size=64)


@given(st.lists(secrets, min_size=1, max_size=2, unique=True), secrets, st.text(max_size=200))
def test_a_receiver_believes_each_secret_in_force_and_no_other(known: list[bytes], other: bytes, body: str) -> None:
    """The library of Standard Webhooks verifies a delivery by each secret that signed it, and by no other."""
    data = body.encode()
    signed = headers("evt_1", data, secrets=known, at=int(time.time()))
    for secret in known:
        Webhook(secret_text(secret)).verify(data, signed, json_parse=False)
    wrong = [(data + b"x", signed), (data, {**signed, "webhook-id": "evt_2"})]
    wrong += [(data, {**signed, "webhook-timestamp": str(int(signed["webhook-timestamp"]) - 1)})]
    for changed, told in wrong:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret_text(known[0])).verify(changed, told, json_parse=False)
    if other not in known:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret_text(other)).verify(data, signed, json_parse=False)


@given(st.floats(0, 1), st.integers(0, 10**9))
def test_a_delivery_is_tried_ever_later_and_for_three_days(chance: float, began: int) -> None:
    """Tries come ever later, the last one exactly three days after the first, and none after it."""
    until, now, tries = began + PATIENCE, began, [began]
    while (again := next_try(len(tries), now=now, until=until, chance=chance)) is not None:
        assert again > now
        tries.append(now := again)
    gaps = [after - before for before, after in itertools.pairwise(tries)]
    assert tries[-1] == until
    assert gaps[:-1] == sorted(gaps[:-1])
    assert 5 <= gaps[0] <= 6
    assert 8 <= len(tries) <= 10


def test_deliveries_that_failed_together_do_not_come_together() -> None:
    """What failed at one moment is spread over a fifth of the time until the next try."""
    again = {next_try(4, now=0, until=PATIENCE, chance=chance / 256) for chance in range(256)}
    assert min(again, key=lambda at: at or 0) == 7_200
    assert len(again) > 200
