"""Delivering: claims what is due, puts on record what came of it, forgets what is old (spec S-11.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from volact.service.ledger import audit, deliveries, events, webhooks
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.deliveries import Due
from volact.service.ledger.rows import DeliveryRow, WebhookRow
from volact.service.ports import Act, Draw, Service
from volact.service.usecases.webhooks import secret_subject
from volact.service.webhooks.schedule import next_try

LEASE = 15  # seconds in which a claim is settled: three times as long as a try takes
KEPT_DAYS = 30
MOST_DROPPED = 1_000  # events in one transaction
GONE = 410
_BY = "Volact"  # who disables: nobody does it by hand
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is this program's to try."""

    webhook: WebhookRow
    due: Due


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to: the receiver's status where there was one, what was wrong where something was."""

    claim: Claim
    status: int | None
    error: str | None

    @property
    def is_gone(self) -> bool:
        """Whether the receiver said that it wants nothing any more."""
        return self.status == GONE


def turn(service: Service, outcomes: Sequence[Outcome], *, room: Callable[[str], int], most: int) -> list[Claim]:
    """Puts outcomes on record and claims what is due, at most `most`, and of one webhook what it has `room` for.

    Where there is neither, nothing is written.
    """
    now = service.clock.now()
    with reading(service.ledger):
        found = deliveries.waiting(service.ledger, now)
    if not outcomes and not any(min(room(row.webhook_id), most) > 0 for row in found):
        return []
    claimed: list[Claim] = []
    with writing(service.ledger):
        for outcome in outcomes:
            _settle(service, outcome, now=now)
        found = deliveries.waiting(service.ledger, now)  # again, under the lock: another one may have been faster
        for row in _in_turn(service.draw, found):
            number = min(room(row.webhook_id), most - len(claimed))
            if number > 0:
                due = deliveries.claim(service.ledger, row.webhook_id, now=now, lease=LEASE, most=number)
                claimed += [Claim(row, each) for each in due]
    return claimed


def secrets_of(service: Service, row: WebhookRow, *, now: int) -> list[bytes]:
    """The secrets that sign for a webhook now, the newest first; raises Damaged for one that does not open."""
    sealed = [row.sealed_secret]
    if row.sealed_before is not None and now < row.before_until:
        sealed.append(row.sealed_before)
    return [service.vault.envelope.open(each, secret_subject(row.webhook_id)) for each in sealed]


def forget(service: Service) -> bool:
    """Forgets events that are older than 30 days, at most `MOST_DROPPED`; gives whether there may be more."""
    oldest = service.clock.now() - KEPT_DAYS * _DAY
    with reading(service.ledger):
        is_due = events.has_before(service.ledger, oldest)
    if is_due:
        with writing(service.ledger):
            events.drop_before(service.ledger, oldest, most=MOST_DROPPED)
    return is_due


def _in_turn(draw: Draw, rows: Sequence[WebhookRow]) -> Sequence[WebhookRow]:
    """The webhooks from a drawn one on, so that none that has much to be told is always the first."""
    start = int.from_bytes(draw(4), "big") % max(len(rows), 1)
    return (*rows[start:], *rows[:start])


def _settle(service: Service, outcome: Outcome, *, now: int) -> None:
    due, webhook_id = outcome.claim.due, outcome.claim.webhook.webhook_id
    if outcome.error is None and outcome.status is not None:
        deliveries.delivered(service.ledger, due.event_id, webhook_id=webhook_id, status=outcome.status, at=now)
        return
    again = None
    if not outcome.is_gone:
        again = next_try(due.attempts, now=now, until=due.until, chance=service.draw(1)[0] / 256)
    row = DeliveryRow(
        event_id=due.event_id,
        webhook_id=webhook_id,
        at=0,
        state="failed" if again is None else "waiting",
        attempts=due.attempts,
        next_at=again or now,
        until=due.until,
        last_status=outcome.status,
        last_error=outcome.error,
        last_at=now,
    )
    deliveries.not_delivered(service.ledger, row)
    if outcome.is_gone:
        _disable(service, webhook_id, now=now)


def _disable(service: Service, webhook_id: str, *, now: int) -> None:
    row = webhooks.webhook(service.ledger, webhook_id)
    if row is None or row.state == "disabled":
        return
    webhooks.set_state(service.ledger, webhook_id, state="disabled")
    deliveries.fail_all(service.ledger, webhook_id, error="gone")
    audit.write(service.ledger, Act(_BY, now), what="webhook disabled", subject=webhook_id, detail={"status": GONE})
