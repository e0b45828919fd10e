"""What `volact service key show` says of a key that is used up."""

from __future__ import annotations

import datetime
import sqlite3
import time

from tests.cli.service.conftest import Desk

DAY = 86_400


def taken(desk: Desk, keyid: str, count: int) -> None:
    """Puts activations of today on record, as the device API does."""
    ledger = sqlite3.connect(desk.folder / "ledger.db")
    with ledger:
        for number in range(count):
            name = f"{keyid}-{number}"
            row = (name, keyid, name, name, "online", "windows-7-professional", 1, int(time.time()))
            ledger.execute("INSERT INTO activations VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)", row)
        ledger.execute("UPDATE keys SET used = ? WHERE keyid = ?", (count, keyid))
    ledger.close()


def test_a_key_says_when_it_runs_out(desk: Desk) -> None:
    """A key shows its pace, the day on which it runs out, and from 80 percent on how far it is used, to people too."""
    keyid = desk.issue(desk.customer(), "windows-7-professional", "mak", "--activations", 50).data["keyid"]
    fresh = desk.run("key", "show", "DIR", keyid).data
    assert (fresh["level"], fresh["forecast"]) == (None, {"per_day": 0.0, "runs_out": None})
    taken(desk, keyid, 40)
    end = datetime.datetime.fromtimestamp(time.time() + DAY // 4, datetime.UTC)
    used = desk.run("key", "show", "DIR", keyid).data
    assert (used["level"], used["forecast"]) == (80, {"per_day": 40.0, "runs_out": f"{end:%Y-%m-%d}"})
    text = desk.run("key", "show", "DIR", keyid, json=False).out
    assert "40 of 50 activations used, 10 left   ! 80 percent reached" in text
    assert f"at the pace of the last day it lasts until {end.day} {end:%B %Y}" in text


def test_a_key_without_a_number_has_no_forecast(desk: Desk) -> None:
    """A key that counts nothing has neither forecast nor level."""
    keyid = desk.issue(desk.customer(), "windows-7-professional", "oem").data["keyid"]
    shown = desk.run("key", "show", "DIR", keyid).data
    assert (shown["level"], shown["forecast"]) == (None, None)
