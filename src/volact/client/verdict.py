"""From the bytes of a home to what a license is worth: the whole chain from the pin, at every change of a byte.

What was verified is remembered by the bytes it was verified from, so a later verdict costs only reading them and a
look at the clock. Nothing here writes, and nothing here asks anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from msgspec import structs

from volact.client import files, machine
from volact.client.home import decode, publisher_file
from volact.client.records import (
    FILES,
    ActivationHeld,
    CatalogText,
    ConfirmationHeld,
    Device,
    Held,
    Identity,
    Installation,
    InstalledKey,
    LeaseHeld,
    Noticed,
    Publisher,
    Record,
    RevocationsText,
    Roots,
    SetupHeld,
)
from volact.client.snapshot import Snapshot
from volact.client.status import Status
from volact.credential.claims import Activation, Lease, SetupGrant
from volact.credential.encoding import unb64
from volact.credential.keys import PublicKey
from volact.credential.proof import proof_hash
from volact.credential.publisher import Pin
from volact.errors import Damaged, Malformed, Untrusted, VolactError
from volact.licensing.catalog import ACTIVATING, Policy
from volact.licensing.states import Action, Facts, License, Method, Reason, State, license_state, method_of
from volact.protocol.trust import Trust

AnyRecord = TypeVar("AnyRecord", bound=Record)
Found = Mapping[type[Record], bytes | None]
AnyHeld = Held | SetupHeld | ConfirmationHeld
DEFAULT_POLICY = Policy()
EXTRA_MISSING = "extra_missing"


@dataclass(frozen=True, slots=True)
class Credential:
    """A believed license: what it says, whom it came from, and whether this machine is the one it was given for."""

    license: License
    claims: Activation | Lease | SetupGrant | None  # a confirmation claims nothing: it is signed over what is known
    source: str
    here: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the bytes prove: `damaged` names the file that could not be read, `found` are all believed licenses.

    `credential` is the one of them that counts, and `noticed` since when it was seen not to be here.
    """

    facts: Facts | None
    policy: Policy = DEFAULT_POLICY
    newest_signed: int = 0
    credential: Credential | None = None
    damaged: str | None = None
    found: tuple[Credential, ...] = ()
    noticed: int | None = None

    def at(self, now: int) -> Known:
        """The same at a time in seconds, which says what of a trial and a lease has ended."""
        if self.facts is None or not self.found:
            return self
        now = max(now, self.newest_signed)
        best = min(self.found, key=lambda each: _worse(each, now))
        away = None if best.here else self.noticed
        facts = structs.replace(self.facts, license=best.license, hardware_changed_at=away)
        return replace(self, facts=facts, credential=best)


def judge(snapshot: Snapshot, product: str, *, pin: str | None, now: int) -> Status:
    """The status of a product at `now` (seconds by the computer's clock); without a pin, under the recorded one."""
    known = know(snapshot, product, pin=pin, now=now)
    if known.facts is None:
        return Status(
            product, State.UNLICENSED, Reason.NOT_ACTIVATED, action=Action(known.policy.actions["unlicensed"])
        )
    now, facts = max(now, known.newest_signed), known.facts
    away = known.credential is not None and not known.credential.here
    if away and facts.hardware_changed_at is None:
        facts = structs.replace(facts, hardware_changed_at=now)  # nobody who may write has noticed yet
    standing = license_state(facts, known.policy, now=now)
    return Status(
        product,
        standing.state,
        standing.reason,
        standing.method,
        standing.days_left,
        None if standing.expires is None else _written(standing.expires),
        known.credential.source if known.credential else None,
        standing.action,
    )


def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def know(snapshot: Snapshot, product: str, *, pin: str | None, now: int) -> Known:
    """What the bytes of a product prove under a pin at `now` (seconds by the computer's clock)."""
    return _proved(snapshot, product, pin=pin).at(now)


@lru_cache(maxsize=32)
def _proved(snapshot: Snapshot, product: str, *, pin: str | None) -> Known:
    home, own = dict(snapshot.home), dict(snapshot.product)
    if home[Publisher] is None or own[Installation] is None:
        return Known(None)
    try:
        trust = _trust(_Documents(*(home[kind] for kind in (Publisher, Roots, CatalogText, RevocationsText))), pin)
    except (Damaged, Malformed, Untrusted) as err:
        untrusted = err.code == "root_untrusted"
        fault = Reason.ROOT_UNTRUSTED if untrusted else Reason.STATE_DAMAGED
        return Known(Facts(installed_at=_installed_at(own), fault=fault), damaged=None if untrusted else err.detail)
    return _Case(snapshot, product, trust).known()


@dataclass(frozen=True, slots=True)
class _Documents:
    publisher: bytes | None
    roots: bytes | None
    catalog: bytes | None
    revocations: bytes | None


@lru_cache(maxsize=16)
def _trust(documents: _Documents, pin: str | None) -> Trust:
    found: Found = {
        Publisher: documents.publisher,
        Roots: documents.roots,
        CatalogText: documents.catalog,
        RevocationsText: documents.revocations,
    }
    known, roots = _record(Publisher, found), _record(Roots, found)
    catalog, revocations = _record(CatalogText, found), _record(RevocationsText, found)
    if known is None or roots is None or catalog is None or revocations is None:
        raise Damaged("a document of the publisher is missing")
    file = publisher_file(known, roots, catalog=catalog, revocations=revocations)
    return Trust.load(Pin.parse(known.pin if pin is None else pin), file)


