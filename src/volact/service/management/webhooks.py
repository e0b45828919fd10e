"""Operations on webhooks: who is told of what happens, and what came of telling it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from volact.service.ledger.deliveries import Told
from volact.service.ledger.rows import TokenRow, WebhookRow
from volact.service.management.offers import offered
from volact.service.management.office import look, office_of
from volact.service.management.once import IdempotencyKey, once, write
from volact.service.management.shapes import Asked, Id, Moment, Time, seconds, told
from volact.service.ports import Act, Service
from volact.service.usecases import webhooks
from volact.service.usecases.names import misused
from volact.service.usecases.telling import TYPES

router = Router(tags=["webhooks"])


class Webhook(Schema):
    """Who is told, and of what."""

    webhook_id: str
    url: str
    description: str
    types: list[str]
    state: str
    at: str


class WebhookSecret(Webhook):
    """A webhook with the secret that its receiver checks by; the one before signs too until `before_until`."""

    secret: str
    before_until: str | None


class Webhooks(Schema):
    """Every webhook, the oldest first."""

    webhooks: list[Webhook]


class Delivery(Schema):
    """One event for one webhook, and what the last try came to."""

    event_id: str
    type: str
    at: str
    state: str
    attempts: int
    next_at: str | None
    last_status: int | None
    last_error: str | None
    last_at: str | None


class Deliveries(Schema):
    """The newest event first."""

    deliveries: list[Delivery]


class Replayed(Schema):
    """How many events are delivered once more."""

    replayed: int


class Pinged(Schema):
    """The event of type `ping` that is being delivered."""

    event_id: str


class NewWebhook(Asked):
    """A receiver: an https URL of a public address, or one that the operator allows."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    types: Annotated[list[Annotated[str, Field(max_length=64)]], Field(default_factory=list, max_length=64)]
    description: Annotated[str, Field(max_length=200)] = ""


class StateWanted(Asked):
    """Paused, nothing is sent and what happens waits; resumed, it is sent first."""

    state: Literal["active", "paused"]


class ReplayWanted(Asked):
    """One event, or everything from a time on."""

    event_id: Id | None = None
    since: Moment | None = None


@offered(router, "GET", path="/webhooks", scope="webhooks:read", answer=Webhooks)
async def list_webhooks(request: HttpRequest) -> Any:
    """Every webhook."""

    def work(service: Service, _: TokenRow) -> Any:
        return {"webhooks": [_say(row) for row in webhooks.webhooks_of(service)]}

    return await look(request, work)


@offered(router, "POST", path="/webhooks", scope="webhooks:write", answer=WebhookSecret, status=201)
async def add_webhook(request: HttpRequest, *, body: NewWebhook, key: IdempotencyKey) -> Any:
    """Adds a webhook and shows its secret."""

    def work(service: Service, act: Act) -> dict[str, Any]:
        given = webhooks.add_webhook(service, body.url, types=body.types, description=body.description, act=act)
        return _say(given.row)

    done = await once(request, key, work=work)  # on record is which webhook it is, and not its secret
    return Status(201, done | await _secret(request, done["webhook_id"]))


@offered(router, "GET", path="/webhooks/{webhook_id}", scope="webhooks:read", answer=Webhook)
async def show_webhook(request: HttpRequest, webhook_id: str) -> Any:
    """One webhook."""
    return await look(request, lambda service, _: _say(webhooks.known_webhook(service, webhook_id)))


@offered(router, "PATCH", path="/webhooks/{webhook_id}", scope="webhooks:write", answer=Webhook)
async def change_webhook(request: HttpRequest, webhook_id: str, *, body: StateWanted) -> Any:
    """Pauses a webhook, or resumes one that was paused, or disabled since its receiver answered 410."""
    change = webhooks.resume_webhook if body.state == "active" else webhooks.pause_webhook
    return await write(request, lambda service, act: _say(change(service, webhook_id, act=act)))


