"""One estate of the demonstration catalog for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.support.estate import Estate


@pytest.fixture(scope="session")
def estate(tmp_path_factory) -> Iterator[Estate]:
    """A service and a host that serves every product of the server's key, with enough computers counted."""
    with Estate.open(tmp_path_factory.mktemp("estate"), catalog="demo", product="solver-server-9") as found:
        found.fill("solver-server-9", 30)
        yield found
