"""What Prometheus reads: answers as counters of this process, counts and certificates as of the moment of reading."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from volact.host.overview import Overview

MEDIA = CONTENT_TYPE_LATEST


class Metrics:
    """The figures of one running host."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        leases = Counter("volact_host_leases", "Leases given since the start", ["kind"], registry=self._registry)
        self._given = {
            None: leases.labels("repeated"),
            False: leases.labels("activated"),
            True: leases.labels("renewed"),
        }
        self._refused = self._counter("volact_host_refused", "Requests refused since the start", "code")
        self._renewals = self._counter("volact_host_certificate_renewals", "Renewals of certificates tried", "result")
        self._counts = self._gauge("volact_host_computers", "Distinct computers in the window", "count_group")
        self._thresholds = self._gauge("volact_host_threshold", "Computers needed", "count_group", "product_group")
        self._ends = self._gauge("volact_host_certificate_end_seconds", "End of the certificate", "product_group")
        self._activated = self._gauge("volact_host_activated", "1 while a certificate is in force")
        self._clones = self._gauge("volact_host_clones", "Computers whose device key came back after another one")

    def given(self, renewed: bool | None) -> None:
        """Counts a lease: the first, a renewal, or (None) an answer repeated."""
        self._given[renewed].inc()

    def refused(self, code: str) -> None:
        """Counts a refusal."""
        self._refused.labels(code).inc()

    def renewal(self, result: str) -> None:
        """Counts a try to renew a certificate: `done` or the code of its refusal."""
        self._renewals.labels(result).inc()

    def text(self, seen: Overview) -> bytes:
        """Everything as Prometheus text."""
        for gauge in (self._counts, self._thresholds, self._ends):
            gauge.clear()
        for group in seen.counts:
            self._counts.labels(group.count_group).set(group.count)
            for need in group.thresholds:
                self._thresholds.labels(group.count_group, need.product_group).set(need.threshold)
        for each in seen.certificates:
            self._ends.labels(each.product_group).set(each.expires)
        self._activated.set(seen.activated)
        self._clones.set(seen.clones)
        return generate_latest(self._registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self._registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self._registry)
