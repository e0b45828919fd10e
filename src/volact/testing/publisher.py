"""A publisher in memory with its service: root, keys, catalog and list, and activations exactly once.

    mak = publisher.issue("mak", "tracer-9", activations=2)           install_key(pc, mak.text); activate(pc, ...)
    setup = publisher.issue("setup", "archiver")
    grant = publisher.grant("archiver-1", setup)                      install_key(pc, setup.text, grant=grant)
    trial = publisher.issue("trial", "tracer-9")                      ends after the catalog's `trial_days`
    publisher.retire(mak, jkt)                                        what a computer was given comes back

Kinds of key are those of the catalog: mak, retail, trial and cal activate over the service, setup and oem by their
grant without it, host keys set up a `FakeHost`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from msgspec import structs

from volact.credential import claims, jws, lists, root
from volact.credential.encoding import crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.productkey import KeyKind, make_key
from volact.credential.proof import derive, proof_hash, proof_holds
from volact.credential.publisher import Pin, PublisherFile, write_publisher_file
from volact.credential.request import ActivateRequest, HostRequest, SignedRequest, parse_request
from volact.errors import Refusal, Refused, VolactError
from volact.licensing.allowance import exhausted
from volact.licensing.catalog import ACTIVATING, UNCOUNTED, Catalog
from volact.licensing.catalogfile import catalog_to
from volact.protocol import messages, problems
from volact.protocol.flows import Reply, Send
from volact.protocol.messages import Answer, AnswerFile, Versions
from volact.testing.clock import DAY, FakeClock

WINDOW = 4 * 3600  # seconds
ROLES: tuple[root.Role, ...] = ("root", "issuing", "catalog", "revocations")


@dataclass
class FakeKey:
    """A product key that was issued: its text, its id, and what was activated with it, by device key.

    `began` keeps when each device key was activated first, from where the days of a trial are counted.
    """

    text: str
    keyid: str
    kind: str
    group: str
    proof_key: bytes
    allowance: int
    blocked: bool = False
    activations: dict[str, str] = field(default_factory=dict)  # the newest `jti` by device key
    began: dict[str, int] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)  # by telephone: each `dev`

    @property
    def remaining(self) -> int:
        """The activations that are left; keys that activate offline have no count, and none left."""
        return self.allowance - len(self.activations) - len(self.confirmed)


class FakePublisher:
    """A publisher and its activation service; everything that it signs is real, and the same in each run."""

    def __init__(self, catalog: Catalog, *, clock: FakeClock, publisher: str = "acme.example") -> None:
        self.catalog, self.clock, self.id = catalog, clock, publisher
        self.organization = claims.Organization("org-1", "Nordlys Energi")
        self.keys: dict[str, FakeKey] = {}
        self.revoked = lists.Revocations(iss=publisher, version=1, iat=clock() - DAY)
        self._count = 0
        self._answered: dict[tuple[str, str], tuple[str, str]] = {}
        self._signers = {role: SoftwareSigner(self._seed(role)) for role in ROLES}
        self._roots = [root.sign_root(self._root(1, ()), (self._signers["root"],))]
        self._catalogs = [self._sign_catalog(1, clock() - DAY)]

    @property
    def pin(self) -> str:
        """The text of the pin that a product has compiled in."""
        return Pin(root.parse_root(self._roots[0]).hash).text

    @property
    def versions(self) -> Versions:
        """The newest versions."""
        return Versions(len(self._roots), len(self._catalogs), self.revoked.version)

    def file(self, service: str | None = "http://service") -> bytes:
        """The publisher file as of now."""
        roots = tuple(data.decode() for data in self._roots)
        file = PublisherFile(
            publisher=self.id, roots=roots, catalog=self._catalogs[-1], revocations=self._list(), service=service
        )
        return write_publisher_file(file)

    def issue(self, kind: str, group: str, *, activations: int = 10) -> FakeKey:
        """A new product key of any kind for a product group; a retail key has one activation, whatever is said."""
        number = self.catalog.product_groups[group].number
        made = make_key(KeyKind[kind.upper()], number, publisher=self.id, random=self.number() % 2**76)
        derived = derive(made, self.id)
        allowance = 0 if kind in UNCOUNTED else 1 if kind == "retail" else activations
        key = FakeKey(made.text, derived.keyid, kind, group, derived.proof_key, allowance)
        self.keys[key.keyid] = key
        return key

    def grant(self, product: str, *keys: FakeKey, iat: int | None = None) -> bytes:
        """The grant file that opens these keys, all of kind `setup` or all of kind `oem`, for a product."""
        sold = self.catalog.products[product]
        kind: Literal["setup", "oem"] = "oem" if keys[0].kind == "oem" else "setup"
        said = claims.SetupGrant(
            iss=self.id, jti=self.identifier(), iat=self.clock() if iat is None else iat, kind=kind, product=product,
            group=sold.group, licensing_id="L-1", keys=tuple(proof_hash(key.proof_key) for key in keys),
            version=sold.version, organization=self.organization,
        )  # fmt: skip
        return self.sign(said).encode()

    def retire(self, key: FakeKey, jkt: str) -> None:
        """Takes an activation back from a device key: it is on the list from now on, and the key has it again."""
        entry = lists.RevokedActivation(key.activations.pop(jkt), self.clock())
        self.extend(activations=(*self.revoked.activations, entry))

    def revoke(self, key: FakeKey) -> None:
        """Blocks a key, and puts what was given for it on the list from now on."""
        key.blocked = True
        entry = lists.RevokedKey(key.keyid, self.clock())
        self.extend(keys=(*self.revoked.keys, entry))

    def revoke_host(self, host: str, jkt: str) -> None:
        """Ends what a host's key signs from now on."""
        self.extend(hosts=(*self.revoked.hosts, lists.RevokedHost(host, jkt, self.clock())))

    def extend(self, **changed: tuple[object, ...]) -> None:
        """The next version of the revocation list, with other entries."""
        self.revoked = structs.replace(self.revoked, version=self.revoked.version + 1, iat=self.clock(), **changed)

    def publish(self, catalog: Catalog | None = None) -> None:
        """The next version of the catalog."""
        self.catalog = catalog or self.catalog
        self._catalogs.append(self._sign_catalog(len(self._catalogs) + 1, self.clock()))

    def rotate(self, *, compromised: bool = False) -> None:
        """The next root version with a fresh issuing key; the old one is retired, or compromised from now on."""
        state: root.State = "compromised" if compromised else "retired"
        since = self.clock() if compromised else None
        before = root.parse_root(self._roots[-1]).root.keys
        old = tuple(key for key in before if key.role == "issuing")
        kept = tuple(structs.replace(key, state=state, compromised=since) for key in old)
        self._signers["issuing"] = SoftwareSigner(self._seed(f"issuing {len(self._roots)}"))
        self.list_keys(*kept)
        if compromised:  # what the old key signed is given afresh to who asks again
            for place, (digest, text) in self._answered.items():
                said, _ = claims.parse(claims.Activation, text)
                self._answered[place] = digest, self.sign(structs.replace(said, iat=self.clock()))

    def list_keys(self, *keys: root.RootKey) -> None:
        """The next root version: with these keys beside those in use and those of the version before."""
        said = {key.public.kid for key in keys} | {signer.public.kid for signer in self._signers.values()}
        before = root.parse_root(self._roots[-1]).root.keys
        kept = tuple(key for key in before if key.public.kid not in said)
        self._roots.append(root.sign_root(self._root(len(self._roots) + 1, (*keys, *kept)), (self._signers["root"],)))

    def send(self, step: Send) -> Reply:
        """Answers one request of the device API."""
        try:
            return Reply(200, self.document(step.path) or self._requested(step))
        except VolactError as err:
            return Reply(*problems.to_problem(err.refusal))

    def document(self, path: str) -> bytes | None:
        """A signed document by its path, None for other paths; refuses a root version that is not there."""
        if path.startswith("/v1/root/"):
            number = int(path.rpartition("/")[2])
            if not 1 <= number <= len(self._roots):
                raise Refused(Refusal("not_found", "no such root version"))
            return self._roots[number - 1]
        documents = {"/v1/catalog": self._catalogs[-1], "/v1/revocations": self._list()}
        return documents[path].encode() if path in documents else None

    def answer_file(self, request: bytes) -> bytes:
        """The answer file to a request file; raises what the service refuses."""
        roots = tuple(data.decode() for data in self._roots)
        signed = parse_request(request)
        file = AnswerFile(
            credential=self._answer(signed),
            versions=self.versions,
            roots=roots,
            revocations=self._list(),
            catalog=self._catalogs[-1] if isinstance(signed.request, HostRequest) else None,
        )
        return messages.encode(file)

    def sign(self, said: claims.Activation | claims.HostCertificate | claims.SetupGrant) -> str:
        """Signs what a publisher signs, with the newest issuing key."""
        return jws.sign_compact(claims.encode(said), typ=claims.TYPS[type(said)], signer=self._signers["issuing"])

    def decide(self, signed: SignedRequest) -> claims.Activation | claims.HostCertificate:
        """What is signed for a request that was not answered before; raises Refused."""
        if not isinstance(signed.request, ActivateRequest):
            raise Refused(Refusal("operation_not_offered", "this fake answers activations"))
        return self._admitted(signed, signed.request)

    def proved_key(self, signed: SignedRequest, *kinds: str) -> FakeKey:
        """The key of one of these kinds that a request proves to know whole; raises Refused."""
        asked = signed.request
        assert isinstance(asked, ActivateRequest | HostRequest)
        key = self.keys.get(asked.keyid or "")
        if key is None or not proof_holds(asked.proof or "", key.proof_key, context=signed.proof_context):
            raise Refused(Refusal("key_unknown", "the key is not known"))
        if key.blocked:
            raise Refused(Refusal("key_blocked", "the key is blocked"))
        if key.kind not in kinds:
            raise Refused(Refusal("key_wrong_kind", f"this is a {key.kind} key"))
        return key

    def identifier(self) -> str:
        """A fresh id of 130 bits."""
        return crockford(self.number() % 2**130, 26)

    def number(self) -> int:
        """A number of 256 bits that was not drawn before."""
        self._count += 1
        return int.from_bytes(self._seed(f"number {self._count}"), "big")

    def _requested(self, step: Send) -> bytes:
        if (step.method, step.path) != ("POST", "/v1/requests"):
            raise Refused(Refusal("not_found", f"nothing is at {step.path}"))
        signed = parse_request(step.body or b"")
        try:
            return messages.encode(Answer(credential=self._answer(signed), versions=self.versions))
        except VolactError as err:
            raise Refused(problems.numbered(err.refusal, signed.request.rid)) from err

    def _answer(self, signed: SignedRequest) -> str:
        """Exactly once: the same request gives the same credential."""
        signed.check_signature()
        asked = signed.request
        known = self._answered.get((signed.jkt, asked.rid))
        if known is not None:
            if known[0] != signed.digest:
                raise Refused(Refusal("replayed", "that number was used for another request"))
            return known[1]
        window = WINDOW if asked.via == "online" else 180 * DAY
        if abs(asked.iat - self.clock()) > window:
            raise Refused(Refusal("clock_out_of_range", "a clock is wrong", {"server_time": self.clock()}))
        text = self.sign(self.decide(signed))
        self._answered[signed.jkt, asked.rid] = signed.digest, text
        return text

    def _admitted(self, signed: SignedRequest, asked: ActivateRequest) -> claims.Activation:
        """One device key takes one activation; a trial ends its days after the first."""
        key, now = self.proved_key(signed, *ACTIVATING), self.clock()
        end = None
        if key.kind == "trial":
            days = self.catalog.products[asked.product].trial_days
            end = key.began.get(signed.jkt, now) + days * DAY
            if end <= now:
                raise Refused(Refusal("trial_ended", "the trial has ended", {"product": asked.product}))
        if signed.jkt not in key.activations and key.remaining < 1:
            raise Refused(exhausted(key.allowance, self.catalog.center_for(None)))
        said = claims.Activation(
            iss=self.id, jti=self.identifier(), iat=now, keyid=key.keyid, kind=key.kind, group=key.group,
            product=asked.product, dev=asked.dev, mv=asked.mv, cnf=claims.DeviceKey(signed.jkt), rid=asked.rid,
            organization=self.organization, exp=end,
        )  # fmt: skip
        key.began.setdefault(signed.jkt, now)
        key.activations[signed.jkt] = said.jti
        return said

    def _list(self) -> str:
        return lists.sign_revocations(self.revoked, self._signers["revocations"])

    def _sign_catalog(self, version: int, iat: int) -> str:
        document = lists.CatalogDocument(iss=self.id, version=version, iat=iat, catalog=catalog_to(self.catalog))
        return lists.sign_catalog(document, self._signers["catalog"])

    def _root(self, version: int, kept: tuple[root.RootKey, ...]) -> root.Root:
        born, end = self.clock() - DAY, self.clock() + 4000 * DAY
        fresh = tuple(
            root.RootKey(jwk=self._signers[role].public.jwk, role=role, state="active", nbf=0, exp=end)
            for role in ROLES
        )
        keys = (*fresh, *kept)
        return root.Root(iss=self.id, name="Acme", version=version, iat=born, exp=end, threshold=1, keys=keys)

    def _seed(self, name: str) -> bytes:
        return sha256(f"{self.id} {name}".encode()).digest()
