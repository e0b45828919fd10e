"""A proxy bundle of many computers: made from their request files, and answered by the service, each a real process."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

from stage import VOLACT, volact

from bench.estate import PUBLISHER
from bench.ledger import CATALOG, agreement, issue, signed

ROWS = 100_000


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `bundle` of the contract on SQLite."""
    service, requests = folder / "service", folder / "requests"
    bundle, answers = folder / "bundle", folder / "answers"
    volact("service", "init", service, "--id", PUBLISHER, "--name", "Bench", "--catalog", CATALOG)
    key = issue(service, agreement(service), count=2)[0]
    volact("service", "key", "set", service, key.keyid, "--activations", str(ROWS), "--reason", "measured")
    requests.mkdir()
    for number in range(ROWS):
        (requests / f"{number:06}.request").write_bytes(signed(key, via="file"))
    export_s, export_mb = _timed("fleet", "proxy", "export", requests, bundle)
    activate_s, activate_mb = _timed("service", "answer", service, bundle, "--out", answers)
    return {
        "rows": ROWS,
        "export_s": round(export_s, 1),
        "activate_s": round(activate_s, 1),
        "rss_mb": max(export_mb, activate_mb),
        "export_rss_mb": export_mb,
        "activate_rss_mb": activate_mb,
    }


def _timed(*words: str | Path) -> tuple[float, int]:
    """How long a command takes (seconds), and its peak memory (MB)."""
    began = time.perf_counter()
    process = subprocess.Popen([*VOLACT, *map(str, words), "--json"], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, words
    return time.perf_counter() - began, used.ru_maxrss // 1024
