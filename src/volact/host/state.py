"""What a host may serve at a moment, as a value: who may be told what, under which certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from volact.credential.claims import HostCertificate, parse
from volact.credential.telephone.certificate import is_telephone_certificate
from volact.errors import Refusal, Untrusted
from volact.host.records import HOUR, Certificate, Settings
from volact.licensing import hosting
from volact.protocol.messages import Versions
from volact.protocol.telephonehosts import read_telephone_host
from volact.protocol.trust import Trust

Kept = tuple[str, str]  # of a certificate: the id of its key, and its text
CLOCK_WINDOW = 4 * HOUR  # protocol.md: a request is accepted within 4 hours of the host's clock


def read_certificates(kept: Sequence[Kept], trust: Trust) -> tuple[Certificate, ...]:
    """What a host keeps, the oldest first; one by telephone says what the catalog says now.

    Raises Malformed. Left out is a telephone certificate of a product group that the catalog has no more.
    """
    newest, found = dict(kept), []
    for keyid, text in kept:
        said = _read(text, trust)
        if said is not None:
            found.append(Certificate(said, text, newest[keyid] == text))
    return tuple(found)


def _read(text: str, trust: Trust) -> HostCertificate | None:
    if not is_telephone_certificate(text):
        return parse(HostCertificate, text)[0]
    try:
        return read_telephone_host(text, trust.publisher, catalog=trust.catalog)
    except Untrusted:
        return None


@dataclass(frozen=True, slots=True)
class Told:
    """What a host knows of its publisher and tells with every answer."""

    versions: Versions
    checkpoint: str | None


@dataclass(frozen=True)
class HostState:
    """Settings, trust and certificates of a host, read at one moment."""

    settings: Settings
    trust: Trust
    certificates: tuple[Certificate, ...]
    generation: int = 0
    checkpoint: str | None = None  # the newest of the publisher's log that this host has seen

    @property
    def told(self) -> Told:
        """What goes with an answer."""
        return Told(self.trust.versions, self.checkpoint)

    @cached_property
    def own(self) -> tuple[Certificate, ...]:
        """The certificates given to this machine: those of a machine that the folder came from license nobody here."""
        return tuple(each for each in self.certificates if self.machine_of(each) == self.settings.dev)

    def machine_of(self, certificate: Certificate) -> str | None:
        """The `dev` of the machine that a certificate was given to, None where nobody here can tell."""
        if not certificate.by_telephone:
            return certificate.claims.dev
        settings, jkt = self.settings, certificate.jkt
        return settings.dev if jkt == settings.jkt else settings.machines.get(jkt)

    @cached_property
    def by_jti(self) -> Mapping[str, Certificate]:
        """Every certificate on record for this machine."""
        return {each.claims.jti: each for each in self.own}

    @cached_property
    def newest(self) -> tuple[Certificate, ...]:
        """The newest certificate of each key, the one that ends last first."""
        found = [each for each in self.own if each.newest]
        return tuple(sorted(found, key=lambda each: each.claims.exp, reverse=True))

    @cached_property
    def served(self) -> frozenset[str]:
        """The product groups that some certificate names, in force or not."""
        return frozenset(group for each in self.newest for group in each.claims.groups)

    @cached_property
    def caps(self) -> Mapping[str, int]:
        """The highest threshold of each count group: no count beyond it needs to be known to judge a request."""
        found: dict[str, int] = {}
        for group in self.trust.catalog.product_groups.values():
            if group.count_group is not None and group.threshold is not None:
                found[group.count_group] = max(group.threshold, found.get(group.count_group, 0))
        return found

    @cached_property
    def _ends(self) -> Mapping[str, int]:
        """The time from which on a certificate counts for nothing: its end, or its revocation."""
        revoked = {each.claims.jti: self.trust.host_revoked_at(each.claims, each.text) for each in self.newest}
        return {
            each.claims.jti: each.claims.exp if (at := revoked[each.claims.jti]) is None else min(at, each.claims.exp)
            for each in self.newest
        }

    def in_force(self, now: int) -> tuple[Certificate, ...]:
        """The certificates under which leases may be given now.

        One that begins a little later by the publisher's clock is in force: leases then begin with it.
        """
        return tuple(
            each for each in self.newest if each.claims.iat - CLOCK_WINDOW <= now < self._ends[each.claims.jti]
        )

    def certificate_for(self, product: str, now: int) -> Certificate | Refusal:
        """The certificate under which a lease for a product is given, or why none is."""
        if not self.newest:
            unserved = self._never_served(product)
            return unserved or Refusal("host_not_activated", "this host has no certificate of the publisher yet")
        refused = hosting.serves(self.trust.catalog, self.served, product=product)
        if refused is not None:
            return refused
        group = self.trust.catalog.products[product].group
        for each in self.in_force(now):
            if group in each.claims.groups:
                return each
        return Refusal("host_not_activated", "this host's certificate has ended or was revoked")

    def _never_served(self, product: str) -> Refusal | None:
        return hosting.serves(self.trust.catalog, frozenset(self.trust.catalog.product_groups), product=product)
