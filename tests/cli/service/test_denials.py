"""`volact service denials` for people and for programs."""

from __future__ import annotations

import sqlite3
import time

from tests.cli.service.conftest import Desk

DAY = 86_400


def test_denials_are_listed(desk: Desk) -> None:
    """Denials are a list of day, code, key, address and times, for people a table that says when it is cut."""
    assert desk.run("denials", "DIR").data == {"denials": []}
    assert desk.run("denials", "DIR", json=False).out == "nothing was refused\n"
    today = int(time.time()) // DAY
    ledger = sqlite3.connect(desk.folder / "ledger.db")
    with ledger:
        rows = [(today, "key_unknown", "", f"192.0.2.{number}", number) for number in range(1, 51)]
        rows.append((today - 1, "key_blocked", "K1", "2001:db8:1:2::/64", 7))
        ledger.executemany("INSERT INTO denials VALUES (?, ?, ?, ?, ?)", rows)
    ledger.close()
    found = desk.run("denials", "DIR").data["denials"]
    assert len(found) == 51
    assert found[0] == {
        "day": time.strftime("%Y-%m-%d", time.gmtime(today * DAY)),
        "code": "key_unknown",
        "keyid": None,
        "address": "192.0.2.50",
        "times": 50,
    }
    assert (found[-1]["keyid"], found[-1]["address"]) == ("K1", "2001:db8:1:2::/64")
    text = desk.run("denials", "DIR", json=False).out
    assert "192.0.2.50" in text
    assert "the newest 40 of 51; --json gives them all" in text
    assert "2001:db8:1:2::/64" in desk.run("denials", "DIR", "--keyid", "k1", json=False).out


def test_denials_are_asked_for_rightly(desk: Desk) -> None:
    """A number of days that is not kept, and a code that is none, are wrong usage."""
    for words in (("--days", "0"), ("--days", "91"), ("--days", "x"), ("--code", "nonsense")):
        said = desk.run("denials", "DIR", *words)
        assert (said.code, said.error) == (2, "usage")
