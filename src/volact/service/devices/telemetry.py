"""What operators see of the device API: a log line for each request, figures for Prometheus; no keys, no secrets."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from structlog.tracebacks import ExceptionDictTransformer

from volact.errors import Refusal, VolactError
from volact.service.devices.figures import Figures, Gauges
from volact.service.devices.published import Published
from volact.serving.asgi import HttpReply

Log = structlog.typing.FilteringBoundLogger
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(slots=True)
class Seen:
    """What is known of one request so far; `code` is `granted`, `repeated`, or that of its refusal.

    `address` is whence it came, `rid` its number, `request_id` what a proxy called it; `is_proved` says that proof and
    signature held, so that `keyid` is no mere word.
    """

    address: str
    request_id: str | None = None
    op: str = "unknown"
    rid: str | None = None
    keyid: str | None = None
    jkt: str | None = None
    is_proved: bool = False
    code: str = "granted"
    ms: float = 0

    @property
    def is_denied(self) -> bool:
        """Whether it was refused for what it is, and not for a fault of ours."""
        return self.code not in ("granted", "repeated") and Refusal(self.code, "").known.status < 500


class Telemetry:
    """The log and the figures of one device API."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._registry = CollectorRegistry()
        count = partial(Counter, registry=self._registry)
        observe = partial(Histogram, registry=self._registry)
        requests = count("volact_service_requests", "Signed requests answered, by operation and code", ["op", "code"])
        activations = count("volact_service_activations", "Credentials put on record, by operation", ["op"])
        refusals = count("volact_service_refusals", "Requests refused, by code", ["code"])
        # `labels` looks its child up under a lock; operations and codes are few.
        self._requests, self._activations, self._refusals = (
            cache(each.labels) for each in (requests, activations, refusals)
        )
        by = ["method", "status"]
        self._managed = count("volact_service_managed", "Requests to the management API, by method and status", by)
        self._managed.labels("GET", "200")
        self._visited = count("volact_service_visited", "Requests to the pages, by method and status", by)
        self._visited.labels("GET", "200")
        turns = "Turns of the telephone menu, by what came of them"
        self._calls = count("volact_service_telephone_turns", turns, ["outcome"])
        self._calls.labels("begun")
        tries = "Deliveries to webhooks that were tried, by what came of it"
        self._tries = count("volact_service_webhook_tries", tries, ["outcome"])
        self._tries.labels("delivered")
        shared = "Requests that shared one transaction"
        self._sizes = observe("volact_service_batch_requests", shared, buckets=_SIZES)
        took = "From the begin of a batch's transaction to its end on disk"
        self._seconds = observe("volact_service_batch_seconds", took, buckets=_SECONDS)
        self._gauges = Gauges()
        self._registry.register(self._gauges)

    def request(self, seen: Seen) -> None:
        """Tells of one request that was answered."""
        self._requests(seen.op, seen.code).inc()
        if seen.code == "granted":
            self._activations(seen.op).inc()
        elif seen.code != "repeated":
            self._refusals(seen.code).inc()
        with suppress(OSError):  # a log that cannot be written, on a full disk say, changes no answer
            self._log.info(
                "request",
                op=seen.op,
                code=seen.code,
                rid=seen.rid,
                keyid=seen.keyid,
                device=seen.jkt,
                address=seen.address,
                request_id=seen.request_id,
                ms=round(seen.ms, 1),
            )

    def managed(self, method: str, status: int, **said: object) -> None:
        """Tells of one request to the management API that was answered."""
        self._managed.labels(method, str(status)).inc()
        with suppress(OSError):
            self._log.info("managed", method=method, status=status, **said)

    def visited(self, method: str, status: int, **said: object) -> None:
        """Tells of one request to the pages that was answered."""
        self._visited.labels(method, str(status)).inc()
        with suppress(OSError):
            self._log.info("visited", method=method, status=status, **said)

    def called(self, outcome: str, **said: object) -> None:
        """Tells of one turn of the telephone menu; never what was typed, nor by whom."""
        self._calls.labels(outcome).inc()
        with suppress(OSError):
            self._log.info("telephone", outcome=outcome, **said)

    def batch(self, size: int, seconds: float) -> None:
        """Tells of one batch that was decided, or failed."""
        self._sizes.observe(size)
        self._seconds.observe(seconds)

    def not_sequenced(self, error: VolactError) -> None:
        """Tells why no checkpoint of the log could be signed; it is tried again."""
        with suppress(OSError):
            self._log.warning("log not sequenced", code=error.code, detail=error.detail)

    def not_counted(self, error: VolactError) -> None:
        """Tells why denials could not be put on record; it is tried again."""
        with suppress(OSError):
            self._log.warning("denials not recorded", code=error.code, detail=error.detail)

    def tried(self, webhook: str, *, event: str, attempt: int, status: int | None, error: str | None) -> None:
        """Tells what a delivery to a webhook came to; in the log only where it failed."""
        self._tries.labels(error or "delivered").inc()
        if error is not None:
            with suppress(OSError):
                self._log.warning(
                    "webhook not delivered",
                    webhook=webhook,
                    event_id=event,
                    attempt=attempt,
                    status=status,
                    error=error,
                )

    def not_told(self, error: VolactError) -> None:
        """Tells why deliveries to webhooks could not be looked at; it is tried again."""
        with suppress(OSError):
            self._log.warning("webhooks not looked at", code=error.code, detail=error.detail)

    def not_mailed(self) -> None:
        """Tells that a letter of the pages was not sent; never to whom."""
        with suppress(OSError):
            self._log.warning("mail not sent")

    def not_backed_up(self, refusal: Refusal) -> None:
        """Tells why a backup that was asked for on a page was not made."""
        with suppress(OSError):
            self._log.warning("backup not made", code=refusal.code, detail=refusal.detail)

    def not_signed_on(self, error: str) -> None:
        """Tells why a single sign-on came to nothing; never for whom."""
        with suppress(OSError):
            self._log.warning("sign-on failed", error=error)

    def defect(self, instance: str, error: BaseException) -> None:
        """Tells of a defect, by the id that its problem document names."""
        with suppress(OSError):
            self._log.error("defect", instance=instance, exc_info=error)

    def exposition(self, published: Published | None, figures: Figures | None, *, now: int) -> HttpReply:
        """The figures as Prometheus reads them at a time (seconds); without those of the record while it is away."""
        self._gauges.show(published, figures, now=now)
        return HttpReply(generate_latest(self._registry), media=CONTENT_TYPE_LATEST)


def json_log() -> Log:
    """A log of JSON lines on standard error, one a line, times in UTC."""
    log: Log = structlog.wrap_logger(
        structlog.BytesLogger(sys.stderr.buffer),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # they hold secrets
            structlog.processors.JSONRenderer(_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    ).bind()  # once, and not for each line
    return log


def _json(event: structlog.typing.EventDict, **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


def no_log() -> Log:
    """A log that says nothing, for a command that answers one file."""
    log: Log = structlog.wrap_logger(
        structlog.ReturnLogger(), wrapper_class=structlog.make_filtering_bound_logger("critical")
    )
    return log
