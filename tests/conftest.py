"""What holds for every test: in CI nothing is skipped, since a missing real server proves nothing, and nothing is drawn
anew, since a run that failed has to fail again."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from postgres import Server

    from volact.service.ledger.connection import Database

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"

# Two cores are shared with other tests: how long one example takes says nothing.
settings.register_profile("volact", deadline=None, derandomize=IN_CI, print_blob=True)
settings.register_profile("by hand", settings.get_profile("volact"), derandomize=False, max_examples=2_000)
settings.load_profile("volact")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that has the long proofs take their time."""
    parser.addoption("--by-hand", action="store_true", help="the long proofs as often as somebody waits for them")


def pytest_configure(config: pytest.Config) -> None:
    """Has hypothesis draw as often as the option says."""
    if config.getoption("by_hand"):
        settings.load_profile("by hand")


@pytest.fixture(scope="session")
def by_hand(request: pytest.FixtureRequest) -> bool:
    """Whether the long proofs run by hand, as often as somebody waits for them."""
    return bool(request.config.getoption("by_hand"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the tree."""
    return ROOT


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A real PostgreSQL server, for as long as the tests of one process run."""
    from postgres import Server, programs  # here, since most tests need no server

    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with Server.running() as server:
        yield server


@pytest.fixture(scope="session")
def laid(postgresql: Server) -> str:
    """A database with a ledger in it whose publisher is not founded yet: tests work on copies of it."""
    from tests.support.databases import lay_database

    return lay_database(postgresql.database()).url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_at(request: pytest.FixtureRequest, tmp_path: Path) -> Path | Database:
    """Where a ledger of this test's own lies, laid and empty: in a file, and in a database of a server."""
    from tests.support.databases import lay_file
    from volact.service.ledger.connection import Database

    if request.param == "sqlite":
        return lay_file(tmp_path / "ledger.db")
    server: Server = request.getfixturevalue("postgresql")
    return Database(server.database(request.getfixturevalue("laid")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skip into a failure in CI."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and IN_CI:
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"in CI nothing is skipped: {reason}"
    return report
