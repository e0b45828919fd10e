"""The ledger beside a plain model of it, under everything that may happen, on both databases.

A bounded number of runs in CI; `scripts/test --by-hand tests/model` makes 2,000 longer ones on each database.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from postgres import Server

from tests.model.founded import Founded
from tests.model.machine import LedgerMachine
from tests.support.databases import BOTH


@pytest.fixture(params=BOTH)
def founded(request: pytest.FixtureRequest, tmp_path: Path) -> Founded:
    """A founded publisher, its record in a file, and in a database of a server."""
    if request.param == "sqlite":
        return Founded.in_file(tmp_path)
    server: Server = request.getfixturevalue("postgresql")
    return Founded.on_server(server)


@pytest.mark.long
@pytest.mark.timeout(7_200)
def test_ledger_says_what_the_model_says(founded: Founded, by_hand: bool) -> None:
    """Whatever is asked and done in whatever order, by programs that end anywhere, the record counts each thing once,
    gives no more than is allowed, answers the same request with the same bytes, and its log fits."""
    runs = settings(
        max_examples=settings.default.max_examples if by_hand else 60,
        stateful_step_count=60 if by_hand else 30,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with asyncio.Runner() as runner:
        run_state_machine_as_test(lambda: LedgerMachine(founded, runner), settings=runs)
