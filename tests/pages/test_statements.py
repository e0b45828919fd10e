"""What a page costs: statements, and bytes of a first visit."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import portal
from postgres import Server

from tests.support.databases import BOTH


@pytest.mark.parametrize("database", BOTH)
def test_every_page_takes_few_statements_and_few_bytes(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No page takes 30 SQL statements, on either database, or 150 kB when a browser has nothing of it yet."""
    url = None
    if database == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        url = server.database()
    found = portal.measure(tmp_path, rows=20_000, keys=3, rounds=2, database=url)
    assert len(found["statements"]) > 30
    assert min(found["statements"].values()) > 1
    assert {name: count for name, count in found["statements"].items() if count >= 30} == {}
    assert {name: weight for name, weight in found["first_visit_kb"].items() if weight >= 150} == {}
