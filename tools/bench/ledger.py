"""The service's ledger, in a file and in PostgreSQL: activations a second of one key and of many, and what each costs.

The service runs on one core; the load, and PostgreSQL's server, on the other. Every answer is durable.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from postgres import Server as Postgres
from postgres import programs
from stage import Server, volact

from bench import load
from bench.crypto import cpu_seconds, per_second, rss_mb, signed_sizes
from bench.estate import PUBLISHER
from bench.filling import fill
from volact.credential.encoding import b64, crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.productkey import ProductKey, read_key
from volact.credential.proof import ProofContext, derive, make_proof
from volact.credential.request import ActivateRequest, sign_request

CATALOG = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
MANY_KEYS = 10_000
PRODUCT = "tracer-9"
SPREAD = 1_000
ACTIVATIONS, CONNECTIONS, ROUNDS = 3_000, 64, 3
FEW, MUCH = 10_000, 5_000_000  # activations in the ledger
SERVICE_CPU, LOAD_CPU = 0, 1


SETTINGS = ("shared_buffers=1GB", "max_wal_size=4GB")  # as an operator sets them for a ledger of this size
_COSTS = ("ratio", "cpu_ms_per_activation", "server_cpu_ms_per_activation", "rss_mb")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its requests name it."""

    keyid: str
    proof_key: bytes


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `ledger` of the contract on both databases."""
    os.sched_setaffinity(0, {LOAD_CPU})
    found = {}
    for name in ("sqlite", "postgresql"):
        with _database(name) as given:
            if given is None:
                found[name] = {"reason": "PostgreSQL is not installed"}
                continue
            options, server = given
            found[name] = _measured(folder / name, options, server=server)
    return found


@contextmanager
def _database(name: str) -> Iterator[tuple[tuple[str, ...], Postgres | None] | None]:
    """The options of `init` for that database, with its server where it has one; None where it cannot be had."""
    if name == "sqlite" or programs() is None:
        yield ((), None) if name == "sqlite" else None
        return
    with Postgres.running("fsync=on", *SETTINGS) as server:
        yield ("--database", server.database()), server


def _measured(folder: Path, options: Sequence[str], *, server: Postgres | None) -> dict[str, Any]:
    volact("service", "init", folder, "--id", PUBLISHER, "--name", "Bench", "--catalog", CATALOG, *options)
    under = agreement(folder)
    began = time.perf_counter()
    issued = issue(folder, under, count=MANY_KEYS)
    seconds = time.perf_counter() - began
    hot = issued[0]
    volact("service", "key", "set", folder, hot.keyid, "--activations", "1000000", "--reason", "measured")
    found = []
    for total in (FEW, MUCH):
        fill(folder, total, spared={key.keyid for key in issued})
        running = Server("service", "run", folder, cpu=SERVICE_CPU)
        try:
            found.append(_loads(running, hot, spread=issued[1:], server=server))
        finally:
            running.stop()
    return {**found[0], **_compared(*found), "issue_10k_keys_s": round(seconds, 2)}


def _compared(few: dict[str, Any], much: dict[str, Any]) -> dict[str, Any]:
    """What is left of the rates with much in the ledger, by the load that lost more, and what each costs then."""
    ratios = [much[name] / few[name] for name in ("hot_key_per_s", "spread_per_s") if much[name] and few[name]]
    return {
        "ratio_at_5m_rows": round(min(ratios), 3) if len(ratios) == 2 else None,
        "at_5m_rows": {name: much.get(name) for name in ("hot_key_per_s", "spread_per_s", *_COSTS)},
    }


def _loads(running: Server, hot: Key, *, spread: Sequence[Key], server: Postgres | None) -> dict[str, Any]:
    sizes = signed_sizes(running, signed(hot))
    load.run(running.port, _requests([hot]), connections=CONNECTIONS)  # caches and plans are warm
    before, spent, held = per_second(*sizes, cpu=SERVICE_CPU), _spent(running, server), []
    for keys in ([hot], spread):
        held.append([load.run(running.port, _requests(keys), connections=CONNECTIONS) for _ in range(ROUNDS)])
    costs = [after - before for before, after in zip(spent, _spent(running, server), strict=True)]
    crypto = (before + per_second(*sizes, cpu=SERVICE_CPU)) / 2
    refused = sum(count for each in (*held[0], *held[1]) for status, count in each.statuses.items() if status != 200)
    if refused:  # a refusal is cheaper than an activation: such a figure would flatter
        return {"hot_key_per_s": None, "spread_per_s": None, "reason": f"{refused} requests were refused"}
    at_hot, at_spread = (sorted(loads, key=lambda each: each.per_second)[ROUNDS // 2] for loads in held)
    done = 2 * ROUNDS * ACTIVATIONS
    return {
        "hot_key_per_s": round(at_hot.per_second),
        "spread_per_s": round(at_spread.per_second),
        "p50_ms": round(at_spread.percentile(0.5), 2),
        "p99_ms": round(at_spread.percentile(0.99), 2),
        "connections": CONNECTIONS,
        "crypto_per_s": round(crypto),
        "ratio": round(min(at_hot.per_second, at_spread.per_second) / crypto, 3),
        "cpu_ms_per_activation": round(costs[0] * 1000 / done, 3),
        "server_cpu_ms_per_activation": round(costs[1] * 1000 / done, 3) if server else None,
        "rss_mb": rss_mb(running.process.pid),
    }


def _spent(running: Server, server: Postgres | None) -> tuple[float, float]:
    """The processor's time that the service, and the database's server, have taken."""
    service = cpu_seconds(running.process.pid)
    return service, cpu_seconds(server.process.pid, children=True) if server and server.process else 0.0


def agreement(folder: Path) -> str:
    """A customer with an agreement; gives its Licensing ID."""
    organization = volact("service", "organization", "add", folder, "Bench")["organization_id"]
    of = ("--organization", organization, "--program", "education", "--licenses", f"{PRODUCT}=1")
    return str(volact("service", "agreement", "add", folder, *of)["licensing_id"])


def issue(folder: Path, under: str, *, count: int) -> list[Key]:
    """Issues keys, and gives the first ones."""
    of = ("--licensing-id", under, "--product", PRODUCT, "--kind", "mak")
    texts = [each["key"] for each in volact("service", "key", "issue", folder, *of, "--count", str(count))["keys"]]
    return [_key(text) for text in texts[: SPREAD + 1]]


def _key(text: str) -> Key:
    product = read_key(text, PUBLISHER)
    assert isinstance(product, ProductKey)
    derived = derive(product, PUBLISHER)
    return Key(derived.keyid, derived.proof_key)


def _requests(keys: Sequence[Key]) -> list[bytes]:
    """The first request of so many new computers, by each key in turn, signed before the clock starts."""
    return [
        load.http("/v1/requests", signed(keys[number % len(keys)]), media="application/jose+json")
        for number in range(ACTIVATIONS)
    ]


def signed(key: Key, *, via: Literal["online", "file"] = "online") -> bytes:
    """A request for the activation of a new computer."""
    signer, dev, rid = (
        SoftwareSigner(secrets.token_bytes(32)),
        crockford(secrets.randbits(75), 15),
        secrets.token_bytes(16),
    )
    context = ProofContext(jkt=signer.public.kid, aud=PUBLISHER, op="activate", rid=b64(rid), dev=dev, product=PRODUCT)
    asked = ActivateRequest(
        aud=PUBLISHER,
        via=via,
        iat=int(time.time()),
        rid=b64(rid),
        dev=dev,
        mv=b64(secrets.token_bytes(32)),
        keyid=key.keyid,
        proof=make_proof(key.proof_key, context),
        product=PRODUCT,
    )
    return sign_request(asked, signer)
