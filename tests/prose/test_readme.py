"""README: its tour is run as it stands there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _tour() -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL))


def _free_ports() -> list[int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return [first.getsockname()[1], second.getsockname()[1]]


def test_the_tour_of_the_readme_runs(tmp_path: Path) -> None:
    """The commands of the README's tour run as they stand, and end with a licensed computer and a count of one."""
    service, host = _free_ports()
    script = _tour().replace("8470", str(service)).replace("8471", str(host))
    script = script.replace("tour/", f"{tmp_path}/").replace('"$PWD/.venv/bin', f'"{Path(sys.executable).parent}')
    script = script.replace("scripts/setup && ", "").replace("kill %1 %2", "kill $(jobs -p); wait")
    for name, port in (("service", service), ("host", host)):
        waiting = f"for i in $(seq 100); do (echo > /dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; sleep 0.1; done"
        script = re.sub(rf"^(volact {name} run .*&)$", rf"\1\n{waiting}", script, flags=re.MULTILINE)
    environment = os.environ | {"TERM": "dumb"}
    done = subprocess.run(
        ["bash", "-euc", f"set -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "● licensed by" in done.stdout
    assert "count_insufficient 1 of 25" in done.stdout
