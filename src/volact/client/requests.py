"""The signed requests of a computer: on disk before they are sent, repeated byte for byte until answered (spec D-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from volact.client.computer import Computer
from volact.client.home import Folder
from volact.client.machine import Machine, matches, this_machine
from volact.client.records import (
    UNDRAWN,
    ActivationHeld,
    Device,
    Identity,
    Installation,
    InstalledKey,
    Pending,
    PendingFile,
)
from volact.credential.claims import Activation
from volact.credential.encoding import b64
from volact.credential.identity import vector_mark
from volact.credential.keys import Signer
from volact.credential.proof import ProofContext, make_proof
from volact.credential.request import ActivateRequest, LeaseRequest, SignedRequest, parse_request, sign_request
from volact.errors import Malformed, Refusal, Refused, Untrusted
from volact.licensing.catalog import UNCOUNTED, Policy
from volact.protocol.trust import Trust

NOTHING = "none"  # the method of a product that needs no license
FILE_LIFE = 170 * 86_400  # seconds: a file's request is accepted for 180 days


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: a product, by a host or by the key that is installed for it; `method` is a client's word."""

    product: str
    method: str
    key: InstalledKey | None = None

    @property
    def by_host(self) -> bool:
        """Whether a host is asked, and not the publisher's service."""
        return self.method == "host"

    @property
    def is_offline(self) -> bool:
        """Whether nobody is asked: a grant opened the key when it was installed, or the product needs nothing."""
        return self.method in (*UNCOUNTED, NOTHING)


@dataclass(frozen=True, slots=True)
class Self:
    """This computer as its requests name it."""

    signer: Signer
    publisher: str
    dev: str
    vector: Mapping[str, str]
    virtual: bool

    @property
    def mark(self) -> str:
        """The `mv` of its vector."""
        return vector_mark(self.vector)


def check_declared(policy: Policy, identity: Identity, *, method: str = "host") -> None:
    """Refuses with `identity_not_allowed` what the catalog does not let a declared computer have."""
    allowed = policy.declared == "all" or (policy.declared == "lease" and method == "host")
    if identity.path is not None and not allowed:
        raise Refused(Refusal("identity_not_allowed", f'the catalog says declared = "{policy.declared}"'))


def check_same_computer(computer: Computer, publisher: str) -> Machine:
    """This computer, if the home was used on no other one; refuses with `hardware_changed`."""
    identity = _settled(computer)
    machine, device = this_machine(identity, publisher), computer.home.load(Device)
    if device is not None and not matches(device.vector, machine):
        detail = "this home was made on another computer, or this computer was changed"
        raise Refused(Refusal("hardware_changed", detail, {"dev": device.dev}))
    return machine


def _settled(computer: Computer) -> Identity:
    """Who this home says it is; one that was generalized draws its random id now, under the home's lock."""
    identity = computer.home.load(Identity) or Identity()
    if identity.random == UNDRAWN:
        identity = Identity(random=b64(computer.random(16)))
        computer.home.save(identity)
    return identity


def identify(computer: Computer, trust: Trust, *, method: str) -> Self:
    """This computer with its device key, which is made at its first use; refuses with `hardware_changed`."""
    home = computer.home
    check_declared(trust.catalog.policy, home.load(Identity) or Identity(), method=method)
    machine = check_same_computer(computer, trust.publisher)
    device, signer = home.load(Device), computer.vault.device() or computer.vault.make_device()
    if device is None or device.jwk != signer.public.jwk:
        dev = machine.dev if device is None else device.dev
        device = Device(jwk=signer.public.jwk, dev=dev, vector=dict(machine.vector))
        home.save(device)
    return Self(signer, trust.publisher, device.dev, machine.vector, machine.virtual)


def online_request(computer: Computer, me: Self, *, wish: Wish, iat: int | None, now: int) -> bytes:
    """The bytes to send: the unanswered request if it still fits, else a new one; on disk when this returns."""
    folder = computer.home.product(wish.product)
    pending = folder.load_whole(Pending)
    if iat is None and pending is not None and _fits(pending.request, me, wish=wish):
        return pending.request.encode()
    made = _make(computer, me, wish=wish, iat=now if iat is None else iat, via="online")
    if made is None:
        return _used_request(folder, me, wish=wish)
    folder.save(Pending(request=made.decode()))
    return made


