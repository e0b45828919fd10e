"""What Prometheus reads of the record: figures that are read in a thread of their own, and kept for some seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from volact.errors import VolactError
from volact.licensing.catalog import KINDS, UNCOUNTED
from volact.licensing.forecast import LEVELS
from volact.service.devices.published import Published
from volact.service.ledger import figures, log
from volact.service.ledger.connection import reading
from volact.service.ports import Service

KEPT_SECONDS = 10
_DAY = 86_400
_NAME = "volact_service_"


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one state of the record: keys by (kind, level), entries that wait, and times in seconds or None."""

    keys: Mapping[tuple[str, int], int]
    waiting: int
    checkpoint_at: int | None
    revocations_at: int | None


class Watch:
    """Reads figures by a connection of its own, however often it is asked: once in `KEPT_SECONDS`."""

    def __init__(self, service: Service, kept_seconds: float = KEPT_SECONDS) -> None:
        self._service = service
        self._kept_seconds = kept_seconds
        self._kept: Figures | None = None
        self._until = 0.0
        self._turn = asyncio.Lock()

    async def figures(self) -> Figures | None:
        """Figures that are some seconds old at the most; None while the record cannot be read."""
        async with self._turn:  # who comes meanwhile waits for the same ones
            if time.monotonic() >= self._until:
                self._kept = await asyncio.to_thread(self._read)
                self._until = time.monotonic() + self._kept_seconds
            return self._kept

    def _read(self) -> Figures | None:
        ledger = self._service.ledger
        try:
            with reading(ledger):
                return Figures(
                    keys=figures.keys_by_level(ledger),
                    waiting=log.waiting(ledger),
                    checkpoint_at=figures.checkpoint_at(ledger),
                    revocations_at=figures.signed_at(ledger, "revocations"),
                )
        except VolactError:
            return None


class Gauges(Collector):
    """The gauges of one scrape; what is not known just now is not there, rather than wrong."""

    def __init__(self) -> None:
        self._shown: tuple[Metric, ...] = ()

    def show(self, published: Published | None, seen: Figures | None, *, now: int) -> None:
        """Sets what the scrape at a time (seconds) shows."""
        documents = _of_documents(published, now) if published else ()
        self._shown = (*documents, *(_of_record(seen, now) if seen else ()))

    def collect(self) -> Iterable[Metric]:
        """What Prometheus's client asks for."""
        return self._shown


def _of_documents(published: Published, now: int) -> Iterable[Metric]:
    end = max((key.exp for key in published.root.active("issuing")), default=0)
    yield _gauge("issuing_key_end_seconds", "When the last active issuing key ends, in seconds since 1970", value=end)
    yield _gauge("issuing_key_days_left", "Days until the last active issuing key ends", value=(end - now) / _DAY)
    yield _gauge("log_entries", "Entries of the audit under the newest checkpoint", value=published.log_size)
    versions = GaugeMetricFamily(f"{_NAME}document_version", "Newest signed version", labels=["document"])
    for name in ("root", "catalog", "revocations"):
        versions.add_metric([name], getattr(published.versions, name))
    yield versions


def _of_record(seen: Figures, now: int) -> Iterable[Metric]:
    yield _gauge("log_waiting_entries", "Entries of the audit that are not in the log yet", value=seen.waiting)
    if seen.checkpoint_at is not None:
        yield _gauge("checkpoint_age_seconds", "Since the newest checkpoint was signed", value=now - seen.checkpoint_at)
    if seen.revocations_at is not None:
        yield _gauge("revocations_age_seconds", "Since the revocation list was signed", value=now - seen.revocations_at)
    told = "Active keys for more than one activation that reached a percentage of it, and no higher one"
    keys = GaugeMetricFamily(f"{_NAME}keys_near_end", told, labels=["kind", "level"])
    for kind in KINDS:
        for level in LEVELS if kind not in UNCOUNTED else ():
            keys.add_metric([kind, str(level)], seen.keys.get((kind, level), 0))
    yield keys


def _gauge(name: str, told: str, *, value: float) -> Metric:
    return GaugeMetricFamily(f"{_NAME}{name}", told, value=value)
