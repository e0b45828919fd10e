"""A service with pages that the tests of one file share, running as a real process.

A file that says `DATABASES = BOTH` is run twice: record and accounts in files, and in a PostgreSQL database.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from postgres import Server

from tests.support.browsers import chromium
from tests.support.service import Place, Running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the tests of a file on each database that it names."""
    databases = getattr(metafunc.module, "DATABASES", None)
    if databases and "place" in metafunc.fixturenames:
        metafunc.parametrize("place", databases, indirect=True, scope="module")


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A publisher with one customer, founded from the catalog that the file names as `CATALOG`, else from demo.toml."""
    catalog, database = getattr(request.module, "CATALOG", "demo"), None
    if getattr(request, "param", "sqlite") == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        database = server.database()
    return Place.make(tmp_path_factory.mktemp("publisher") / "service", catalog=catalog, database=database)


@pytest.fixture(scope="module")
def running(place: Place) -> Iterator[Running]:
    """Its service, answering."""
    with place.running() as process:
        yield process


@pytest.fixture(scope="module")
def organization_id(place: Place) -> str:
    """The customer's organization."""
    with place.opened() as service:
        return str(service.ledger.execute("SELECT organization_id FROM organizations ORDER BY rowid").fetchone()[0])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as found:
        yield found
