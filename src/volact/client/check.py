"""The SDK's `check`: what a product asks at its start (spec D-7)."""

from __future__ import annotations

from pathlib import Path

from volact.client.computer import wall_clock
from volact.client.home import Home, default_home
from volact.client.snapshot import take
from volact.client.status import Action, Reason, State, Status
from volact.client.verdict import judge


def check(product: str, *, pin: str, home: str | Path | None = None) -> Status:
    """Says what the license of a product is worth on this computer; never raises, never writes, never asks anybody.

    `pin` is the text that `volact service publisher-file` printed. Without a home it is the machine's folder where a
    computer was set up in it, else the user's.
    """
    try:
        folder = Home(default_home() if home is None else Path(home))
        return judge(take(folder, product), product, pin=pin, now=wall_clock())
    except Exception:
        # A defect of ours must not stop the product that asked: it keeps working in every state.
        return Status(product, State.NOTIFICATION, Reason.STATE_DAMAGED, days_left=0, action=Action.WARN)
