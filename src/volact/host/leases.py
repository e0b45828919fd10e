"""The use case behind every answer: judge a request for a lease, count its computer, record what will be signed.

Requests are judged in the order of their arrival, as if one by one, inside the transaction that the caller holds.
Whoever is refused for the count alone is counted too; for any other reason nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from volact.credential import claims
from volact.credential.encoding import crockford
from volact.errors import Refusal, Refused, VolactError
from volact.host.ports import Keys, LeaseBook, Random
from volact.host.records import DAY, HOUR, Certificate, Granted, LeaseAsk
from volact.host.state import CLOCK_WINDOW, HostState
from volact.licensing import thresholds

KEPT = 8 * HOUR  # how long an answer is on record (credentials.md, 4)
_JTI_BITS, _JTI_SYMBOLS = 130, 26

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
        counts = _Counts(self.book, self.state)
        outcomes: list[Outcome] = []
        for ask in asks:
            found = self._answer(ask, counts)
            outcomes.append(Refused(found) if isinstance(found, Refusal) else found)
        self._note_tallies(asks, outcomes)
        return outcomes

    def _answer(self, ask: LeaseAsk, counts: _Counts) -> Granted | Refusal:
        recorded = self.book.recorded(ask.jkt, ask.request.rid)
        if recorded is not None:
            if recorded.digest != ask.digest:
                return Refusal("replayed", "This request's rid was used before, in another request of the same device.")
            certificate = self.state.by_jti.get(recorded.certificate)
            if certificate is not None and self.keys.signer(certificate.jkt) is not None:
                return Granted(recorded.payload, certificate, None)
        elif (late := _check_clock(ask)) is not None:
            return late
        found = self.state.certificate_for(ask.request.product, ask.now)
        if isinstance(found, Refusal):
            return found
        refused = counts.check(ask) if recorded is None else None
        if refused is not None:
            self.book.note_asked(ask, lease_expires=None)
            return refused
        return self._grant(ask, found)

    def _grant(self, ask: LeaseAsk, certificate: Certificate) -> Granted:
        lease = self._lease(ask, certificate)
        payload = claims.encode(lease)
        self.book.note_answer(ask, payload, certificate=certificate.claims.jti)
        renewed = self.book.note_asked(ask, lease_expires=lease.exp)
        return Granted(payload, certificate, renewed)

    def _lease(self, ask: LeaseAsk, certificate: Certificate) -> claims.Lease:
        policy, host, asked = self.state.trust.catalog.policy, certificate.claims, ask.request
        begin = max(ask.now, host.iat)
        life = min(policy.lease_days * DAY, host.max_lease)
        random = int.from_bytes(self.random(17), "big") >> 136 - _JTI_BITS
        return claims.Lease(
            iss=host.host,
            aud=self.state.trust.publisher,
            jti=crockford(random, _JTI_SYMBOLS),
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

    def _note_tallies(self, asks: Sequence[LeaseAsk], outcomes: Sequence[Outcome]) -> None:
        tallies: dict[tuple[str, int], int] = {}
        for ask, outcome in zip(asks, outcomes, strict=True):
            what = outcome.code if isinstance(outcome, VolactError) else _KINDS[outcome.renewed]
            tallies[what, ask.now // DAY] = tallies.get((what, ask.now // DAY), 0) + 1
        for (what, day), more in tallies.items():
            self.book.note_tally(what, day, more=more)


_KINDS = {None: "repeated", False: "activated", True: "renewed"}


class _Counts:
    """The counts of one batch: read once, then carried on as requests are counted."""

    def __init__(self, book: LeaseBook, state: HostState) -> None:
        self._book, self._state = book, state
        self._totals: dict[str, tuple[int, int]] = {}

    def check(self, ask: LeaseAsk) -> Refusal | None:
        """Counts the request's computer, and refuses while the count is too low."""
        catalog = self._state.trust.catalog
        group = catalog.group_of(ask.request.product)
        if group.count_group is None or group.threshold is None:
            return None
        since = thresholds.window_start(catalog.policy, ask.now)
        last = self._book.last_counted(group.count_group, ask.request.dev)
        already = last is not None and last >= since
        total = self._total(group.count_group, since)
        counts = thresholds.is_counted(catalog, ask.request.product, virtual=ask.request.virtual)
        count = thresholds.judge(total, threshold=group.threshold, already=already, counts=counts)
        if counts:
            self._book.note_counted(group.count_group, ask.request.dev, now=ask.now)
            self._totals[group.count_group] = (since, total if already else total + 1)
        return thresholds.check_count(count, retry_after=catalog.policy.retry_minutes * 60)

    def _total(self, count_group: str, since: int) -> int:
        known = self._totals.get(count_group)
        if known is None or known[0] != since:
            most = self._state.caps[count_group]
            known = self._totals[count_group] = (since, self._book.count(count_group, since=since, most=most))
        return known[1]


def _check_clock(ask: LeaseAsk) -> Refusal | None:
    difference = ask.request.iat - ask.now
    if abs(difference) <= CLOCK_WINDOW:
        return None
    hours, minutes = divmod(abs(difference) // 60, 60)
    word = "ahead of" if difference > 0 else "behind"
    return Refusal(
        "clock_out_of_range",
        f"The computer's clock is {hours} h {minutes:02} min {word} the host's; within 4 hours is accepted. "
        "If the host's clock is right, set the computer's; if not, set the host's.",
        {"server_time": ask.now, "request_time": ask.request.iat},
    )
