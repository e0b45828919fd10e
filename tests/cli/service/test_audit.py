"""`volact service audit`, and that commands leave a log behind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.cli.service.conftest import Desk


def edit(desk: Desk, statement: str) -> None:
    """Writes to the database by hand, past its triggers."""
    with sqlite3.connect(desk.folder / "ledger.db") as ledger:
        for trigger in ("audit_is_not_changed", "audit_is_not_deleted"):
            ledger.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        ledger.execute(statement)
    ledger.close()


def test_commands_leave_their_acts_in_the_log(desk: Desk) -> None:
    """A service that never runs has a log of every act, from its founding on, and verifying it says so."""
    founded = desk.run("audit", "verify", "DIR").data
    assert (founded["size"], founded["checkpoints"], founded["fits"]) == (1, 1, True)
    desk.customer()
    after = desk.run("audit", "verify", "DIR").data
    assert (after["size"], after["entries"], after["waiting"], after["checkpoints"]) == (3, 3, 0, 3)
    assert "3 entries" in desk.run("audit", "verify", "DIR", json=False).out


def test_a_changed_entry_is_refused_by_its_number(desk: Desk) -> None:
    """An entry that was edited in the database by hand is named, and the command fails."""
    desk.customer()
    edit(desk, "UPDATE audit SET who = 'nobody' WHERE entry = 2")
    said = desk.run("audit", "verify", "DIR")
    error = said.data["error"]
    assert (said.code, error["code"], error["entry"], error["fits"]) == (1, "log_broken", 2, False)


def test_what_was_kept_elsewhere_is_compared(desk: Desk, tmp_path: Path) -> None:
    """A checkpoint that left the house shows that acts were taken back, as text and as a client's status shows it."""
    desk.customer()
    with sqlite3.connect(desk.folder / "ledger.db") as ledger:
        text = ledger.execute("SELECT text FROM checkpoints ORDER BY size DESC").fetchone()[0]
    ledger.close()
    plain, status = tmp_path / "kept", tmp_path / "status.json"
    plain.write_text(f"{text}\n")
    status.write_text(json.dumps({"products": [], "log": {"checkpoint": text}}))
    whole = desk.run("audit", "verify", "DIR", "--from", plain, "--from", status)
    assert whole.data["fits"] is True
    for statement in ("DELETE FROM checkpoints WHERE size = 3", "DELETE FROM log WHERE leaf = 2"):
        edit(desk, statement)
    edit(desk, "DELETE FROM audit WHERE entry = 3")
    assert desk.run("audit", "verify", "DIR").code == 0
    for path in (plain, status):
        said = desk.run("audit", "verify", "DIR", "--from", path)
        assert (said.code, said.data["error"]["code"], said.data["error"]["size"]) == (1, "log_broken", 3)


def test_a_file_without_a_checkpoint_is_no_use(desk: Desk, tmp_path: Path) -> None:
    """A file that holds no checkpoint is wrong usage, and one that the publisher did not sign is not believed."""
    path = tmp_path / "kept"
    for text in ("{", "{}", '{"log": null}', '{"log": {"checkpoint": null}}'):
        path.write_text(text)
        assert desk.run("audit", "verify", "DIR", "--from", path).data["error"]["code"] == "usage"
    path.write_bytes(b"\xff\xfe")
    assert desk.run("audit", "verify", "DIR", "--from", path).data["error"]["code"] == "answer_untrusted"


def test_entries_are_found_and_erased(any_desk: Desk) -> None:
    """Who has to be forgotten is found by name; what was erased says nothing, the log fits, and twice is once."""
    any_desk.run("organization", "add", "DIR", "Solveig Brandsnes")
    any_desk.customer()
    (found,) = any_desk.run("audit", "list", "DIR", "--naming", "solveig").data["entries"]
    assert (found["act"], found["detail"]["name"]) == ("organization added", "Solveig Brandsnes")
    for before in (False, True):
        said = any_desk.run("audit", "erase", "DIR", found["entry"], "--reason", "asked for")
        assert (said.code, said.data["erased"], said.data["before"]) == (0, True, before)
    verified = any_desk.run("audit", "verify", "DIR").data
    assert (verified["erased"], verified["waiting"], verified["fits"]) == (1, 0, True)
    told = any_desk.run("audit", "list", "DIR", json=False).out
    assert "entry erased" in told
    assert "Solveig" not in told


def test_entries_are_listed_a_hundred_at_a_time(desk: Desk) -> None:
    """A list ends after a hundred entries and says where the next one begins; the last one says that none does."""
    edit(
        desk,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)"
        " INSERT INTO audit (at, who, act, subject, detail) SELECT i, 'kari', 'noted', 'x', '{}' FROM n",
    )
    first = desk.run("audit", "list", "DIR").data
    assert (len(first["entries"]), first["next"]) == (100, 100)
    second = desk.run("audit", "list", "DIR", "--after", first["next"]).data
    assert (len(second["entries"]), second["next"]) == (21, None)
    assert "--after 100" in desk.run("audit", "list", "DIR", json=False).out


def test_what_cannot_be_erased_is_told(desk: Desk) -> None:
    """An entry that is not there is `unknown_entry`, and without a reason nothing is erased."""
    assert desk.run("audit", "erase", "DIR", 99, "--reason", "asked for").refused == "unknown_entry"
    assert desk.run("audit", "erase", "DIR", 1, "--reason", " ").error == "usage"
    assert desk.run("audit", "verify", "DIR").data["erased"] == 0
