"""A bundle of very many requests: how long each command takes for it, and the most memory that each one held."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

from stage import VOLACT, Failed, Server, volact

from bench.estate import PUBLISHER
from bench.ledger import CATALOG, Key, agreement, issue, signed

ROWS = 100_000


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `bundle` of the contract; the ledger lies in a file."""
    os.sched_setaffinity(0, {0, 1})
    online, by_file = folder / "online", folder / "by-file"
    key = _founded(online)
    requests = folder / "requests"
    requests.mkdir()
    for number in range(ROWS):
        (requests / f"pc-{number:06}.request").write_bytes(signed(key, via="file"))
    subprocess.run(["cp", "-r", online, by_file], check=True)
    bundle, answer, other = folder / "out.bundle", folder / "in.answer", folder / "by-file.answer"
    export_s, export_mb = _timed("fleet", "proxy", "export", requests, bundle)
    running = Server("service", "run", online)
    try:
        activate_s, request_mb = _timed("fleet", "proxy", "request", bundle, "--service", running.url, "--out", answer)
        service_mb = _peak_mb(running.process.pid)
    finally:
        running.stop()
    answer_s, answer_mb = _timed("service", "answer", by_file, bundle, "--out", other)
    import_s, import_mb = _timed("fleet", "proxy", "import", requests, answer)
    used = [volact("service", "key", "show", each, key.keyid)["used"] for each in (online, by_file)]
    if used != [ROWS, ROWS]:  # a refusal is cheaper than an activation: such a figure would flatter
        return {"rows": ROWS, "activate_s": None, "reason": f"{used} of {ROWS} were activated"}
    peaks = {
        "export": export_mb,
        "request": request_mb,
        "service": service_mb,
        "answer": answer_mb,
        "import": import_mb,
    }
    return {
        "rows": ROWS,
        "export_s": round(export_s, 1),
        "activate_s": round(activate_s, 1),
        "by_file_s": round(answer_s, 1),
        "import_s": round(import_s, 1),
        "rss_mb": max(peaks.values()),
        "peak_mb": peaks,
        "bundle_mb": bundle.stat().st_size >> 20,
    }


def _founded(folder: Path) -> Key:
    volact("service", "init", folder, "--id", PUBLISHER, "--name", "Bench", "--catalog", CATALOG)
    key = issue(folder, agreement(folder), count=2)[0]
    volact("service", "key", "set", folder, key.keyid, "--activations", str(2 * ROWS), "--reason", "measured")
    return key


def _timed(*words: str | Path) -> tuple[float, int]:
    """The seconds that a command takes, and the most memory in MiB that it held."""
    began = time.perf_counter()
    process = subprocess.Popen([*VOLACT, *map(str, words), "--json"], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"volact {' '.join(map(str, words))} ended with {process.returncode}")
    return time.perf_counter() - began, used.ru_maxrss // 1024


def _peak_mb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
