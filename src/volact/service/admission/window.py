"""How far a request's time may be from ours, and how that is said (spec C-8)."""

from __future__ import annotations

from datetime import UTC, datetime

from volact.credential.request import ActivateRequest, HostRequest
from volact.errors import Refusal, say

ONLINE_SECONDS = 4 * 3_600  # design, figures: a request is accepted within 4 hours of the answerer's clock
FILE_SECONDS = 180 * 86_400  # a request file may be as old as a lease may be long
_LAST = 253_402_300_799  # the end of the year 9999, beyond which no calendar goes


def check_time(request: ActivateRequest | HostRequest, now: int) -> Refusal | None:
    """Refuses (`clock_out_of_range`, with our time in seconds) a request whose time is too far from ours."""
    allowed = ONLINE_SECONDS if request.via == "online" else FILE_SECONDS
    if abs(request.iat - now) <= allowed:
        return None
    detail = say(
        "the request was made when its computer's clock showed {theirs}; ours shows {ours}",
        theirs=_text(request.iat),
        ours=_text(now),
    )
    return Refusal("clock_out_of_range", detail, {"server_time": now})


def _text(seconds: int) -> str:
    return f"{datetime.fromtimestamp(min(seconds, _LAST), UTC):%Y-%m-%d %H:%M:%S} UTC"
