"""How long `import volact` takes in a fresh interpreter, and one `volact.check` with a lease on disk."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from stage import Server, volact

from bench.estate import Sold, found

PRODUCT = "duty"
RUNS = 15

CATALOG = """
title = "One product whose threshold is one computer"
[policy]
declared = "all"
[pools.all]
name = "All"
[count_groups.all]
name = "Computers"
[host_platforms.linux]
name = "Linux"
[host_platforms.windows]
name = "Windows"
[host_platforms.macos]
name = "macOS"
[product_groups.duty]
name = "Duty"
number = 1
pool = "all"
kinds = ["host"]
count_group = "all"
threshold = 1
hosts = { linux = "yes", windows = "yes", macos = "yes" }
[products.duty]
name = "Duty"
group = "duty"
[programs.plain]
name = "Plain"
allowance = { activations = 10 }
"""

IMPORT = """
import time
began = time.perf_counter()
import volact
print((time.perf_counter() - began) * 1000)
"""

CHECK = """
import json, sys, time, volact
product, pin, home = sys.argv[1:]
times = []
for _ in range(200):
    began = time.perf_counter()
    status = volact.check(product, pin=pin, home=home)
    times.append((time.perf_counter() - began) * 1000)
print(json.dumps({"state": str(status.state), "first": times[0], "later": sorted(times[1:])[100]}))
"""


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `sdk` of the contract in a folder of its own."""
    pin, home = _licensed_home(folder)
    imports = [float(_python(IMPORT)) for _ in range(RUNS)]
    checks = [json.loads(_python(CHECK, PRODUCT, pin, str(home))) for _ in range(RUNS)]
    states = {check["state"] for check in checks}
    if states != {"licensed"}:
        return {"import_ms": round(statistics.median(imports), 1), "check_ms": None, "reason": f"states {states}"}
    return {
        "import_ms": round(statistics.median(imports), 1),
        "check_ms": round(statistics.median(check["later"] for check in checks), 3),
        "first_check_ms": round(statistics.median(check["first"] for check in checks), 2),
    }


def _python(text: str, *words: str) -> str:
    return subprocess.run([sys.executable, "-c", text, *words], capture_output=True, text=True, check=True).stdout


def _licensed_home(folder: Path) -> tuple[str, Path]:
    catalog, identity, home = folder / "catalog.toml", folder / "identity.json", folder / "home"
    catalog.write_text(CATALOG)
    identity.write_text('{"id": "bench"}')
    estate = found(folder, Sold(catalog, PRODUCT, program="plain"))
    server = Server("host", "run", estate.host)
    try:
        words = ("--product", PRODUCT, "--publisher", estate.file, "--identity", identity)
        volact("client", "--home", home, "init", *words)
        volact("client", "--home", home, "activate", "--host", server.url)
    finally:
        server.stop()
    return estate.pin, home
