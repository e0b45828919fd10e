"""The production page: its units and what it says of files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
UNITS = sorted((DOCS / "deploy").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_is_understood_by_systemd(unit: Path, tmp_path: Path) -> None:
    """A unit of the production page has no line that systemd does not understand."""
    command = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"^(User|Group)=.*\n", "", command, flags=re.MULTILINE))
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    about_it = [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line]
    assert about_it == []


def test_the_page_links_every_unit() -> None:
    """The production page links each unit that lies beside it."""
    page = (DOCS / "deploy.md").read_text()
    assert UNITS
    assert all(f"deploy/{unit.name}" in page for unit in UNITS)
