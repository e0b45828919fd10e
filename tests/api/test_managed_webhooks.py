"""The management API on webhooks: the same acts as the command line's, and no secret in an answer that is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.test_managed_keys import kept
from tests.api.test_managed_record import activate
from tests.support.managed import Managing, managing
from tests.support.service import Place

Found = Callable[[Path], Place]
URL = "https://hooks.example.com/volact"


@pytest.fixture
def office(found: Found, tmp_path: Path) -> Iterator[Managing]:
    """A running front over a new publisher with one customer."""
    with managing(found(tmp_path / "service")) as office:
        yield office


def test_a_webhook_is_added_once_and_its_secret_is_not_kept(office: Managing) -> None:
    """The same request again gives the same webhook and secret; what is kept of the answer has no secret in it."""
    token = office.token("webhooks:read", "webhooks:write")
    wanted = {"url": URL, "types": ["key.blocked"], "description": "ledger"}
    made = [office.post("/webhooks", wanted, token=token, key="first-webhook") for _ in range(2)]
    assert [reply.status_code for reply in made] == [201, 201]
    assert made[0].json() == made[1].json()
    secret = made[0].json()["secret"]
    assert secret.startswith("whsec_")
    assert secret not in kept(office)
    (listed,) = office.get("/webhooks", token=token).json()["webhooks"]
    assert listed == {name: value for name, value in made[0].json().items() if name not in ("secret", "before_until")}
    assert office.get(f"/webhooks/{listed['webhook_id']}", token=token).json() == listed
    turned = office.post(f"/webhooks/{listed['webhook_id']}/secret", {}, token=token).json()
    assert turned["secret"] != secret
    assert turned["before_until"] is not None


def test_a_webhooks_events_are_listed_delivered_once_more_and_ended(office: Managing) -> None:
    """What happened waits for a webhook, is listed, is delivered once more, waits while paused, and goes with it."""
    token = office.token("webhooks:read", "webhooks:write")
    webhook_id = office.post("/webhooks", {"url": URL}, token=token).json()["webhook_id"]
    path = f"/webhooks/{webhook_id}"
    assert office.call("PATCH", path, token=token, body={"state": "paused"}).json()["state"] == "paused"
    activate(office, office.place.key("tracer-9", "mak", activations=9))
    event_id = office.post(f"{path}/ping", {}, token=token).json()["event_id"]
    told = office.get(f"{path}/deliveries", token=token, state="waiting").json()["deliveries"]
    assert sorted(each["type"] for each in told) == ["activation.created", "ping"]
    assert office.post(f"{path}/replays", {"event_id": event_id}, token=token).json() == {"replayed": 1}
    everything = {"since": "2020-01-01T00:00:00Z"}
    assert office.post(f"{path}/replays", everything, token=token).json() == {"replayed": 2}
    refused = (
        office.post(f"{path}/replays", {}, token=token).json(),
        office.post(f"{path}/replays", {"event_id": "evt_none"}, token=token).json(),
    )
    assert [each["code"] for each in refused] == ["usage", "unknown_delivery"]
    assert office.call("PATCH", path, token=token, body={"state": "active"}).json()["state"] == "active"
    assert office.call("DELETE", path, token=token).json()["webhook_id"] == webhook_id
    assert office.get(path, token=token).json()["code"] == "unknown_webhook"


def test_a_target_that_can_be_read_in_two_ways_is_refused(office: Managing) -> None:
    """A URL with a user, a fragment or a number for a host, or that is none, is refused when it is added."""
    token = office.token("webhooks:write")
    urls = (
        "https://user@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://0x7f000001/",
        "ftp://x/",
        "https://",
    )
    codes = [office.post("/webhooks", {"url": url}, token=token).json()["code"] for url in urls]
    assert set(codes) == {"webhook_target_refused"}
    unknown = office.post("/webhooks", {"url": URL, "types": ["none"]}, token=token).json()
    assert unknown["code"] == "usage"