@offered(router, "DELETE", path="/webhooks/{webhook_id}", scope="webhooks:write", answer=Webhook)
async def remove_webhook(request: HttpRequest, webhook_id: str) -> Any:
    """Takes a webhook away, with what waits for it."""
    return await write(request, lambda service, act: _say(webhooks.remove_webhook(service, webhook_id, act=act)))


@offered(router, "POST", path="/webhooks/{webhook_id}/secret", scope="webhooks:write", answer=WebhookSecret)
async def rotate_secret(request: HttpRequest, webhook_id: str, *, key: IdempotencyKey) -> Any:
    """Gives a webhook a new secret and shows it; the one before signs too for 24 hours."""

    def work(service: Service, act: Act) -> dict[str, Any]:
        return _say(webhooks.rotate_secret(service, webhook_id, act=act).row)

    done = await once(request, key, work=work)
    return done | await _secret(request, webhook_id)


@offered(router, "POST", path="/webhooks/{webhook_id}/ping", scope="webhooks:write", answer=Pinged)
async def ping_webhook(request: HttpRequest, webhook_id: str, *, key: IdempotencyKey) -> Any:
    """Has an event of type `ping` delivered, whatever the webhook wants to know."""
    return await once(
        request, key, work=lambda service, act: {"event_id": webhooks.ping_webhook(service, webhook_id, act=act)}
    )


@offered(router, "GET", path="/webhooks/{webhook_id}/deliveries", scope="webhooks:read", answer=Deliveries)
async def list_deliveries(
    request: HttpRequest,
    webhook_id: str,
    *,
    state: Literal["waiting", "delivered", "failed"] | None = None,
    since: Time = None,
    limit: Annotated[int, Query(ge=1, le=webhooks.MOST_SHOWN)] = 100,
) -> Any:
    """A webhook's deliveries of the last 30 days, the newest event first."""

    def work(service: Service, _: TokenRow) -> Any:
        found = webhooks.deliveries_of(service, webhook_id, state=state, since=seconds(since) or 0, most=limit)
        return {"deliveries": [_delivery(each) for each in found]}

    return await look(request, work)


@offered(router, "POST", path="/webhooks/{webhook_id}/replays", scope="webhooks:write", answer=Replayed)
async def replay_events(request: HttpRequest, webhook_id: str, *, body: ReplayWanted, key: IdempotencyKey) -> Any:
    """Delivers an event once more, or everything from a time on, under the ids that they had."""
    if (body.event_id is None) == (body.since is None):
        raise misused("give an event's id, or a time from which on everything is delivered once more")

    def work(service: Service, act: Act) -> dict[str, Any]:
        since = seconds(body.since)
        if since is not None:
            return {"replayed": webhooks.replay_since(service, webhook_id, since=since, act=act)}
        webhooks.replay_delivery(service, webhook_id, event_id=body.event_id or "", act=act)
        return {"replayed": 1}

    return await once(request, key, work=work)


async def _secret(request: HttpRequest, webhook_id: str) -> dict[str, Any]:
    def work(service: Service) -> dict[str, Any]:
        shown = webhooks.secret_of(service, webhook_id)
        return {"secret": shown.secret, "before_until": told(shown.row.before_until or None)}

    return await office_of(request).read(work)


def _say(row: WebhookRow) -> dict[str, Any]:
    return {
        "webhook_id": row.webhook_id,
        "url": row.url,
        "description": row.description,
        "types": list(row.types or TYPES),
        "state": row.state,
        "at": told(row.at),
    }


def _delivery(each: Told) -> dict[str, Any]:
    row = each.row
    return {
        "event_id": row.event_id,
        "type": each.type,
        "at": told(row.at),
        "state": row.state,
        "attempts": row.attempts,
        "next_at": told(row.next_at) if row.state == "waiting" else None,
        "last_status": row.last_status,
        "last_error": row.last_error,
        "last_at": told(row.last_at),
    }
