"""The use case behind every answer: judge a request for a lease, count its computer, record what will be signed.

Requests are judged in the order of their arrival, as if one by one, inside the transaction that the caller holds:
what the batch itself adds is seen by those that come after. Whoever is refused for the count alone is counted too; for
any other reason nothing but the day's tally is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from volact.credential import claims
from volact.credential.encoding import symbols
from volact.errors import Refusal, Refused, VolactError
from volact.host.ports import Keys, LeaseBook, Random
from volact.host.records import DAY, HOUR, Certificate, Entry, Granted, Known, LeaseAsk, Recorded
from volact.host.state import CLOCK_WINDOW, HostState
from volact.licensing import thresholds
from volact.licensing.catalog import ProductGroup

KEPT = 8 * HOUR  # how long an answer is on record (credentials.md, 4)
JTI_SYMBOLS = 26
_WORDS = {None: "repeated", False: "activated", True: "renewed"}

Outcome = Granted | VolactError


@dataclass(frozen=True, slots=True)
class Desk:
    """Judges the requests of one batch over one state."""

    state: HostState
    book: LeaseBook
    keys: Keys
    random: Random

    def answer_all(self, asks: Sequence[LeaseAsk]) -> list[Outcome]:
        """A lease or a refusal for each request; everything is written to the book when this returns."""
        known = self.book.look_up(asks, [self._count_group(ask) for ask in asks])
        batch = _Batch(self, self.book)
        outcomes: list[Outcome] = []
        for ask, before in zip(asks, known, strict=True):
            found = batch.answer(ask, before)
            outcomes.append(Refused(found) if isinstance(found, Refusal) else found)
        self.book.write(batch.entries, _tallies(asks, outcomes))
        return outcomes

    def lease(self, ask: LeaseAsk, certificate: Certificate) -> claims.Lease:
        """The lease for a request under a certificate, within the limits of both."""
        policy, host, asked = self.state.trust.catalog.policy, certificate.claims, ask.request
        begin = max(ask.now, host.iat)
        life = min(policy.lease_days * DAY, host.max_lease)
        return claims.Lease(
            iss=host.host,
            aud=self.state.trust.publisher,
            jti=symbols(self.random(JTI_SYMBOLS)),
            iat=begin,
            exp=begin + life,
            dev=asked.dev,
            mv=asked.mv,
            cnf=claims.DeviceKey(ask.jkt),
            rid=asked.rid,
            product=asked.product,
            group=self.state.trust.catalog.products[asked.product].group,
            organization=host.organization,
            renew=min(policy.renew_minutes * 60, life // 2),
        )

    def _count_group(self, ask: LeaseAsk) -> str | None:
        product = self.state.trust.catalog.products.get(ask.request.product)
        return None if product is None else self.state.trust.catalog.product_groups[product.group].count_group


@dataclass(slots=True)
class _Batch:
    """What one batch adds, seen by its later requests; and the counts, read once and carried on."""

    desk: Desk
    book: LeaseBook
    entries: list[Entry] = field(default_factory=list)
    _answers: dict[tuple[str, str], Recorded] = field(default_factory=dict)
    _counted: dict[tuple[str, str], int] = field(default_factory=dict)
    _leased: set[tuple[str, str]] = field(default_factory=set)
    _totals: dict[str, tuple[int, int]] = field(default_factory=dict)

    def answer(self, ask: LeaseAsk, known: Known) -> Granted | Refusal:
        """Judges one request, after all before it."""
        state = self.desk.state
        recorded = self._answers.get((ask.jkt, ask.request.rid), known.recorded)
        if recorded is not None:
            if recorded.digest != ask.digest:
                return Refusal("replayed", "this request's rid was used before, in another request of the same device")
            certificate = state.by_jti.get(recorded.certificate)
            if certificate is not None and self.desk.keys.signer(certificate.jkt) is not None:
                return Granted(recorded.payload, certificate, None)
        elif (late := _check_clock(ask)) is not None:
            return late
        found = state.certificate_for(ask.request.product, ask.now)
        if isinstance(found, Refusal):
            return found
        if recorded is not None:  # its signing key is gone: recorded afresh, uncounted
            return self._grant(ask, found, known=known, counted_in=None)
        return self._count(ask, found, known=known)

    def _count(self, ask: LeaseAsk, certificate: Certificate, *, known: Known) -> Granted | Refusal:
        catalog = self.desk.state.trust.catalog
        group = catalog.group_of(ask.request.product)
        if group.count_group is None or group.threshold is None:
            return self._grant(ask, certificate, known=known, counted_in=None)
        counts = thresholds.is_counted(catalog, ask.request.product, virtual=ask.request.virtual)
        count = self._judged(ask, group, known=known, counts=counts)
        refused = thresholds.check_count(count, retry_after=catalog.policy.retry_minutes * 60)
        counted_in = group.count_group if counts else None
        if refused is None:
            return self._grant(ask, certificate, known=known, counted_in=counted_in)
        self.entries.append(Entry(ask, counted_in))
        return refused

    def _judged(self, ask: LeaseAsk, group: ProductGroup, *, known: Known, counts: bool) -> thresholds.Count:
        assert group.count_group is not None
        assert group.threshold is not None
        place = (group.count_group, ask.request.dev)
        since = thresholds.window_start(self.desk.state.trust.catalog.policy, ask.now)
        last = self._counted.get(place, known.last_counted)
        already = last is not None and last >= since
        total = self._total(group.count_group, since)
        if counts:
            self._counted[place] = ask.now
            self._totals[group.count_group] = (since, total if already else total + 1)
        return thresholds.judge(total, threshold=group.threshold, already=already, counts=counts)

    def _total(self, count_group: str, since: int) -> int:
        """The count at a moment: what was on record, with what this batch has added since."""
        known = self._totals.get(count_group)
        if known is not None and known[0] == since:
            return known[1]
        if known is not None:  # another moment: what was added so far has to be on record to be counted there
            self.book.write(self.entries, {})
            self.entries = []
        total = self.book.count(count_group, since=since, most=self.desk.state.caps[count_group])
        self._totals[count_group] = (since, total)
        return total

    def _grant(self, ask: LeaseAsk, certificate: Certificate, *, known: Known, counted_in: str | None) -> Granted:
        lease = self.desk.lease(ask, certificate)
        payload, jti = claims.encode(lease), certificate.claims.jti
        place = (ask.request.dev, ask.request.product)
        renewed = known.leased or place in self._leased
        self._leased.add(place)
        self._answers[ask.jkt, ask.request.rid] = Recorded(ask.digest, payload, jti)
        self.entries.append(Entry(ask, counted_in, payload, jti, lease.exp))
        return Granted(payload, certificate, renewed)


def _tallies(asks: Sequence[LeaseAsk], outcomes: Sequence[Outcome]) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for ask, outcome in zip(asks, outcomes, strict=True):
        what = outcome.code if isinstance(outcome, VolactError) else _WORDS[outcome.renewed]
        found[what, ask.now // DAY] = found.get((what, ask.now // DAY), 0) + 1
    return found


def _check_clock(ask: LeaseAsk) -> Refusal | None:
    difference = ask.request.iat - ask.now
    if abs(difference) <= CLOCK_WINDOW:
        return None
    hours, minutes = divmod(abs(difference) // 60, 60)
    word = "ahead of" if difference > 0 else "behind"
    return Refusal(
        "clock_out_of_range",
        f"the computer's clock is {hours} h {minutes:02} min {word} the host's; within 4 hours is accepted. "
        "If the host's clock is right, set the computer's; if not, set the host's.",
        {"server_time": ask.now, "request_time": ask.request.iat},
    )
