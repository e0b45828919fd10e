"""The bare rate of signatures, to measure the rest against, and what a process takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from stage import Server

from volact.credential.request import parse_request

_TICKS = os.sysconf("SC_CLK_TCK")
_CRYPTO = """
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


def per_second(request: int, answer: int, *, cpu: int) -> float:
    """One verification and one signature an operation, of so many bytes, on a core that is idle."""
    text = _CRYPTO.format(cpu={cpu}, request=request, lease=answer)
    return float(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout)


def signed_sizes(server: Server, body: bytes) -> tuple[int, int]:
    """How many bytes are signed of a request, and of the credential that answers it."""
    with urllib.request.urlopen(f"{server.url}/v1/requests", data=body, timeout=5) as answer:
        credential = json.load(answer)["credential"]
    return len(parse_request(body).token.signing_input), len(credential.rpartition(".")[0])


def rss_mb(pid: int) -> int:
    """The memory of a process, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def cpu_seconds(pid: int, *, children: bool = False) -> float:
    """The processor's time that a process has taken, or all its living and ended children with it."""
    pids = [pid]
    if children:
        pids += [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    total = 0
    for each in pids:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
        total += (int(fields[13]) + int(fields[14])) if children else 0
    return total / _TICKS
