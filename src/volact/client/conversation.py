"""Drives a flow of the protocol over a transport (spec P-1)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from volact.client.computer import Transport
from volact.errors import Malformed
from volact.protocol.flows import Keep, Prepare, Reply, Send, Step
from volact.protocol.trust import Trust

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Sides:
    """What the driver of a flow needs: the network, a request that is on disk, and a place for newer trust."""

    transport: Transport
    keep: Callable[[Trust], None]
    prepare: Callable[[int | None], bytes] | None = None


def hold(flow: Generator[Step, bytes | Reply | None, Result], sides: Sides) -> Result:
    """Holds the conversation to its end; raises what the flow and the network raise."""
    said: bytes | Reply | None = None
    while True:
        try:
            step = flow.send(said)
        except StopIteration as end:
            result: Result = end.value
            return result
        said = _do(step, sides)


def _do(step: Step, sides: Sides) -> bytes | Reply | None:
    match step:
        case Send():
            return sides.transport.send(step)
        case Keep(trust):
            sides.keep(trust)
            return None
        case Prepare(iat):
            if sides.prepare is None:
                raise Malformed("this conversation has no request")
            return sides.prepare(iat)
