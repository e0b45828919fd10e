"""What `/metrics` offers: read by Prometheus's own parser, and documented name by name."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.support.service import Answering, Device, Place
from volact.credential.root import Root
from volact.service.devices.figures import Watch
from volact.service.ledger import figures

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| `(volact_service_\w+)` \|([^|]*)\|", re.MULTILINE)
DAY = 86_400


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A publisher founded from demo.toml."""
    return Place.make(tmp_path / "service")


@pytest.fixture
def answering(place: Place) -> Iterator[Answering]:
    """Its service."""
    with place.answering() as found:
        yield found


def scrape(answering: Answering) -> dict[str, Metric]:
    """The families by name, without those that say when a counter was made."""
    text = answering.answer("GET", "/metrics").body.decode()
    return {each.name: each for each in text_string_to_metric_families(text) if not each.name.endswith("_created")}


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    """The one sample of that name and these labels."""
    (found,) = (
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    )
    return float(found)


def used(place: Place, *numbers: int) -> None:
    """Keys for 20 activations of which so many were taken."""
    for number in numbers:
        key = place.key("tracer-9", "mak", activations=20)
        with place.opened() as service:
            service.ledger.execute("UPDATE keys SET used = ? WHERE keyid = ?", (number, key.keyid))


def test_every_name_is_documented(place: Place, answering: Answering) -> None:
    """Each figure with its labels stands in docs/metrics.md, and each that stands there is offered."""
    key = place.key("tracer-9", "mak")
    answering.answer("POST", "/v1/requests", Device(place.publisher).activate(key, "tracer-9"))
    answering.answer("POST", "/v1/requests", b"{}")
    answering.runner.run(answering.app.sequence())
    offered = {
        f"{family.name}_total" if family.type == "counter" else family.name: {
            label for sample in family.samples for label in sample.labels if label != "le"
        }
        for family in scrape(answering).values()
    }
    told = ROW.findall((DOCS / "metrics.md").read_text())
    assert offered == {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in told}
    alerts = re.findall(r"\bvolact_service_\w+", (DOCS / "metrics.md").read_text().partition("## Alerts")[2])
    assert alerts
    assert {name.removesuffix("_bucket") for name in alerts} <= offered.keys()


def test_requests_and_batches_are_counted(place: Place, answering: Answering) -> None:
    """Requests are counted by operation and outcome, refusals by code, batches by their size and time."""
    key = place.key("tracer-9", "mak", activations=1)
    body = Device(place.publisher).activate(key, "tracer-9")
    for each in (body, body, Device(place.publisher).activate(key, "tracer-9"), b"{}"):
        answering.answer("POST", "/v1/requests", each)
    found = scrape(answering)
    for op, code in (("activate", "granted"), ("activate", "repeated"), ("activate", "mak_exhausted")):
        assert value(found, "volact_service_requests_total", op=op, code=code) == 1
    assert value(found, "volact_service_requests_total", op="unknown", code="request_malformed") == 1
    assert value(found, "volact_service_refusals_total", code="mak_exhausted") == 1
    assert value(found, "volact_service_batch_requests_sum") == value(found, "volact_service_batch_seconds_count") == 2
    assert 0 < value(found, "volact_service_batch_seconds_sum") < 60


def test_keys_are_counted_at_their_level(place: Place) -> None:
    """A key is counted at the highest level that it reached, and one for a single activation not at all."""
    used(place, 0, 15, 16, 18, 19, 19, 20)
    single = place.key("tracer-9", "retail")
    with place.answering() as answering:
        answering.answer("POST", "/v1/requests", Device(place.publisher).activate(single, "tracer-9"))
        found = scrape(answering)
    levels = {level: value(found, "volact_service_keys_near_end", kind="mak", level=level) for level in ("80", "95")}
    assert levels == {"80": 2, "95": 2}
    assert value(found, "volact_service_keys_near_end", kind="mak", level="100") == 1
    assert value(found, "volact_service_keys_near_end", kind="retail", level="100") == 0


def test_ages_are_those_of_the_record(place: Place, answering: Answering) -> None:
    """The log's size and what waits for it, the issuing key's days and the ages of what was signed are on record."""
    answering.runner.run(answering.app.sequence())
    before = scrape(answering)
    assert value(before, "volact_service_log_waiting_entries") == 0
    assert value(before, "volact_service_log_entries") >= 1
    assert 0 <= value(before, "volact_service_checkpoint_age_seconds") < 600
    assert 0 <= value(before, "volact_service_revocations_age_seconds") < 600
    root: Root = answering.app.api.shelf.newest.root
    end = max(key.exp for key in root.active("issuing"))
    assert value(before, "volact_service_issuing_key_end_seconds") == end
    left = value(before, "volact_service_issuing_key_days_left")
    assert left == pytest.approx((end - place.trust.root.iat) / DAY, abs=0.1)


def test_scrapes_share_what_was_read(place: Place) -> None:
    """However many scrape at once, the record is read once in some seconds, and never in the loop's thread."""
    with place.opened() as service:
        threads: list[str] = []
        ledger = service.ledger
        ledger.set_trace_callback(lambda text: threads.append(threading.current_thread().name))

        async def many() -> None:
            watch = Watch(service)
            found = await asyncio.gather(*(watch.figures() for _ in range(50)))
            assert found[0] is not None
            assert all(each is found[0] for each in found)

        asyncio.run(many())
        ledger.set_trace_callback(None)
    assert 0 < len(threads) < 10
    assert threading.current_thread().name not in threads


def test_record_that_is_away_leaves_its_figures_out(place: Place, answering: Answering) -> None:
    """While the record cannot be read its figures are absent, and the counters are there."""
    for name in ("ledger.db", "ledger.db-wal"):
        (place.folder / name).write_bytes(b"")
    found = scrape(answering)
    assert "volact_service_log_waiting_entries" not in found
    assert "volact_service_requests" in found


def test_near_end_is_read_without_activations(place: Place) -> None:
    """Counting keys by level and reading ages looks at no activation."""
    with place.opened() as service:
        asked: list[str] = []
        service.ledger.set_trace_callback(asked.append)
        figures.keys_by_level(service.ledger)
        figures.signed_at(service.ledger, "revocations")
        figures.checkpoint_at(service.ledger)
        service.ledger.set_trace_callback(None)
    assert asked
    assert not any("activations" in text for text in asked)
