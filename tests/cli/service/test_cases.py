"""The center's cases by its command: listed, taken, closed."""

from __future__ import annotations

from tests.cli.service.conftest import Desk
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.ports import Act
from volact.service.usecases.cases import Handed, open_case
from volact.service.usecases.telephonelimits import Line


def test_f44_center_takes_over_what_a_caller_has_typed(any_desk: Desk) -> None:
    """A person sees how far a caller came, takes the case, and closes it with what became of it."""
    cases = ("center", "cases", "DIR")
    assert any_desk.run(*cases).data["cases"] == []
    assert "no case" in any_desk.run(*cases, json=False).out
    with opened(Folder(any_desk.folder)) as service:
        act = Act("telephone menu", service.clock.now())
        case = open_case(service, Handed(Line("menu", "mark"), "fr", "12345671234567", "789"), act=act).case_id
    (listed,) = any_desk.run(*cases).data["cases"]
    assert (listed["case_id"], listed["groups"], listed["state"]) == (case, ["1234567"] * 2, "open")
    assert "mark" not in any_desk.run(*cases).out
    shown = any_desk.run(*cases, json=False, COLUMNS="80").out
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert case in shown
    taken = any_desk.run(*cases, case.lower(), "--take").data
    assert taken["taken_by"]
    assert any_desk.run(*cases, case, "--close").data["error"]["code"] == "usage"
    assert any_desk.run(*cases, case, "--close", "--reason", "read out").data["state"] == "closed"
    assert any_desk.run(*cases, case, "--take").refused == "case_closed"
    assert any_desk.run(*cases, "C-0000-0000").refused == "unknown_case"
    assert any_desk.run(*cases, "--take").data["error"]["code"] == "usage"
    assert any_desk.run(*cases).data["cases"] == []
    assert [row["reason"] for row in any_desk.run(*cases, "--all").data["cases"]] == ["read out"]
    assert "closed as done: read out" in any_desk.run(*cases, case, json=False).out
