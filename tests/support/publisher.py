"""The shipped fake of a publisher, which also sets up activation hosts, as the device API of the service does.

publisher = Publisher.of("demo", now=int(time.time()))
key = publisher.issue("host", "solver-server-9")
publisher.answer("POST", "/v1/requests", body)         -> Reply(status, body)
publisher.clock.now += DAY
"""

from __future__ import annotations

from pathlib import Path

from volact.credential import claims, lists
from volact.credential.encoding import crockford
from volact.credential.publisher import Pin, read_publisher_file
from volact.credential.request import HostRequest, SignedRequest
from volact.errors import Refusal, Refused
from volact.licensing import hosting
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import read_catalog_text
from volact.protocol.flows import Reply, Send
from volact.protocol.trust import Trust
from volact.testing import DAY, FakeClock, FakeKey, FakePublisher

ROOT = Path(__file__).resolve().parents[2]
NOW = 1_800_000_000


class Publisher(FakePublisher):
    """A publisher with host keys; `slots` are a key's hosts, `newest` each host's newest certificate, by host id."""

    def __init__(self, catalog: Catalog, *, clock: FakeClock, publisher: str = "acme.example") -> None:
        super().__init__(catalog, clock=clock, publisher=publisher)
        self.down = False
        self.slots: dict[str, dict[str, hosting.Slot]] = {}
        self.newest: dict[str, str] = {}

    @classmethod
    def of(cls, name: str = "reference", *, publisher: str = "acme.example", now: int = NOW) -> Publisher:
        """The publisher of a shipped catalog, `reference` or `demo`."""
        text = (ROOT / "catalogs" / f"{name}.toml").read_text("utf-8")
        return cls(read_catalog_text(text), clock=FakeClock(now), publisher=publisher)

    @property
    def trust(self) -> Trust:
        """What a product of this publisher believes now."""
        return Trust.load(Pin.parse(self.pin), read_publisher_file(self.file()))

    def answer(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Answers one request of the device API."""
        return self.send(Send(method, path, body))

    def decide(self, signed: SignedRequest) -> claims.Activation | claims.HostCertificate:
        """What is signed for a request of a computer or a host."""
        asked = signed.request
        if not isinstance(asked, HostRequest):
            return super().decide(signed)
        return self._first(signed) if asked.predecessor is None else self._renewal(signed, asked.predecessor)

    def _first(self, signed: SignedRequest) -> claims.HostCertificate:
        policy, key = self.catalog.policy, self.proved_key(signed, "host")
        slots = self.slots.setdefault(key.keyid, {})
        found = hosting.admit_host(
            tuple(slots.values()), dev=signed.request.dev, jkt=signed.jkt, limit=policy.host_slots,
            reactivations=policy.host_reactivations, center=self.catalog.center_for(None),
        )  # fmt: skip
        match found:
            case Refusal():
                raise Refused(found)
            case hosting.NewSlot():
                slot = hosting.Slot(crockford(self.number() % 2**75, 15), signed.request.dev, signed.jkt)
            case hosting.Reactivation(slot=slot, ended=ended):
                self.extend(hosts=(*self.revoked.hosts, lists.RevokedHost(slot.host, ended, self.clock())))
            case hosting.SameDevice(slot=slot):
                pass
        slots[slot.host] = slot
        return self._certificate(signed, key, slot=slot)

    def _renewal(self, signed: SignedRequest, predecessor: str) -> claims.HostCertificate:
        for keyid, slots in self.slots.items():
            for slot in slots.values():
                if self.newest[slot.host] == predecessor:
                    refused = hosting.check_renewal(slot, jkt=signed.jkt, renewed=False)
                    if refused is None and self.keys[keyid].blocked:
                        refused = Refusal("key_blocked", "the key is blocked")
                    if refused is not None:
                        raise Refused(refused)
                    return self._certificate(signed, self.keys[keyid], slot=slot)
        raise Refused(Refusal("clone_detected", "another copy has renewed this certificate already"))

    def _certificate(self, signed: SignedRequest, key: FakeKey, *, slot: hosting.Slot) -> claims.HostCertificate:
        asked, policy, now = signed.request, self.catalog.policy, self.clock()
        assert isinstance(asked, HostRequest)
        said = claims.HostCertificate(
            iss=self.id, jti=self.identifier(), iat=now, exp=now + policy.certificate_days * DAY, host=slot.host,
            cnf=claims.HostKey(signed.public.jwk), dev=asked.dev, keyid=key.keyid, group=key.group,
            groups=self.catalog.groups_of_host_key(key.group), organization=self.organization,
            max_lease=policy.max_lease_days * DAY, predecessor=asked.predecessor, rev_min=self.revoked.version,
            rid=asked.rid,
        )  # fmt: skip
        self.newest[slot.host] = said.jti
        return said
