"""The page about the desk: its commands are run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from volact.credential.productkey import KeyKind

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "desk.md").read_text("utf-8")


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    """The page's commands run one after the other, and say what the page says of them."""
    script = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)).replace("desk/acme", f"{tmp_path}/acme")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", f"set -o pipefail\n{script}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("80 activations", "120 to activate, 87 left: ask for 33", "for Kari Nordmann", "is blocked"):
        assert told in done.stdout, done.stdout


def test_the_page_names_every_kind_of_key() -> None:
    """The page's table has a row for every kind of key that is issued."""
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE))
    assert rows == {kind.word for kind in KeyKind} - {"generic"}
