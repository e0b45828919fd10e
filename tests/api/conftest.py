"""A service that several tests of one file share, running as a real process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgres import Server

from tests.support.databases import BOTH
from tests.support.service import Place, Running


@pytest.fixture(params=BOTH)
def found(request: pytest.FixtureRequest) -> Callable[[Path], Place]:
    """Founds a publisher in a folder, with its record in a file there, and in a database of a server."""
    if request.param == "sqlite":
        return Place.make
    server: Server = request.getfixturevalue("postgresql")
    return lambda folder: Place.make(folder, database=server.database())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A publisher founded from demo.toml."""
    return Place.make(tmp_path_factory.mktemp("publisher") / "service")


@pytest.fixture(scope="module")
def running(place: Place) -> Iterator[Running]:
    """Its service, answering."""
    with place.running("--url", "http://activation.acme.example") as process:
        yield process
