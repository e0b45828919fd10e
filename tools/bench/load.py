"""A load of prepared HTTP requests over kept connections: how many answers a second, and how long each took."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import uvloop


@dataclass
class Load:
    """What came of one load."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time in milliseconds within which that share of the answers came."""
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def http(path: str, body: bytes, *, media: str) -> bytes:
    """One prepared HTTP request."""
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {media}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def run(port: int, requests: list[bytes], *, connections: int) -> Load:
    """Sends every request once, over that many connections at a time."""
    return uvloop.run(_run(port, requests, connections=connections))


async def _run(port: int, requests: list[bytes], *, connections: int) -> Load:
    load, waiting = Load(), iter(requests)
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    began = time.perf_counter()
    await asyncio.gather(*(_one(reader, writer, load=load, waiting=waiting) for reader, writer in opened))
    load.seconds = time.perf_counter() - began
    for _, writer in opened:
        writer.close()
    return load


async def _one(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, load: Load, waiting: Iterator[bytes]
) -> None:
    for request in waiting:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        load.times.append(time.perf_counter() - began)
        load.statuses[int(head[9:12])] += 1
