"""Volact: volume activation. A product asks one question, `volact.check`, and goes on working whatever the answer.

    import volact

    status = volact.check("tracer-9", pin=PIN)
    if status.action is not volact.Action.ALLOW:
        remind(status.reason, status.days_left)

Every name is loaded at its first use, so that the import costs a product next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from volact.client.check import check
    from volact.client.status import Action, Method, Reason, State, Status
    from volact.credential.publisher import Pin
    from volact.errors import CODES, Code, Refusal, VolactError

__all__ = [
    "CODES",
    "Action",
    "Code",
    "Method",
    "Pin",
    "Reason",
    "Refusal",
    "State",
    "Status",
    "VolactError",
    "__version__",
    "check",
]

__version__ = "0.1.0"

_PLACES = {
    "CODES": "volact.errors",
    "Action": "volact.client.status",
    "Code": "volact.errors",
    "Method": "volact.client.status",
    "Pin": "volact.credential.publisher",
    "Reason": "volact.client.status",
    "Refusal": "volact.errors",
    "State": "volact.client.status",
    "Status": "volact.client.status",
    "VolactError": "volact.errors",
    "check": "volact.client.check",
}


def __getattr__(name: str) -> Any:
    """Loads one of the names above at its first use."""
    if name not in _PLACES:
        raise AttributeError(f"module 'volact' has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found
