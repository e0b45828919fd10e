"""What a page costs: statements, and bytes of a first visit."""

from __future__ import annotations

from pathlib import Path

from bench import portal


def test_every_page_takes_few_statements_and_few_bytes(tmp_path: Path) -> None:
    """No page takes 30 SQL statements, or 150 kB when a browser has nothing of it yet."""
    found = portal.measure(tmp_path, rows=20_000, keys=3, rounds=2)
    assert {name: count for name, count in found["statements"].items() if count >= 30} == {}
    assert {name: weight for name, weight in found["first_visit_kb"].items() if weight >= 150} == {}