@dataclass(frozen=True, slots=True)
class _Case:
    """One product of one computer, under believed documents."""

    snapshot: Snapshot
    product: str
    trust: Trust

    def known(self) -> Known:
        """What the product's own files prove; a spoiled one costs a license nothing."""
        installed, spoiled = self._whole(Installation)
        key, damage = self._whole(InstalledKey)
        found, damage_of_credential = self._credentials(key)
        damage = None if found else damage_of_credential or damage or spoiled
        sold = self.trust.catalog.products.get(self.product)
        noticed, _ = self._whole(Noticed)
        facts = Facts(
            installed_at=installed.installed_at if installed else 0,
            channel=installed.channel if installed else "volume",
            needs=sold.needs if sold else "activation",
            key=key.kind if key else None,
            fault=Reason.STATE_DAMAGED if damage else None,
        )
        return Known(
            facts,
            self.trust.catalog.policy,
            self.trust.newest_signed,
            damaged=damage,
            found=tuple(found),
            noticed=noticed.hardware_changed_at if noticed else None,
        )

    def _credentials(self, key: InstalledKey | None) -> tuple[list[Credential], str | None]:
        """What is believed, and what damage was met on the way. A generic key sets what keys gave aside."""
        found: list[Credential] = []
        damage = None
        kinds: tuple[type[AnyHeld], ...] = (SetupHeld, ActivationHeld, ConfirmationHeld, LeaseHeld)
        if key and key.kind == "generic":
            kinds = (LeaseHeld,)
        for kind in kinds:
            held, damaged = self._whole(kind)
            damage = damage or damaged
            if held is not None:
                try:
                    found += self._believe(held)
                except Damaged as err:
                    damage = damage or err.detail
        return found, damage

    def _believe(self, held: AnyHeld) -> Iterator[Credential]:
        try:
            if isinstance(held, SetupHeld):
                yield from self._setup(held)
            elif isinstance(held, ConfirmationHeld):
                yield from self._confirmation(held)
            elif isinstance(held, LeaseHeld):
                yield from self._lease(held)
            else:
                yield from self._activation(held)
        except Malformed:
            return  # whole, and signed by nobody who counts: it proves nothing
        except Untrusted as err:
            if err.code == EXTRA_MISSING:  # nobody can say here what it proves
                raise Damaged(f"a host's telephone certificate cannot be checked: {err.detail}") from err

    def _lease(self, held: Held) -> Iterator[Credential]:
        lease, _ = self.trust.lease(held.credential, held.certificate or "")
        if lease.product == self.product:
            revoked = self.trust.lease_revoked_at(lease, held.certificate or "")
            here = self._is_here(held, lease) and self._has_key(lease.cnf.jkt)
            yield Credential(License(Method.HOST, lease.exp, revoked), lease, held.source, here)

    def _activation(self, held: Held) -> Iterator[Credential]:
        said = self.trust.activation(held.credential)
        sold = self.trust.catalog.products.get(self.product)
        group = sold.group if sold else None
        method = method_of(said.kind)
        if said.group == group and said.kind in ACTIVATING and method is not None:
            revoked = self.trust.revoked_at(Activation, held.credential)
            bound = self.trust.catalog.policy.bind == "key"
            here = self._is_here(held, said) and (not bound or self._has_key(said.cnf.jkt))
            yield Credential(License(method, said.exp, revoked), said, held.source, here)

    def _setup(self, held: SetupHeld) -> Iterator[Credential]:
        said = self.trust.grant(held.grant)
        if said.product == self.product and proof_hash(unb64(held.proof)) in said.keys:
            revoked = self.trust.grant_revoked_at(held.grant, held.keyid)
            yield Credential(License(Method(said.kind), None, revoked), said, held.keyid, here=True)

    def _confirmation(self, held: ConfirmationHeld) -> Iterator[Credential]:
        from volact.client.confirmed import judge_confirmation  # few computers have one

        sold = self.trust.catalog.products.get(self.product)
        found = judge_confirmation(self.trust, held, group=sold.group if sold else "")
        if found is not None:
            here = self._is_this(held.vector, dev=found.dev, mark="")
            yield Credential(found.license, None, found.keyid, here)

    def _is_here(self, held: Held, said: Activation | Lease) -> bool:
        return self._is_this(held.vector, dev=said.dev, mark=said.mv)

    def _is_this(self, vector: dict[str, str], *, dev: str, mark: str) -> bool:
        """Whether the kept vector is the one that was signed, and this machine is the one it was taken from."""
        publisher = self.trust.publisher
        identity = _record(Identity, dict(self.snapshot.home)) or Identity()
        now = machine.recognize(identity, self.snapshot.machine, publisher=publisher)
        signed = machine.names_vector(vector, publisher, dev=dev, mark=mark)
        return signed and machine.matches(vector, now)

    def _has_key(self, jkt: str) -> bool:
        device = _record(Device, dict(self.snapshot.home))
        return device is not None and PublicKey.from_jwk(device.jwk).kid == jkt

    def _whole(self, kind: type[AnyRecord]) -> tuple[AnyRecord | None, str | None]:
        try:
            return _record(kind, dict(self.snapshot.product)), None
        except Damaged as err:
            return None, err.detail


def _worse(each: Credential, now: int) -> tuple[bool, ...]:
    """A lease beside a trial is the newer one, since an activation takes the lease's place."""
    license = each.license
    lapsed = license.expires is not None and now >= license.expires
    is_trial = license.method is Method.TRIAL
    return license.is_ended_trial(now), not each.here, license.revoked_at is not None, lapsed, is_trial


def _installed_at(own: Found) -> int:
    try:
        installed = _record(Installation, own)
    except VolactError:
        return 0
    return installed.installed_at if installed else 0


def _record(kind: type[AnyRecord], found: Found) -> AnyRecord | None:
    data, name = found[kind], FILES[kind]
    return None if data is None else decode(kind, files.unseal(data, name), name=name)
