"""How many durable, signed leases a host gives in a second on one core, against that core's bare rate of signatures."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from stage import Server, volact

from bench import load
from volact.credential.encoding import b64, crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.request import LeaseRequest, sign_request

PUBLISHER = "bench.example"
PRODUCT = "tracer-9"
COMPUTERS = 4_000
ROUNDS = 3
MANY, FEW = 256, 64  # connections
HOST_CPU, LOAD_CPU = 0, 1


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `host` of the contract in a folder of its own."""
    os.sched_setaffinity(0, {LOAD_CPU})
    server = _host(folder)
    try:
        return _measured(server)
    finally:
        server.stop()


def _measured(server: Server) -> dict[str, Any]:
    computers = [
        (SoftwareSigner(secrets.token_bytes(32)), crockford(secrets.randbits(75), 15)) for _ in range(COMPUTERS)
    ]
    before = _crypto_per_s()
    first = load.run(server.port, _requests(computers), connections=MANY)
    at_many = [load.run(server.port, _requests(computers), connections=MANY) for _ in range(ROUNDS)]
    at_few = [load.run(server.port, _requests(computers), connections=FEW) for _ in range(ROUNDS)]
    crypto = (before + _crypto_per_s()) / 2
    answers = sum((each.statuses for each in (*at_many, *at_few)), first.statuses.__class__())
    return {
        **_figures(at_many, crypto, connections=MANY),
        "first_activations_per_s": round(first.per_second),
        "crypto_per_s": round(crypto),
        f"at_{FEW}": _figures(at_few, crypto, connections=FEW),
        "rss_mb": _rss_mb(server.process.pid),
        "answers": {str(status): count for status, count in sorted(answers.items())},
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


def _host(folder: Path) -> Server:
    """A host with a certificate and its threshold met by the load itself (24 first answers are refusals)."""
    service, host, publisher = folder / "service", folder / "host", folder / "publisher.json"
    catalog = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
    volact("service", "init", service, "--id", PUBLISHER, "--name", "Bench", "--catalog", catalog)
    volact("service", "publisher-file", service, publisher)
    organization = volact("service", "organization", "add", service, "Bench")["organization_id"]
    licensing_id = volact(
        "service", "agreement", "add", service, "--organization", organization, "--program", "corporate", "--level", "A"
    )["licensing_id"]
    key = volact(
        "service", "key", "issue", service, "--licensing-id", licensing_id, "--product", PRODUCT, "--kind", "host"
    )["key"]
    publisher_side = Server("service", "run", service)
    try:
        volact("host", "init", host, "--publisher", publisher, "--service", publisher_side.url)
        volact("host", "install-key", host, key)
        volact("host", "activate", host)
    finally:
        publisher_side.stop()
    return Server("host", "run", host, cpu=HOST_CPU)


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


CRYPTO = """
import os, time, nacl.bindings as sodium
os.sched_setaffinity(0, {cpu})
public, secret = sodium.crypto_sign_keypair()
request, lease = os.urandom({request}), os.urandom({lease})
signed = sodium.crypto_sign(request, secret)
rates = []
for _ in range(5):
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < 0.4:
        for _ in range(50):
            sodium.crypto_sign_open(signed, public)
            sodium.crypto_sign(lease, secret)
        count += 50
    rates.append(count / (time.perf_counter() - began))
print(sorted(rates)[2])
"""
REQUEST_BYTES, LEASE_BYTES = 560, 720  # what is signed of a lease request and of a lease


def _crypto_per_s() -> float:
    """One verification and one signature an operation, on the host's core while the host is idle."""
    text = CRYPTO.format(cpu={HOST_CPU}, request=REQUEST_BYTES, lease=LEASE_BYTES)
    return float(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout)


def _rss_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024
