"""An activation host in memory: counts distinct computers, and gives leases from its threshold on."""

from __future__ import annotations

from hashlib import sha256

from volact.credential import claims, jws
from volact.credential.encoding import crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.request import LeaseRequest, SignedRequest, parse_request
from volact.errors import Refusal, Refused, VolactError
from volact.licensing.hosting import serves
from volact.licensing.thresholds import check_count, is_counted, judge
from volact.protocol import messages, problems
from volact.protocol.flows import Reply, Send
from volact.protocol.messages import Answer
from volact.testing.clock import DAY
from volact.testing.publisher import WINDOW, FakePublisher


class FakeHost:
    """A host that was activated for one product group's host key; `seen` says when each computer was counted last."""

    def __init__(self, publisher: FakePublisher, *, group: str, counted: int = 0) -> None:
        self.publisher = publisher
        self.groups = publisher.catalog.groups_of_host_key(group)
        self.id = crockford(publisher.number() % 2**75, 15)
        self.signer = SoftwareSigner(sha256(f"host {self.id}".encode()).digest())
        self.key = publisher.issue("host", group)
        self.organization: claims.Organization | None = publisher.organization
        self.certificate = publisher.sign(self._certificate(group))
        self.seen: dict[tuple[str, str], int] = {}
        self._answered: dict[tuple[str, str], str] = {}
        self.count(counted)

    def count(self, computers: int) -> None:
        """Counts that many other computers now, in every count group."""
        for group in self.publisher.catalog.count_groups:
            for number in range(computers):
                self.seen[group, f"other-{number}"] = self.publisher.clock()

    def send(self, step: Send) -> Reply:
        """Answers one request of a host's device API."""
        try:
            return Reply(200, self.publisher.document(step.path) or self._requested(step))
        except VolactError as err:
            return Reply(*problems.to_problem(err.refusal))

    def lease(self, signed: SignedRequest, *, iat: int | None = None, exp: int | None = None) -> str:
        """The lease for a request, whatever the count says; given at `iat`, which is now unless it is said."""
        asked, policy = signed.request, self.publisher.catalog.policy
        now = self.publisher.clock() if iat is None else iat
        assert isinstance(asked, LeaseRequest)
        said = claims.Lease(
            iss=self.id, aud=self.publisher.id, jti=self.publisher.identifier(), iat=now,
            exp=now + policy.lease_days * DAY if exp is None else exp, dev=asked.dev, mv=asked.mv,
            cnf=claims.DeviceKey(signed.jkt), rid=asked.rid, product=asked.product,
            group=self.publisher.catalog.group_of(asked.product).id, organization=self.organization,
            renew=policy.renew_minutes * 60,
        )  # fmt: skip
        return jws.sign_compact(claims.encode(said), typ=claims.LEASE_TYP, signer=self.signer)

    def answer(self, credential: str) -> bytes:
        """An answer that carries a lease and this host's certificate."""
        answer = Answer(credential=credential, certificate=self.certificate, versions=self.publisher.versions)
        return messages.encode(answer)

    def _requested(self, step: Send) -> bytes:
        if (step.method, step.path) != ("POST", "/v1/requests"):
            raise Refused(Refusal("not_found", f"nothing is at {step.path}"))
        signed = parse_request(step.body or b"")
        signed.check_signature()
        known = self._answered.get((signed.jkt, signed.digest))
        if known is None:
            self._check(signed)
            known = self._answered[signed.jkt, signed.digest] = self.lease(signed)
        return self.answer(known)

    def _check(self, signed: SignedRequest) -> None:
        asked, now, catalog = signed.request, self.publisher.clock(), self.publisher.catalog
        if not isinstance(asked, LeaseRequest):
            raise Refused(Refusal("not_found", "a host gives leases"))
        if abs(asked.iat - now) > WINDOW:
            raise Refused(Refusal("clock_out_of_range", "a clock is wrong", {"server_time": now}))
        refusal = serves(catalog, self.groups, product=asked.product) or self._counted(asked)
        if refusal is not None:
            raise Refused(refusal)

    def _counted(self, asked: LeaseRequest) -> Refusal | None:
        catalog, now = self.publisher.catalog, self.publisher.clock()
        group = catalog.group_of(asked.product)
        assert group.count_group is not None
        assert group.threshold is not None
        start = now - catalog.policy.window_days * DAY
        counted = sum(1 for (name, _), at in self.seen.items() if name == group.count_group and at >= start)
        place = (group.count_group, asked.dev)
        counts = is_counted(catalog, asked.product, virtual=asked.virtual)
        count = judge(counted, threshold=group.threshold, already=self.seen.get(place, 0) >= start, counts=counts)
        if counts:
            self.seen[place] = now
        return check_count(count, retry_after=catalog.policy.retry_minutes * 60)

    def _certificate(self, group: str) -> claims.HostCertificate:
        publisher, now = self.publisher, self.publisher.clock()
        policy = publisher.catalog.policy
        return claims.HostCertificate(
            iss=publisher.id, jti=publisher.identifier(), iat=now, exp=now + policy.certificate_days * DAY,
            host=self.id, cnf=claims.HostKey(self.signer.public.jwk), dev=self.id, keyid=self.key.keyid, group=group,
            groups=self.groups, organization=publisher.organization, max_lease=policy.max_lease_days * DAY,
            predecessor=None, rev_min=1, rid="A" * 22,
        )  # fmt: skip