def file_request(computer: Computer, me: Self, *, wish: Wish, now: int) -> bytes:
    """The bytes of a request file: those written before if they still fit, else new ones; on disk when this returns."""
    folder = computer.home.product(wish.product)
    pending = folder.load_whole(PendingFile)
    is_fresh = pending is not None and _fits(pending.request, me, wish=wish) and _is_fresh(pending.request, now)
    if pending is not None and is_fresh and not _is_over(computer, pending, wish=wish):
        return pending.request.encode()
    made = _make(computer, me, wish=wish, iat=now, via="file")
    if made is None:
        return _used_request(folder, me, wish=wish)
    folder.save(PendingFile(request=made.decode()))
    return made


def can_make(computer: Computer, wish: Wish) -> bool:
    """Whether a new request for that wish could be made: a used key is not kept."""
    return wish.by_host or _proof_key(computer, wish) is not None


def _is_over(computer: Computer, pending: Pending, *, wish: Wish) -> bool:
    """Whether what answered a request is revoked, so that a key that was typed again makes a request of its own."""
    held = computer.home.product(wish.product).load_whole(ActivationHeld)
    if held is None or not can_make(computer, wish):
        return False
    trust, asked = computer.home.trust(), parse_request(pending.request.encode()).request
    try:
        is_answer = trust.activation(held.credential).rid == asked.rid
    except (Malformed, Untrusted):
        return False
    return is_answer and trust.revoked_at(Activation, held.credential) is not None


def _make(computer: Computer, me: Self, *, wish: Wish, iat: int, via: Literal["online", "file"]) -> bytes | None:
    rid, home = b64(computer.random(16)), computer.home
    if wish.by_host:
        installed = home.product(wish.product).load(Installation)
        virtual = me.virtual or (installed is not None and installed.virtual)
        lease = LeaseRequest(
            aud=me.publisher, via=via, iat=iat, rid=rid, dev=me.dev, mv=me.mark, product=wish.product, virtual=virtual
        )
        return sign_request(lease, me.signer)
    proof_key, keyid = _proof_key(computer, wish), wish.key.keyid if wish.key else None
    if proof_key is None or keyid is None:
        return None
    context = ProofContext(
        jkt=me.signer.public.kid, aud=me.publisher, op="activate", rid=rid, dev=me.dev, product=wish.product
    )
    activation = ActivateRequest(
        aud=me.publisher, via=via, iat=iat, rid=rid, dev=me.dev, mv=me.mark, product=wish.product,
        keyid=keyid, proof=make_proof(proof_key, context),
    )  # fmt: skip
    return sign_request(activation, me.signer)


def _proof_key(computer: Computer, wish: Wish) -> bytes | None:
    keyid = wish.key.keyid if wish.key else None
    return None if keyid is None else computer.vault.proof(keyid)


def _used_request(folder: Folder, me: Self, *, wish: Wish) -> bytes:
    """The last request of a key that was used up: asked again, it takes nothing and gives the same activation."""
    for kind in (Pending, PendingFile):
        last = folder.load_whole(kind)
        if last is not None and _fits(last.request, me, wish=wish):
            return last.request.encode()
    raise Refused(
        Refusal("no_key", f"no key for {wish.product} is installed that could be used", {"product": wish.product})
    )


def pending_rid(folder: Folder) -> str | None:
    """The number of a product's last request, by which the publisher's people find it; None where there is none."""
    pending = folder.load_whole(Pending)
    try:
        return parse_request(pending.request.encode()).request.rid if pending else None
    except Malformed:
        return None


def _is_fresh(text: str, now: int) -> bool:
    return now - parse_request(text.encode()).request.iat < FILE_LIFE


def _fits(text: str, me: Self, *, wish: Wish) -> bool:
    """Whether a request that was made before asks the same for the same computer."""
    try:
        asked: SignedRequest = parse_request(text.encode())
    except Malformed:
        return False
    said = asked.request
    mine = (asked.jkt, said.aud, said.dev, said.mv) == (me.signer.public.kid, me.publisher, me.dev, me.mark)
    match said:
        case LeaseRequest():
            return mine and wish.by_host and said.product == wish.product
        case ActivateRequest():
            return mine and wish.key is not None and (said.product, said.keyid) == (wish.product, wish.key.keyid)
    return False
