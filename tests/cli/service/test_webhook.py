"""`volact service webhook` for people and for programs."""

from __future__ import annotations

import pytest

from tests.cli.service.conftest import Desk

URL = "https://hooks.example.com/volact"


def added(desk: Desk, url: str = URL, *options: str) -> dict[str, object]:
    """A webhook as it was added."""
    said = desk.run("webhook", "add", "DIR", url, *options)
    assert said.code == 0, said
    return said.data


def test_a_webhook_is_added_listed_and_removed(any_desk: Desk) -> None:
    """A webhook is added with its types of events, shows its secret that once, and is listed until it is removed."""
    assert any_desk.run("webhook", "list", "DIR", json=False).out == "no webhook is told anything\n"
    given = added(any_desk, URL, "--event", "key.blocked", "--event", "key.exhaustion", "--description", "Billing")
    assert str(given["secret"]).startswith("whsec_")
    shown = {name: value for name, value in given.items() if name != "secret"}
    assert any_desk.run("webhook", "list", "DIR").data == {"webhooks": [shown]}
    assert (shown["types"], shown["description"]) == (["key.blocked", "key.exhaustion"], "Billing")
    assert shown["state"] == "active"
    text = any_desk.run("webhook", "list", "DIR", json=False).out
    assert URL in text
    assert "key.blocked, key.exhaustion" in text
    assert any_desk.run("webhook", "remove", "DIR", shown["webhook_id"]).code == 0
    assert any_desk.run("webhook", "list", "DIR").data == {"webhooks": []}


def test_a_webhook_is_paused_resumed_and_rotated(desk: Desk) -> None:
    """A webhook is paused, resumed and rotated by its id; a rotation says until when both secrets sign."""
    given = added(desk)
    typed = str(given["webhook_id"]).lower()
    assert desk.run("webhook", "pause", "DIR", typed).data["state"] == "paused"
    assert desk.run("webhook", "resume", "DIR", typed, json=False).out == f"{given['webhook_id']} is active\n"
    rotated = desk.run("webhook", "rotate", "DIR", typed)
    assert str(rotated.data["secret"]).startswith("whsec_")
    assert rotated.data["secret"] != given["secret"]
    assert rotated.data["before_until"]
    assert "signs too until" in desk.run("webhook", "rotate", "DIR", typed, json=False).out


def test_deliveries_are_listed_and_replayed(desk: Desk) -> None:
    """What waits for a webhook is listed, and replayed by its event or from a time on."""
    webhook_id = str(added(desk)["webhook_id"])
    nothing = "there is nothing that it was told, or is to be told\n"
    assert desk.run("webhook", "deliveries", "DIR", webhook_id, json=False).out == nothing
    event_id = desk.run("webhook", "test", "DIR", webhook_id).data["event_id"]
    (found,) = desk.run("webhook", "deliveries", "DIR", webhook_id).data["deliveries"]
    assert (found["event_id"], found["type"], found["state"], found["attempts"]) == (event_id, "ping", "waiting", 0)
    assert (found["last_at"], found["last_status"], found["last_error"]) == (None, None, None)
    assert desk.run("webhook", "deliveries", "DIR", webhook_id, "--failed").data == {"deliveries": []}
    assert event_id in desk.run("webhook", "deliveries", "DIR", webhook_id, json=False).out
    assert desk.run("webhook", "replay", "DIR", webhook_id, event_id).data == {"deliveries": 1}
    for since, number in (("2026-11-24T08:00:00Z", 1), ("2026-11-24", 1), ("2999-01-01T00:00:00+01:00", 0)):
        assert desk.run("webhook", "replay", "DIR", webhook_id, "--since", since).data == {"deliveries": number}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "DIR", "https://user@hooks.example.com/"), "webhook_target_refused"),
        (("add", "DIR", "https://2130706433/"), "webhook_target_refused"),
        (("add", "DIR", URL, "--event", "ping"), "usage"),
        (("pause", "DIR", "W-0000-0000"), "unknown_webhook"),
        (("replay", "DIR", "W-0000-0000"), "usage"),
        (("replay", "DIR", "W-0000-0000", "evt_1", "--since", "2026-11-24"), "usage"),
        (("replay", "DIR", "W-0000-0000", "--since", "yesterday"), "usage"),
        (("deliveries", "DIR", "W-0000-0000"), "unknown_webhook"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, words: tuple[str, ...], code: str) -> None:
    """A target, a type, a time or a webhook that cannot be is refused by its code, and nothing is on record."""
    said = desk.run("webhook", *words)
    assert (said.code, said.error) == (2 if code == "usage" else 1, code)
    assert desk.run("webhook", "list", "DIR").data == {"webhooks": []}


def test_a_target_that_needs_an_operator_says_so(desk: Desk) -> None:
    """Who adds a target of plain http or another port is told how the service is run for it."""
    text = desk.run("webhook", "add", "DIR", "http://intranet:8080/hook", json=False).out
    assert f"next  volact service run {desk.folder} --webhook-allow intranet:8080" in text
    assert "--webhook-allow" not in desk.run("webhook", "add", "DIR", URL, json=False).out


def test_what_is_allowed_is_a_host_or_a_network(desk: Desk) -> None:
    """A service is not run with an allowed target that is neither host nor network."""
    said = desk.run("run", "DIR", "--bind", "127.0.0.1:0", "--webhook-allow", "https://intranet/")
    assert (said.code, said.error) == (2, "usage")
