"""How many durable, signed leases a host gives in a second on one core, against that core's bare rate of signatures."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from typing import Any

from stage import Server

from bench import load
from bench.crypto import per_second, rss_mb, signed_sizes
from bench.estate import PUBLISHER, Sold, found
from volact.credential.encoding import b64, crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.request import LeaseRequest, sign_request

CATALOG = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
PRODUCT = "tracer-9"
COMPUTERS = 4_000
ROUNDS = 3
BELOW = 24  # first requests that find the count below the threshold of 25
MANY, FEW = 256, 64  # connections
HOST_CPU, LOAD_CPU = 0, 1


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `host` of the contract in a folder of its own."""
    os.sched_setaffinity(0, {LOAD_CPU})
    server = Server("host", "run", found(folder, Sold(CATALOG, PRODUCT, program="education")).host, cpu=HOST_CPU)
    try:
        return _measured(server)
    finally:
        server.stop()


def _measured(server: Server) -> dict[str, Any]:
    computers = [
        (SoftwareSigner(secrets.token_bytes(32)), crockford(secrets.randbits(75), 15)) for _ in range(COMPUTERS)
    ]
    first = load.run(server.port, _requests(computers), connections=MANY)
    sizes = signed_sizes(server, _signed(*computers[0]))
    before = per_second(*sizes, cpu=HOST_CPU)
    at_many = [load.run(server.port, _requests(computers), connections=MANY) for _ in range(ROUNDS)]
    at_few = [load.run(server.port, _requests(computers), connections=FEW) for _ in range(ROUNDS)]
    crypto = (before + per_second(*sizes, cpu=HOST_CPU)) / 2
    refused = sum(count for each in (*at_many, *at_few) for status, count in each.statuses.items() if status != 200)
    if refused or first.statuses[409] != BELOW:  # a refusal is cheaper than a lease: such a figure would flatter
        told = f"{refused} renewals and {first.statuses[409]} first requests were refused, not 0 and {BELOW}"
        return {"activations_per_s": None, "ratio": None, "crypto_per_s": round(crypto), "reason": told}
    return {
        **_figures(at_many, crypto, connections=MANY),
        "first_activations_per_s": round(first.per_second),
        "crypto_per_s": round(crypto),
        f"at_{FEW}": _figures(at_few, crypto, connections=FEW),
        "rss_mb": rss_mb(server.process.pid),
        "signed_bytes": dict(zip(("request", "lease"), sizes, strict=True)),
    }


def _figures(loads: list[load.Load], crypto: float, *, connections: int) -> dict[str, Any]:
    """The round in the middle by its rate."""
    middle = sorted(loads, key=lambda each: each.per_second)[ROUNDS // 2]
    return {
        "activations_per_s": round(middle.per_second),
        "ratio": round(middle.per_second / crypto, 3),
        "p50_ms": round(middle.percentile(0.5), 2),
        "p99_ms": round(middle.percentile(0.99), 2),
        "connections": connections,
    }


def _requests(computers: list[tuple[SoftwareSigner, str]]) -> list[bytes]:
    """One new lease request of each computer, signed before the clock starts."""
    return [load.http("/v1/requests", _signed(*computer), media="application/jose+json") for computer in computers]


def _signed(signer: SoftwareSigner, dev: str) -> bytes:
    asked = LeaseRequest(
        aud=PUBLISHER,
        via="online",
        iat=int(time.time()),
        rid=b64(secrets.token_bytes(16)),
        dev=dev,
        mv=b64(secrets.token_bytes(32)),
        product=PRODUCT,
        virtual=False,
    )
    return sign_request(asked, signer)
