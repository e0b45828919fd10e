"""One computer and its seams to the world: the home, the clock, randomness, and how others are reached."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from volact.client.home import Home
from volact.client.vault import Vault
from volact.protocol.flows import Reply, Send
from volact.protocol.trust import Trust


class Transport(Protocol):
    """The seam to the network."""

    def send(self, step: Send) -> Reply:
        """Sends one request and gives its reply; raises Unreachable, or Untrusted for an answer without measure."""
        ...


Connect = Callable[[str, str], Transport]


def connect_http(url: str, whom: str) -> Transport:
    """Reaches a host or a service by HTTP; `whom` is `host` or `service`."""
    from volact.client.transport import HttpTransport  # httpx loads only where something is sent

    return HttpTransport(url, whom)


def wall_clock() -> int:
    """Seconds since 1970 by this computer's clock."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Computer:
    """What every verb of the client works on."""

    home: Home
    clock: Callable[[], int] = wall_clock
    connect: Connect = connect_http
    random: Callable[[int], bytes] = os.urandom

    @property
    def vault(self) -> Vault:
        """The secrets of the home."""
        return Vault(self.home.path, self.random)

    def now(self, trust: Trust) -> int:
        """The computer's clock, but never earlier than the newest time that the publisher signed."""
        return max(self.clock(), trust.newest_signed)
