"""How long the service's ledger takes: 10,000 keys issued at once by a fresh service."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from stage import volact

CATALOG = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
KEYS = 10_000
PRODUCT = "tracer-9"


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `ledger` of the contract, as far as it is built, with the command line as a customer's desk."""
    service = folder / "service"
    volact("service", "init", service, "--id", "bench.example", "--name", "Bench", "--catalog", CATALOG)
    organization = volact("service", "organization", "add", service, "Bench")["organization_id"]
    agreement = ("--organization", organization, "--program", "education", "--licenses", f"{PRODUCT}=1")
    under = volact("service", "agreement", "add", service, *agreement)["licensing_id"]
    of = ("--licensing-id", under, "--product", PRODUCT, "--kind", "mak")
    began = time.perf_counter()
    issued = volact("service", "key", "issue", service, *of, "--count", str(KEYS))
    seconds = time.perf_counter() - began
    if len({each["keyid"] for each in issued["keys"]}) != KEYS:
        return {"sqlite": {"issue_10k_keys_s": None, "reason": f"{len(issued['keys'])} keys came"}}
    return {"sqlite": {"issue_10k_keys_s": round(seconds, 2)}}
