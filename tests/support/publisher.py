"""A publisher in one process: root, keys, catalog, list, host slots; it answers like the device API of the service.

Deterministic: seeds and ids come from a counter. It keeps no allowances: what it proves is the other side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from msgspec import structs

from volact.credential import claims, jws, lists, root
from volact.credential.encoding import crockford
from volact.credential.keys import SoftwareSigner
from volact.credential.productkey import KeyKind, ProductKey, make_key
from volact.credential.proof import Derived, derive, proof_holds
from volact.credential.publisher import Pin, PublisherFile
from volact.credential.request import ActivateRequest, HostRequest, SignedRequest, parse_request
from volact.errors import Refusal, Refused, VolactError
from volact.licensing import hosting
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import catalog_to, read_catalog_text
from volact.protocol import messages, problems
from volact.protocol.flows import Reply
from volact.protocol.messages import Answer, AnswerFile, Versions

ROOT = Path(__file__).resolve().parents[2]
DAY = 86_400
NOW = 1_800_000_000
ORGANIZATION = claims.Organization("nordlys", "Nordlys Energi")


@dataclass
class Row:
    """A product key on record, with the hosts that it set up."""

    key: ProductKey
    derived: Derived
    kind: str
    group: str
    blocked: bool = False
    slots: dict[str, hosting.Slot] = field(default_factory=dict)  # by host id
    newest: dict[str, str] = field(default_factory=dict)  # a host's newest certificate, by host id


@dataclass
class Publisher:
    """A publisher with its keys; `now` is its clock in seconds and may be moved."""

    catalog: Catalog
    id: str = "acme.example"
    now: int = NOW
    down: bool = False
    rows: dict[str, Row] = field(default_factory=dict)
    recorded: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    revoked: lists.Revocations = field(init=False)
    _count: int = 0

    @classmethod
    def of(cls, name: str = "reference", *, publisher: str = "acme.example", now: int = NOW) -> Publisher:
        """The publisher of a shipped catalog, `reference` or `demo`."""
        text = (ROOT / "catalogs" / f"{name}.toml").read_text("utf-8")
        return cls(read_catalog_text(text), id=publisher, now=now)

    def __post_init__(self) -> None:
        born = self.now - DAY
        self.signers = {
            role: SoftwareSigner(self._seed(role)) for role in ("root", "issuing", "catalog", "revocations")
        }
        self.roots = [root.sign_root(self._root(1, born), (self.signers["root"],))]
        self.catalogs = [self._sign_catalog(1, born)]
        self.revoked = lists.Revocations(iss=self.id, version=1, iat=born)

    @property
    def pin(self) -> Pin:
        """What a product of this publisher has compiled in."""
        return Pin(root.parse_root(self.roots[0]).hash)

    @property
    def versions(self) -> Versions:
        """The newest versions."""
        return Versions(len(self.roots), len(self.catalogs), self.revoked.version)

    @property
    def revocations(self) -> str:
        """The signed list."""
        return lists.sign_revocations(self.revoked, self.signers["revocations"])

    def file(self, service: str | None = None) -> PublisherFile:
        """The publisher file as of now."""
        return PublisherFile(
            publisher=self.id,
            roots=tuple(data.decode() for data in self.roots),
            catalog=self.catalogs[-1],
            revocations=self.revocations,
            service=service,
        )

    def publish(self, catalog: Catalog | None = None) -> None:
        """The same or another catalog as the next version."""
        self.catalog = catalog or self.catalog
        self.catalogs.append(self._sign_catalog(len(self.catalogs) + 1, self.now))

    def rotate(self) -> None:
        """Root version N+1 with a fresh issuing key."""
        self.signers["issuing"] = SoftwareSigner(self._seed(f"issuing {len(self.roots)}"))
        before = root.parse_root(self.roots[-1]).root
        fresh = self._root(len(self.roots) + 1, self.now)
        known, present = ({key.public.kid for key in each.keys} for each in (before, fresh))
        kept = [key if key.public.kid in present else structs.replace(key, state="retired") for key in before.keys]
        added = [key for key in fresh.keys if key.public.kid not in known]
        following = structs.replace(fresh, keys=(*kept, *added))
        self.roots.append(root.sign_root(following, (self.signers["root"],)))

    def revoke(self, keyid: str) -> None:
        """Blocks the key and puts it on the list."""
        self.rows[keyid].blocked = True
        entry = lists.RevokedKey(keyid, self.now)
        self._list(keys=(*self.revoked.keys, entry))

    def key(self, kind: KeyKind, group: str) -> Row:
        """A new product key."""
        self._count += 1
        number = self.catalog.product_groups[group].number
        key = make_key(kind, number, publisher=self.id, random=self._number("key") % 2**76)
        row = Row(key, derive(key, self.id), kind.word, group)
        self.rows[row.derived.keyid] = row
        return row

    def answer(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Answers one request of the device API."""
        try:
            return Reply(200, self._answer(method, path, body or b""))
        except VolactError as err:
            return Reply(*problems.to_problem(err.refusal))

    def answer_file(self, request: bytes) -> bytes:
        """The answer file to a request file."""
        said = messages.decode(Answer, self._answer("POST", "/v1/requests", request))
        roots = tuple(data.decode() for data in self.roots)
        return messages.encode(
            AnswerFile(credential=said.credential, versions=said.versions, roots=roots, revocations=self.revocations)
        )

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        if (method, path) == ("POST", "/v1/requests"):
            return self._requested(parse_request(body))
        if path.startswith("/v1/root/"):
            number = int(path.rpartition("/")[2])
            if not 1 <= number <= len(self.roots):
                raise Refused(Refusal("not_found", "no such root version"))
            return self.roots[number - 1]
        return (self.catalogs[-1] if path == "/v1/catalog" else self.revocations).encode()

    def _requested(self, signed: SignedRequest) -> bytes:
        signed.check_signature()
        asked = signed.request
        if (known := self.recorded.get((signed.jkt, asked.rid))) is not None:
            if known[0] != signed.digest:
                raise Refused(Refusal("replayed", "that rid was used with another payload"))
            return self._said(known[1])
        if abs(asked.iat - self.now) > (4 * 3600 if asked.via == "online" else 180 * DAY):
            raise Refused(Refusal("clock_out_of_range", "clock", {"server_time": self.now}))
        if isinstance(asked, HostRequest):
            text = self._host(signed, asked)
        elif isinstance(asked, ActivateRequest):
            text = self._activation(signed, asked)
        else:
            raise Refused(Refusal("operation_not_offered", "this publisher answers activations and hosts"))
        self.recorded[signed.jkt, asked.rid] = (signed.digest, text)
        return self._said(text)

    def _said(self, text: str) -> bytes:
        return messages.encode(Answer(credential=text, versions=self.versions))

    def _row(self, signed: SignedRequest, keyid: str | None, proof: str | None, *, kind: str) -> Row:
        row = self.rows.get(keyid or "")
        if row is None or not proof or not proof_holds(proof, row.derived.proof_key, context=signed.proof_context):
            raise Refused(Refusal("key_unknown", "no such key"))
        if row.blocked:
            raise Refused(Refusal("key_blocked", "the key is blocked"))
        if row.kind != kind:
            raise Refused(Refusal("key_wrong_kind", f"a {row.kind} key"))
        return row

    def _activation(self, signed: SignedRequest, asked: ActivateRequest) -> str:
        row = self._row(signed, asked.keyid, asked.proof, kind="mak")
        said = claims.Activation(
            iss=self.id, jti=self._jti(), iat=self.now, keyid=asked.keyid, kind=row.kind, group=row.group,
            product=asked.product, dev=asked.dev, mv=asked.mv, cnf=claims.DeviceKey(signed.jkt), rid=asked.rid,
            organization=ORGANIZATION,
        )  # fmt: skip
        return jws.sign_compact(claims.encode(said), typ=claims.ACTIVATION_TYP, signer=self.signers["issuing"])

    def _host(self, signed: SignedRequest, asked: HostRequest) -> str:
        policy = self.catalog.policy
        if asked.predecessor is None:
            row = self._row(signed, asked.keyid, asked.proof, kind="host")
            found = hosting.admit_host(
                tuple(row.slots.values()), dev=asked.dev, jkt=signed.jkt, limit=policy.host_slots,
                reactivations=policy.host_reactivations, center=self.catalog.center_for(None),
            )  # fmt: skip
            if isinstance(found, Refusal):
                raise Refused(found)
            slot = self._admitted(found, signed)
            return self._certificate(signed, row, slot=slot)
        for row in self.rows.values():
            for host, slot in row.slots.items():
                if row.newest[host] == asked.predecessor:
                    return self._renewal(signed, row, slot=slot)
        raise Refused(Refusal("clone_detected", "another copy has renewed this certificate already"))

    def _renewal(self, signed: SignedRequest, row: Row, *, slot: hosting.Slot) -> str:
        refused = hosting.check_renewal(slot, jkt=signed.jkt, renewed=False)
        if refused or row.blocked:
            raise Refused(refused or Refusal("key_blocked", "the key is blocked"))
        return self._certificate(signed, row, slot=slot)

    def _admitted(self, found: object, signed: SignedRequest) -> hosting.Slot:
        match found:
            case hosting.NewSlot():
                return hosting.Slot(crockford(self._number("host") % 2**75, 15), signed.request.dev, signed.jkt)
            case hosting.Reactivation(slot=slot, ended=ended):
                self._list(hosts=(*self.revoked.hosts, lists.RevokedHost(slot.host, ended, self.now)))
                return slot
            case hosting.SameDevice(slot=slot):
                return slot
        raise AssertionError(found)

    def _certificate(self, signed: SignedRequest, row: Row, *, slot: hosting.Slot) -> str:
        asked = signed.request
        assert isinstance(asked, HostRequest)
        policy = self.catalog.policy
        said = claims.HostCertificate(
            iss=self.id, jti=self._jti(), iat=self.now, exp=self.now + policy.certificate_days * DAY, host=slot.host,
            cnf=claims.HostKey(signed.public.jwk), dev=asked.dev, keyid=row.derived.keyid, group=row.group,
            groups=self.catalog.groups_of_host_key(row.group), organization=ORGANIZATION,
            max_lease=policy.max_lease_days * DAY, predecessor=asked.predecessor, rev_min=self.revoked.version,
            rid=asked.rid,
        )  # fmt: skip
        row.slots[slot.host] = hosting.Slot(slot.host, slot.dev, signed.jkt, slot.reactivations)
        row.newest[slot.host] = said.jti
        return jws.sign_compact(claims.encode(said), typ=claims.HOST_TYP, signer=self.signers["issuing"])

    def _list(self, **changed: tuple[object, ...]) -> None:
        newer = {"version": self.revoked.version + 1, "iat": max(self.now, self.revoked.iat)}
        self.revoked = structs.replace(self.revoked, **newer, **changed)

    def _root(self, version: int, born: int) -> root.Root:
        keys = tuple(
            root.RootKey(jwk=signer.public.jwk, role=role, state="active", nbf=born - DAY, exp=born + 4000 * DAY)
            for role, signer in self.signers.items()
        )  # type: ignore[arg-type]
        return root.Root(
            iss=self.id,
            name="Acme Engineering",
            version=version,
            iat=born,
            exp=born + 4000 * DAY,
            threshold=1,
            keys=keys,
        )

    def _sign_catalog(self, version: int, iat: int) -> str:
        document = lists.CatalogDocument(iss=self.id, version=version, iat=iat, catalog=catalog_to(self.catalog))
        return lists.sign_catalog(document, self.signers["catalog"])

    def _seed(self, name: str) -> bytes:
        return sha256(f"{self.id} {name}".encode()).digest()

    def _number(self, name: str) -> int:
        self._count += 1
        return int.from_bytes(self._seed(f"{name} {self._count}"), "big")

    def _jti(self) -> str:
        return crockford(self._number("jti") % 2**130, 26)
