"""Counting activations by month for reports, a little at a time; what counts for a key is counted elsewhere."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from volact.service.ledger import tallies
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.tallies import Tally
from volact.service.ports import Service

MOST = 20_000  # in one transaction
SETTLED_SECONDS = 60  # after it no activation with an earlier id comes any more


def tally(service: Service) -> bool:
    """Counts activations that no report has yet, at most `MOST`; gives whether there are more."""
    before = service.clock.now() - SETTLED_SECONDS
    with reading(service.ledger):
        found = tallies.uncounted(service.ledger, before=before, most=1)
    if not found.rows:
        return False
    with writing(service.ledger):
        found = tallies.uncounted(service.ledger, before=before, most=MOST)
        counted = Counter((keyid, month_of(at), channel) for keyid, channel, at in found.rows)
        tallies.add(service.ledger, (Tally(*place, number) for place, number in counted.items()), upto=found.upto)
    return len(found.rows) == MOST


def month_of(seconds: int) -> int:
    """The month of a time in UTC, as a number that grows by one a month."""
    day = datetime.fromtimestamp(seconds, UTC)
    return day.year * 12 + day.month - 1


def month_start(month: int) -> int:
    """When a month begins (seconds)."""
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())
