"""Whatever a person can type or upload is answered or refused; by `scripts/test --by-hand tests/fuzz` for ten minutes
each, and in CI for a few seconds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

RUNS, SECONDS = 15_000, 10
SECONDS_BY_HAND = 600


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.timeout(2 * SECONDS_BY_HAND)
def test_whatever_is_typed_or_uploaded_is_answered_or_refused(
    name: str, tmp_path: Path, root: Path, by_hand: bool
) -> None:
    """No bytes at all make a reader do anything but give what they say, or refuse them with a code."""
    bound = (
        [f"-max_total_time={SECONDS_BY_HAND}"]
        if by_hand
        else [f"-runs={RUNS}", f"-max_total_time={SECONDS}", "-seed=1"]
    )
    words = [
        sys.executable,
        "-m",
        "tests.fuzz",
        name,
        *bound,
        "-max_len=40000",
        "-len_control=0",
        "-timeout=30",
        f"-artifact_prefix={tmp_path}/",
    ]
    env = {**os.environ, "PYTHONPATH": f"{root}:{root / 'tools'}"}
    done = subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, check=False)
    found = [file.read_bytes() for file in tmp_path.iterdir()]
    assert done.returncode == 0, (found, done.stdout[-3_000:], done.stderr[-3_000:])
    tried = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    assert tried is not None
    assert int(tried[1]) > 500, done.stderr[-2_000:]
