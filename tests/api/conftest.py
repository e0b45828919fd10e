"""A service that several tests of one file share, running as a real process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.service import Place, Running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A publisher founded from demo.toml."""
    return Place.make(tmp_path_factory.mktemp("publisher") / "service")


@pytest.fixture(scope="module")
def running(place: Place) -> Iterator[Running]:
    """Its service, answering."""
    with place.running("--url", "http://activation.acme.example") as process:
        yield process
