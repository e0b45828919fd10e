"""A network in memory: URLs lead to whoever answers there, and what passes is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from volact.errors import Unreachable
from volact.protocol.flows import Reply, Send


class Answers(Protocol):
    """Whoever answers at a URL."""

    def send(self, step: Send) -> Reply:
        """Answers one request."""
        ...


class Unplugged:
    """Nobody answers."""

    def send(self, step: Send) -> Reply:
        """Raises Unreachable, as a network without a listener does."""
        raise Unreachable("nobody answers")


class Hostile:
    """Somebody on the way: sees each request and its reply, and hands on what it likes."""

    def __init__(self, behind: Answers, twist: Callable[[Send, Reply], Reply]) -> None:
        self._behind = behind
        self._twist = twist

    def send(self, step: Send) -> Reply:
        """Answers one request with what the twist makes of the reply."""
        return self._twist(step, self._behind.send(step))


@dataclass
class FakeNetwork:
    """URLs and who answers there; `sent` holds every request in order."""

    places: dict[str, Answers]
    sent: list[tuple[str, Send]] = field(default_factory=list)

    def connect(self, url: str, whom: str) -> Answers:
        """The way to a URL, for `Computer(connect=...)`; an unknown one leads nowhere."""
        return _Way(self, url, whom)

    def unplug(self, url: str) -> None:
        """Takes a URL away."""
        self.places.pop(url, None)

    def requests(self, url: str) -> list[bytes]:
        """The bodies that were sent to a URL, in order."""
        return [step.body for place, step in self.sent if place == url and step.body is not None]


@dataclass(frozen=True)
class _Way:
    network: FakeNetwork
    url: str
    whom: str

    def send(self, step: Send) -> Reply:
        """Answers one request as the place behind the URL does."""
        self.network.sent.append((self.url, step))
        places: Mapping[str, Answers] = self.network.places
        try:
            return places.get(self.url, Unplugged()).send(step)
        except Unreachable as err:
            raise Unreachable(f"{self.url}: {err.detail}", code=f"{self.whom}_unreachable") from err
