"""A publisher in this process on a socket, and hosts of it as real programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.hosts import HostPlace
from tests.support.publisher import Publisher
from tests.support.serving import serving


@pytest.fixture
def publisher() -> Publisher:
    """A publisher of the reference catalog by the present clock."""
    return Publisher.of(now=int(time.time()))


@pytest.fixture
def publisher_file(publisher: Publisher, tmp_path: Path) -> Iterator[Path]:
    """Its publisher file, which names a service that answers."""
    with serving(publisher) as url:
        path = tmp_path / "publisher.json"
        path.write_bytes(publisher.file(url))
        yield path


MakeHost = Callable[..., HostPlace]


@pytest.fixture
def make_host(publisher: Publisher, publisher_file: Path, tmp_path: Path) -> MakeHost:
    """Makes a host with these host keys installed and activated."""

    def make(*groups: str, name: str = "host") -> HostPlace:
        host = HostPlace.make(tmp_path / name, publisher_file)
        for group in groups:
            assert host.run("install-key", "-", text=publisher.issue("host", group).text).code == 0
        if groups:
            said = host.run("activate")
            assert said.code == 0, said
        return host

    return make
