"""A customer's first page: what needs attention, how the year went, and which key to use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from volact.service.ledger import watch
from volact.service.ledger.ports import Ledger
from volact.service.pages import look
from volact.service.pages.portal.attention import matters
from volact.service.pages.portal.sight import sight_of
from volact.service.pages.visit import Visit, page
from volact.service.roles import Right

Span = tuple[int, int]
_DAY = 86_400
_PAST: dict[tuple[tuple[str, ...], Span], int] = {}  # months that are over, whose count does not change any more
_MOST = 10_000


@page(Right.REPORTS)
def home(visit: Visit) -> HttpResponse:
    """Says first what needs somebody."""
    sight = sight_of(visit.service, visit.organization_id)
    months = months_of(visit.now)
    counts = activated(visit.service.ledger, tuple(sorted(sight)), spans=months, now=visit.now)
    return visit.page(
        "portal/home.html",
        matters=matters(visit),
        agreements=len(sight),
        months=[(look.month(first), number) for (first, _), number in zip(months, counts, strict=True)],
        total=sum(counts),
        advice=_advice(visit),
    )


def months_of(now: int) -> list[Span]:
    """The months of the year so far, from their first second to the next one's."""
    at = datetime.fromtimestamp(now, UTC)
    firsts = [datetime(at.year, month, 1, tzinfo=UTC) for month in range(1, at.month + 1)]
    ends = [*firsts[1:], datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)]
    return [(int(first.timestamp()), int(end.timestamp())) for first, end in zip(firsts, ends, strict=True)]


def activated(ledger: Ledger, seen: tuple[str, ...], *, spans: Sequence[Span], now: int) -> list[int]:
    """How many activations were made in each month; of those that ended a day ago or more it is asked once."""
    missing = [span for span in spans if (seen, span) not in _PAST]
    counted = dict(zip(missing, watch.activated(ledger, seen, spans=missing), strict=True))
    if len(_PAST) > _MOST:
        _PAST.clear()
    _PAST.update({(seen, span): number for span, number in counted.items() if span[1] + _DAY < now})
    return [counted[span] if span in counted else _PAST[seen, span] for span in spans]


def _advice(visit: Visit) -> str:
    here = {"organization_id": visit.organization_id}
    try:
        return reverse("portal-advice", kwargs=here)
    except NoReverseMatch:
        return f"{reverse('portal-home', kwargs=here)}advice/"
