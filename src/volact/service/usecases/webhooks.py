"""Webhooks as operators keep them: added, rotated, paused, removed; what was delivered, and once more (spec S-11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, deliveries, webhooks
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.deliveries import Told
from volact.service.ledger.rows import WebhookRow
from volact.service.ports import Act, Service
from volact.service.usecases.names import check_name, draw_id, misused
from volact.service.usecases.telling import TYPES, put_ping
from volact.service.webhooks.schedule import PATIENCE
from volact.service.webhooks.signature import SECRET_BYTES, secret_text
from volact.service.webhooks.targets import read_target

MOST_WEBHOOKS = 100
MOST_SHOWN = 1_000  # deliveries at once
OVERLAP = 24 * 3_600  # seconds in which the secret before a rotation signs too
STATES = ("waiting", "delivered", "failed")


@dataclass(frozen=True, slots=True)
class Given:
    """A webhook, and its secret in the one moment when it is shown."""

    row: WebhookRow
    secret: str


def add_webhook(service: Service, url: str, *, types: Collection[str] = (), description: str = "", act: Act) -> Given:
    """Adds a webhook for some types of events, or for all; gives it with its secret.

    Raises Refused: `webhook_target_refused`, `usage` for a type that is none, or for too many webhooks.
    """
    target = read_target(url)
    unknown = sorted(set(types) - set(TYPES))
    if unknown:
        raise misused(say('"{type}" is not a type of event: {types}', type=unknown[0], types=", ".join(TYPES)))
    noted = check_name(description, say("a description")) if description else ""
    with writing(service.ledger):
        if len(webhooks.every(service.ledger)) >= MOST_WEBHOOKS:
            raise misused(say("there are {most} webhooks, and no more are kept", most=MOST_WEBHOOKS))
        webhook_id = draw_id(service.draw, "W", taken=lambda id: webhooks.webhook(service.ledger, id) is not None)
        secret, sealed = _secret(service, webhook_id)
        chosen = tuple(type for type in TYPES if type in types)
        row = WebhookRow(webhook_id, url, noted, chosen, sealed, None, 0, "active", act.now)
        webhooks.add(service.ledger, row)
        detail = {"host": target.host, "types": list(chosen)}
        audit.write(service.ledger, act, what="webhook added", subject=webhook_id, detail=detail)
    return Given(row, secret)


def webhooks_of(service: Service) -> tuple[WebhookRow, ...]:
    """Every webhook, the oldest first."""
    with reading(service.ledger):
        return webhooks.every(service.ledger)


def remove_webhook(service: Service, webhook_id: str, *, act: Act) -> WebhookRow:
    """Takes a webhook away, with what waits for it. Raises Refused (`unknown_webhook`)."""
    with writing(service.ledger):
        row = known_webhook(service, webhook_id)
        webhooks.remove(service.ledger, webhook_id)
        audit.write(service.ledger, act, what="webhook removed", subject=webhook_id)
    return row


def pause_webhook(service: Service, webhook_id: str, *, act: Act) -> WebhookRow:
    """Sends nothing to a webhook until it is resumed; what happens meanwhile waits. Raises `unknown_webhook`."""
    with writing(service.ledger):
        if known_webhook(service, webhook_id).state == "active":
            _set_state(service, webhook_id, state="paused", act=act)
        return known_webhook(service, webhook_id)


def resume_webhook(service: Service, webhook_id: str, *, act: Act) -> WebhookRow:
    """Sends to a webhook again that was paused or disabled, first what waits, with three days from now.

    Raises Refused (`unknown_webhook`).
    """
    with writing(service.ledger):
        if known_webhook(service, webhook_id).state != "active":
            deliveries.hasten(service.ledger, webhook_id, now=act.now, until=act.now + PATIENCE)
            _set_state(service, webhook_id, state="active", act=act)
        return known_webhook(service, webhook_id)


def rotate_secret(service: Service, webhook_id: str, *, act: Act) -> Given:
    """Gives a webhook a new secret; the one that it had signs too for 24 hours, one before that no more.

    Raises Refused (`unknown_webhook`).
    """
    with writing(service.ledger):
        known_webhook(service, webhook_id)
        secret, sealed = _secret(service, webhook_id)
        webhooks.rotate(service.ledger, webhook_id, sealed=sealed, before_until=act.now + OVERLAP)
        audit.write(service.ledger, act, what="webhook secret rotated", subject=webhook_id)
        return Given(known_webhook(service, webhook_id), secret)


def secret_of(service: Service, webhook_id: str) -> Given:
    """A webhook with its secret, for an answer that the first one was lost of. Raises Refused (`unknown_webhook`)."""
    with reading(service.ledger):
        row = known_webhook(service, webhook_id)
    return Given(row, secret_text(service.vault.envelope.open(row.sealed_secret, secret_subject(webhook_id))))


def deliveries_of(
    service: Service, webhook_id: str, *, state: str | None = None, since: int = 0, most: int = MOST_SHOWN
) -> tuple[Told, ...]:
    """A webhook's deliveries of the last 30 days, the newest event first, at most `MOST_SHOWN`.

    Raises Refused: `unknown_webhook`, `usage` for a state or a number that cannot be.
    """
    if state is not None and state not in STATES:
        raise misused(say('"{state}" is not a state of a delivery: {states}', state=state, states=", ".join(STATES)))
    if not 1 <= most <= MOST_SHOWN:
        raise misused(say("from 1 to {most} deliveries are shown at once", most=MOST_SHOWN))
    with reading(service.ledger):
        known_webhook(service, webhook_id)
        return deliveries.of_webhook(service.ledger, webhook_id, state=state, since=since, most=most)


def replay_delivery(service: Service, webhook_id: str, *, event_id: str, act: Act) -> Told:
    """Delivers an event to a webhook once more, under the id that it had, with three days from now.

    Raises Refused: `unknown_webhook`, `unknown_delivery`.
    """
    with writing(service.ledger):
        known_webhook(service, webhook_id)
        if deliveries.delivery(service.ledger, webhook_id, event_id=event_id) is None:
            detail = say(
                'no delivery of an event "{event_id}" to {webhook_id} is on record',
                event_id=event_id,
                webhook_id=webhook_id,
            )
            raise Refused(Refusal("unknown_delivery", detail, {"webhook_id": webhook_id, "event_id": event_id}))
        deliveries.replay(service.ledger, webhook_id, event_id=event_id, now=act.now, until=act.now + PATIENCE)
        audit.write(service.ledger, act, what="delivery replayed", subject=webhook_id, detail={"event_id": event_id})
        told = deliveries.delivery(service.ledger, webhook_id, event_id=event_id)
    assert told is not None
    return told


def replay_since(service: Service, webhook_id: str, *, since: int, act: Act) -> int:
    """Delivers once more what happened from a time on (seconds), delivered or not; gives how many these are.

    Raises Refused (`unknown_webhook`).
    """
    with writing(service.ledger):
        known_webhook(service, webhook_id)
        number = deliveries.replay_since(service.ledger, webhook_id, since=since, now=act.now, until=act.now + PATIENCE)
        detail = {"since": since, "deliveries": number}
        audit.write(service.ledger, act, what="deliveries replayed", subject=webhook_id, detail=detail)
    return number


def ping_webhook(service: Service, webhook_id: str, *, act: Act) -> str:
    """Has an event of type `ping` delivered to a webhook by the running service; gives the event's id.

    Raises Refused (`unknown_webhook`).
    """
    with writing(service.ledger):
        known_webhook(service, webhook_id)
        return put_ping(service, webhook_id, now=act.now)


def known_webhook(service: Service, webhook_id: str) -> WebhookRow:
    """The webhook of that id, inside the caller's transaction; raises Refused (`unknown_webhook`)."""
    row = webhooks.webhook(service.ledger, webhook_id)
    if row is None:
        detail = say('no webhook has the id "{webhook_id}"', webhook_id=webhook_id)
        raise Refused(Refusal("unknown_webhook", detail, {"webhook_id": webhook_id}))
    return row


def secret_subject(webhook_id: str) -> str:
    """What a webhook's secrets are sealed to."""
    return f"{webhook_id}/secret"


def _secret(service: Service, webhook_id: str) -> tuple[str, bytes]:
    secret = service.draw(SECRET_BYTES)
    return secret_text(secret), service.vault.envelope.seal(secret, secret_subject(webhook_id))


def _set_state(service: Service, webhook_id: str, *, state: str, act: Act) -> None:
    webhooks.set_state(service.ledger, webhook_id, state=state)
    what = "webhook paused" if state == "paused" else "webhook resumed"
    audit.write(service.ledger, act, what=what, subject=webhook_id)
