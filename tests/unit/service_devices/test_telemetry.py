"""What the service's log says of a defect."""

from __future__ import annotations

import json

import pytest

from volact.service.devices.telemetry import Telemetry, json_log


def test_a_defect_is_told_without_what_it_held(capsys: pytest.CaptureFixture[str]) -> None:
    """The log says of a defect where it was and what it is called, and nothing of the values that were at hand."""

    def fail(secret: str) -> None:
        raise ValueError(len(secret))

    try:
        fail("whsec_" + "c2VjcmV0")
    except ValueError as error:
        Telemetry(json_log()).defect("a delivery", error)
    line = capsys.readouterr().err
    (told,) = json.loads(line)["exception"]
    assert told["exc_type"] == "ValueError"
    assert told["frames"][-1]["name"] == "fail"
    assert "c2VjcmV0" not in line
    assert "locals" not in line
