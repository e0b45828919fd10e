"""Counting activations by month for reports; what counts for a key is counted elsewhere, and decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from volact.service.ledger import settings, tallies
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.ports import Ledger
from volact.service.ledger.tallies import DAY, Count, Tally
from volact.service.ports import Service

MOST_DAYS = 31  # of one agreement at a time
MOST, MOST_TURNS = 20_000, 50  # activations, and agreements, in one transaction, so that nobody waits long
MOST_NEW = 500


def tally(service: Service) -> bool:
    """Counts what agreements gave and no tally has yet; gives whether there may be more to do.

    Whole days, up to the one of the newest signature: nothing is ever dated before that, so those are complete.
    """
    ledger = service.ledger
    with reading(ledger):
        settled = settings.newest_signed(ledger) // DAY * DAY
        if not tallies.has_new(ledger) and tallies.next_due(ledger, before=settled) is None:
            return False
    with writing(ledger):  # again, under the lock: another one may have been faster
        if tallies.begin(ledger, settled=settled, limit=MOST_NEW):
            return True
        done = 0
        for _ in range(MOST_TURNS):
            due = tallies.next_due(ledger, before=settled)
            if due is None or done >= MOST:
                break
            done += _count(ledger, due[0], since=due[1], settled=settled)
    return True


def _count(ledger: Ledger, licensing_id: str, *, since: int, settled: int) -> int:
    """Counts some days of an agreement; gives how many activations were in them."""
    until = min(since // DAY * DAY + MOST_DAYS * DAY, settled)
    found = monthly(tallies.counted(ledger, licensing_id, since=since, until=until))
    tallies.add(ledger, licensing_id, found=found, until=until)
    return sum(each.number for each in found)


def activations_by_month(service: Service, seen: tuple[str, ...], *, since: int) -> tuple[Tally, ...]:
    """What those agreements gave from a month on, up to this moment, in the caller's transaction."""
    whole: Counter[tuple[int, str, str]] = Counter()
    found = monthly(tallies.rest(service.ledger, seen, since=month_start(since)))
    for each in (*tallies.kept(service.ledger, seen, since=since), *found):
        whole[each.month, each.product, each.channel] += each.number
    return tuple(Tally(*place, number) for place, number in sorted(whole.items()))


def monthly(found: Iterable[Count]) -> tuple[Tally, ...]:
    """Counts by day, as counts by month."""
    whole: Counter[tuple[int, str, str]] = Counter()
    for each in found:
        whole[month_of(each.day * DAY), each.product, each.channel] += each.number
    return tuple(Tally(*place, number) for place, number in sorted(whole.items()))


def month_of(seconds: int) -> int:
    """The month of a time in UTC, as a number that grows by one a month."""
    day = datetime.fromtimestamp(seconds, UTC)
    return day.year * 12 + day.month - 1


def month_start(month: int) -> int:
    """When a month begins (seconds)."""
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())
