"""Webhooks: added, rotated, paused, removed; what was delivered, and once more."""

from __future__ import annotations

from django.http import HttpResponse

from volact.errors import Refusal, Refused, say
from volact.service.pages.look import address
from volact.service.pages.office.typed import number
from volact.service.pages.visit import Visit, page
from volact.service.ports import Act, Service
from volact.service.roles import Right
from volact.service.usecases import webhooks as deeds
from volact.service.usecases.names import misused
from volact.service.usecases.telling import TYPES
from volact.service.usecases.webhooks import STATES, Given

SHOWN = 100  # deliveries
MOST_DAYS = 30  # that deliveries are kept
_DAY = 86_400


@page(Right.OFFICE)
def every(visit: Visit) -> HttpResponse:
    """Who is told of what, and the form that adds one; its secret is shown in the answer to that alone."""
    if visit.request.method != "POST":
        return _listed(visit)
    made: list[Given] = []

    def work(service: Service, act: Act) -> str:
        url, said = visit.posted("url"), visit.posted("description")
        types = visit.request.POST.getlist("type")
        made.append(deeds.add_webhook(service, url, types=types, description=said, act=act))
        return _at(made[0].row.webhook_id)

    try:
        response = visit.once(work)
    except Refused as err:
        return _listed(visit, refused=err.refusal)
    return _secret(visit, made[0]) if made else response


@page(Right.OFFICE)
def one(visit: Visit, webhook_id: str) -> HttpResponse:
    """One webhook with its deliveries; what is done to it is done once however often its form is sent."""
    if visit.request.method != "POST":
        return _shown(visit, webhook_id)
    rotated: list[Given] = []

    def work(service: Service, act: Act) -> str:
        if visit.posted("do") == "rotate":
            rotated.append(deeds.rotate_secret(service, webhook_id, act=act))
            return _at(webhook_id)
        return _done(visit, service, webhook_id=webhook_id, act=act)

    try:
        response = visit.once(work)
    except Refused as err:
        if err.code == "unknown_webhook":
            raise
        return _shown(visit, webhook_id, refused=err.refusal)
    return _secret(visit, rotated[0]) if rotated else response


def _done(visit: Visit, service: Service, *, webhook_id: str, act: Act) -> str:
    """Does what a form of the page asks, and gives the page that follows."""
    match visit.posted("do"):
        case "pause":
            deeds.pause_webhook(service, webhook_id, act=act)
        case "resume":
            deeds.resume_webhook(service, webhook_id, act=act)
        case "ping":
            deeds.ping_webhook(service, webhook_id, act=act)
        case "replay":
            deeds.replay_delivery(service, webhook_id, event_id=visit.posted("event"), act=act)
        case "replay-days":
            days = number(visit.posted("days"), say("days"))
            if not 1 <= days <= MOST_DAYS:
                raise misused(
                    say("deliveries are kept for {most} days: a number from 1 to {most} is asked for", most=MOST_DAYS)
                )
            deeds.replay_since(service, webhook_id, since=act.now - days * _DAY, act=act)
        case "remove":
            deeds.remove_webhook(service, webhook_id, act=act)
            return address("office-webhooks")
        case _:
            raise misused(say("the form did not say what is to be done"))
    return _at(webhook_id)


def _at(webhook_id: str) -> str:
    return address("office-webhook", webhook_id=webhook_id)


def _secret(visit: Visit, given: Given) -> HttpResponse:
    row = given.row
    return visit.page("office/secret.html", secret=given.secret, of=row.url, what="webhook", back=_at(row.webhook_id))


def _listed(visit: Visit, *, refused: Refusal | None = None) -> HttpResponse:
    return visit.page(
        "office/webhooks.html",
        status=422 if refused else 200,
        refused=refused,
        typed={name: visit.posted(name) for name in ("url", "description")},
        chosen=visit.request.POST.getlist("type"),
        rows=deeds.webhooks_of(visit.service),
        types=TYPES,
    )


def _shown(visit: Visit, webhook_id: str, *, refused: Refusal | None = None) -> HttpResponse:
    state = visit.asked("state") if visit.asked("state") in STATES else None
    return visit.page(
        "office/webhook.html",
        status=422 if refused else 200,
        refused=refused,
        row=deeds.known_webhook(visit.service, webhook_id),
        deliveries=deeds.deliveries_of(visit.service, webhook_id, state=state, most=SHOWN),
        state=state,
        states=STATES,
        most=SHOWN,
        most_days=MOST_DAYS,
    )
