"""The page about the management API: its commands are run as they stand there, and its table is that of the program."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from volact.service.usecases.tokens import CUSTOMER_SCOPES, SCOPES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    """The page's commands run one after the other, and end with a key that is blocked and acts on record."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL))
    script = script.replace("api/acme", f"{tmp_path}/acme").replace("8470", str(port))
    waiting = f"for i in $(seq 200); do (echo > /dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; sleep 0.1; done"
    script = re.sub(r"^(volact service run .*&)$", rf"\1\n{waiting}", script, flags=re.MULTILINE)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", f"set -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ('"activations": 80', '"allowance": 120', '"state": "blocked"', '"act": "revealed"', "roll-out in May"):
        assert told in done.stdout, done.stdout


def test_the_page_names_every_scope() -> None:
    """The page's table has a row for every scope, and says which ones a customer's token may have."""
    rows = dict(re.findall(r"^\| `([a-z]+:[a-z]+)` \|.*\| (yes|no) \|$", PAGE, flags=re.MULTILINE))
    assert set(rows) == set(SCOPES)
    assert {scope for scope, whose in rows.items() if whose == "yes"} == set(CUSTOMER_SCOPES)
