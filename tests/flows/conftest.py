"""Worlds for the flows: a real client against a host and a service in one process."""

from pathlib import Path

import pytest

from tests.support.clients import World, make_world


@pytest.fixture
def world(root: Path, tmp_path: Path) -> World:
    """A world of the demonstration catalog, whose host has counted 30 computers."""
    return make_world(root, tmp_path, catalog="demo", group="solver-server-9")
