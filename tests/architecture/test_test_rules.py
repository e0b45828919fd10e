"""The rules of the test run itself: no skips in CI, floors under the pure rooms, locked and hashed dependencies."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from floors import percent

SKIPPED = "import pytest\n\n\ndef test_x():\n    pytest.skip('no server')\n"
EXPECTED_FAILURE = "import pytest\n\n\n@pytest.mark.xfail\ndef test_x():\n    assert False\n"


def run_alone(root: Path, folder: Path, *, text: str, ci: str) -> int:
    """Runs one test file beneath a copy of the root conftest, and gives pytest's exit code."""
    shutil.copy(root / "tests/conftest.py", folder)
    (folder / "test_planted.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "CI": ci}, capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skip_fails_in_ci(root, tmp_path, ci, code):
    """A test that is skipped for want of a real thing fails in CI and nowhere else."""
    assert run_alone(root, tmp_path, text=SKIPPED, ci=ci) == code


def test_an_expected_failure_is_no_skip(root, tmp_path):
    """A failure that is expected stays expected in CI."""
    assert run_alone(root, tmp_path, text=EXPECTED_FAILURE, ci="true") == 0


def test_coverage_counts_lines_and_branches_of_one_room():
    """The coverage of a room counts its own lines and branches alone."""
    half = {"covered_lines": 3, "covered_branches": 1, "num_statements": 4, "num_branches": 4}
    full = {"covered_lines": 9, "covered_branches": 0, "num_statements": 9, "num_branches": 0}
    files = {"src/volact/credential/a.py": {"summary": half}, "src/volact/protocol/a.py": {"summary": full}}
    assert [percent(room, files) for room in ("credential", "protocol", "licensing")] == [50.0, 100.0, 100.0]


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_every_locked_package_has_its_hash(root, name):
    """Every package of a lock file is pinned to one version and to the hashes of its files."""
    text = (root / f"requirements/{name}.txt").read_text("utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).strip())
    assert all(re.match(r"[\w.-]+==[\w.]+", entry) and "--hash=sha256:" in entry for entry in entries)


def test_development_sees_the_versions_that_run(root):
    """The development lock holds every package of the runtime lock, at the same version."""
    runtime, dev = (
        set(re.findall(r"^[\w.-]+==[\w.]+", (root / f"requirements/{name}.txt").read_text("utf-8"), re.MULTILINE))
        for name in ("runtime", "dev")
    )
    assert runtime <= dev
