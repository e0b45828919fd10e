"""Who was refused, for whoever asks: put on record now and then, and forgotten after 90 days (spec S-10.2)."""

from __future__ import annotations

from collections.abc import Mapping

from volact.errors import CODES, say
from volact.service.ledger import denials
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.denials import Denied
from volact.service.ports import Service
from volact.service.usecases.names import misused
from volact.service.usecases.telling import tell_refused

KEPT_DAYS = 90  # today is the first of them
MOST = 1_000_000  # rows
_DAY = 86_400
Denials = tuple[tuple[Denied, int], ...]


def record_denials(service: Service, counts: Mapping[Denied, int]) -> None:
    """Adds counts to the record and forgets what is too old; where there is neither, nothing is written."""
    oldest = _today(service) - KEPT_DAYS + 1
    with reading(service.ledger):
        is_due = denials.has_before(service.ledger, oldest)
    if counts or is_due:
        with writing(service.ledger):
            denials.record(service.ledger, counts)
            tell_refused(service, counts, now=service.clock.now())
            denials.drop_before(service.ledger, oldest)


def denials_of(
    service: Service,
    *,
    days: int = KEPT_DAYS,
    keyid: str | None = None,
    code: str | None = None,
    most: int = MOST,
) -> Denials:
    """What was refused in the last `days`, today among them, and how often; the newest day first, then the most often.

    At most so many rows. Raises Refused (`usage`) for days that are not kept, and for a code that is none.
    """
    if not 1 <= days <= KEPT_DAYS:
        raise misused(say("denials are kept for {most} days: a number from 1 to {most} is asked for", most=KEPT_DAYS))
    if code is not None and code not in CODES:
        raise misused(say('"{code}" is not a code; `volact errors` lists them', code=code))
    with reading(service.ledger):
        return denials.since(service.ledger, _today(service) - days + 1, keyid=keyid, code=code, most=most)


def denials_within(service: Service, *, days: int) -> tuple[tuple[str, int], ...]:
    """How often each code refused in the last `days`, today among them; the most often first."""
    with reading(service.ledger):
        return denials.by_code(service.ledger, _today(service) - days + 1)


def _today(service: Service) -> int:
    return service.clock.now() // _DAY
