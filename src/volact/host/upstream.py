"""What the host says to the publisher's service: activate, renew, refresh; online, or by request and answer files.

A request is on disk before it is sent, and the same bytes are repeated until they are answered. A key whose
certificate belongs to this device key is renewed and takes nothing; otherwise it is activated with its proof.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from msgspec import UNSET
from msgspec.structs import replace

from volact.client.computer import Connect, Transport, connect_http
from volact.client.conversation import Sides, hold
from volact.credential.claims import HostCertificate
from volact.credential.encoding import b64
from volact.credential.keys import Signer
from volact.credential.proof import ProofContext, make_proof
from volact.credential.request import HostRequest, SignedRequest, parse_request, sign_request
from volact.errors import Damaged, Malformed, Refusal, Refused, Unreachable, Untrusted, VolactError
from volact.host.device import prepare_device
from volact.host.records import DAY, Certificate, InstalledKey, Settings
from volact.host.setup import Host
from volact.host.state import HostState
from volact.protocol import flows, messages
from volact.protocol.trust import Believed, Trust

Via = Literal["online", "file"]
UNKNOWN = "key_unknown"  # of a renewal: the service has no such certificate
FILE_LIFE = 170 * DAY  # a request file is answered for 180 days; one that is older is made anew


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one key: its certificate, or why it has none, and what deserves a word."""

    key: InstalledKey
    renews: bool
    certificate: HostCertificate | None = None
    refusal: Refusal | None = None
    warning: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Upstream:
    """The conversations of one host with its publisher's service."""

    host: Host
    connect: Connect = connect_http

    def activate(self) -> tuple[Step, ...]:
        """Activates every key that has no certificate of this device key, and renews the others.

        After `clone_detected`, and on other hardware, it does so with a new device key; where the host's slot was freed
        it asks for another one. Raises Refused where no key is installed, Unreachable, Untrusted; a refusal of the
        service is part of the step.
        """
        prepare_device(self.host)
        return tuple(self._renew(key, anew_after=(UNKNOWN, "host_slot_freed")) for key in self._keys())

    def renew(self, due: Callable[[Certificate], bool] = lambda _: True) -> tuple[Step, ...]:
        """Renews the certificates that are due; one of which another copy was renewed is tried once a day."""
        keys = {key.keyid: key for key in self.host.store.host_keys() if self._may_renew(key)}
        newest = [each for each in self.host.state().newest if not each.by_telephone]  # a person renews those
        found = [each for each in newest if due(each) and each.claims.keyid in keys]
        return tuple(self._renew(keys[each.claims.keyid], anew_after=(UNKNOWN,)) for each in found)

    def _may_renew(self, key: InstalledKey) -> bool:
        """A copy is told once a day: `clone_detected` is not signed, and one false word must not end a host."""
        return key.cloned is None or abs(self.host.clock() - key.cloned) >= DAY

    def refresh(self, *, catalog: bool) -> Trust:
        """Fetches newer roots and the revocation list, and the catalog where that is asked for."""
        transport = self._transport()
        trust = hold(
            flows.refresh(self.host.state().trust, catalog=catalog), Sides(transport, self.host.store.keep_trust)
        )
        self.host.watcher.watch(trust, service=transport)
        return trust

    def request_file(self) -> tuple[InstalledKey, bytes]:
        """The request file of the first key without a certificate, else of the one that ends first."""
        prepare_device(self.host)
        state, keys = self.host.state(), self._keys()
        ends = {each.claims.keyid: each.claims.exp for each in state.newest if _predecessor(state, each.claims.keyid)}
        key = min(keys, key=lambda key: (key.keyid in ends, ends.get(key.keyid, key.installed)))
        return key, self._request(key, via="file", iat=None)

    def read_answer(self, data: bytes, *, catalog: bool = False) -> Step:
        """Believes the answer file to a request file of this host, and its catalog where that is asked for.

        Raises Untrusted.
        """
        trust = self.host.state().trust
        refused: VolactError = Untrusted("this host waits for no answer; `host activate --request` makes a request")
        for key in self.host.store.host_keys():
            request = self.host.store.pending(key.keyid, "file")
            if request is None:
                continue
            try:
                newer, believed = flows.read_answer_file(trust, request, data=data, catalog=catalog)
            except Untrusted as err:
                refused = err
                continue
            if newer is not trust:
                self.host.store.keep_trust(newer)
            told = messages.decode_file(data).checkpoint
            self.host.watcher.heed(newer, offered=None if told is UNSET else told)
            self._keep(key, believed)
            return _step(key, believed, renews=_is_renewal(request))
        raise refused

    def _renew(self, key: InstalledKey, *, anew_after: Collection[str]) -> Step:
        """What a service answers whose record was restored and lost a certificate, `key_unknown`, is no end: asked
        anew with the key's proof, it gives this device key the slot that it has, or one.
        """
        step = self._ask(key)
        if step.renews and step.refusal is not None and step.refusal.code in anew_after:
            return self._ask(key, anew=True)
        return step

    def _ask(self, key: InstalledKey, *, anew: bool = False) -> Step:
        state = self.host.state()
        renews = not anew and _predecessor(state, key.keyid) is not None
        transport = self._transport()
        sides = Sides(
            transport,
            self.host.store.keep_trust,
            lambda iat: self._request(key, via="online", iat=iat, anew=anew),
        )
        outcome = hold(flows.ask(state.trust, self.host.clock(), catalog=False), sides)
        if outcome.believed is None:
            refusal = outcome.refusal or Refusal("answer_untrusted", "the service gave no answer")
            self._note_refusal(key, refusal)
            return Step(key, renews, refusal=refusal)
        self._keep(key, outcome.believed)
        self.host.watcher.heed(self.host.state().trust, offered=outcome.checkpoint, service=transport)
        return _step(key, outcome.believed, renews=renews, warning=outcome.warning)

    def _keep(self, key: InstalledKey, believed: Believed) -> None:
        self.host.store.add_certificate(key.keyid, believed.claims.jti, text=believed.credential)

    def _note_refusal(self, key: InstalledKey, refusal: Refusal) -> None:
        if refusal.code in ("clone_detected", "host_revoked"):  # either way this device key is at its end
            self.host.store.mark_cloned(key.keyid, self.host.clock())
        if refusal.code in ("clone_detected", "host_revoked", "replayed"):
            self.host.store.keep_pending(key.keyid, "online", request=None)

    def _keys(self) -> tuple[InstalledKey, ...]:
        keys = self.host.store.host_keys()
        if not keys:
            raise Refused(Refusal("host_not_activated", "no host key is installed on this host"))
        return keys

    def _transport(self) -> _Told:
        url = self.host.store.settings().service
        if url is None:
            raise Unreachable(
                "this host knows no service of the publisher; `host activate --request FILE` activates it by file"
            )
        return _Told(self.connect(url, "service"))

    def _request(self, key: InstalledKey, *, via: Via, iat: int | None, anew: bool = False) -> bytes:
        """The request on disk for that key if it still fits, else a new one, which is on disk when this returns."""
        state = self.host.state()
        signer = self._signer(state)
        before = None if anew else _predecessor(state, key.keyid)
        known = self.host.store.pending(key.keyid, via)
        if (
            known is not None
            and iat is None
            and self._fits(known, state, before=before, jkt=signer.public.kid, via=via)
        ):
            return known
        at = self.host.clock() if iat is None else iat
        made = self._made(key, state.settings, signer=signer, via=via, iat=at, before=before)
        self.host.store.keep_pending(key.keyid, via, request=made)
        return made

    def _signer(self, state: HostState) -> Signer:
        signer = self.host.vault.signer(state.settings.jkt)
        if signer is None:
            raise Damaged("the host's device key is gone; `host activate` makes a new one")
        return signer

    def _made(
        self, key: InstalledKey, settings: Settings, *, signer: Signer, via: Via, iat: int, before: str | None
    ) -> bytes:
        rid = b64(self.host.random(16))
        asked = HostRequest(
            aud=settings.publisher, via=via, iat=iat, rid=rid, dev=settings.dev, mv=settings.mv,
            platform=settings.platform, virtual=settings.virtual, predecessor=before,
        )  # fmt: skip
        if asked.predecessor is None:
            context = ProofContext(jkt=signer.public.kid, aud=asked.aud, op="host", rid=rid, dev=asked.dev)
            asked = replace(asked, keyid=key.keyid, proof=make_proof(key.proof_key, context))
        return sign_request(asked, signer)

    def _fits(self, known: bytes, state: HostState, *, before: str | None, jkt: str, via: Via) -> bool:
        try:
            signed: SignedRequest = parse_request(known)
        except Malformed:
            return False
        said = signed.request
        young = via == "online" or abs(self.host.clock() - said.iat) < FILE_LIFE
        return (
            isinstance(said, HostRequest)
            and young
            and (signed.jkt, said.dev) == (jkt, state.settings.dev)
            and said.predecessor == before
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """A transport whose silence is told with its consequence (F12)."""

    inner: Transport

    def send(self, step: flows.Send) -> flows.Reply:
        """Sends one request and gives its reply; raises Refused `service_unreachable`, Untrusted."""
        try:
            return self.inner.send(step)
        except Unreachable as err:
            raise _with_consequence(err) from err


def _with_consequence(err: Unreachable) -> Refused:
    detail = f"{err.detail}; this host and its computers go on with what they have"
    return Refused(Refusal(err.code, detail, err.fields))


def _step(key: InstalledKey, believed: Believed, *, renews: bool, warning: Refusal | None = None) -> Step:
    assert isinstance(believed.claims, HostCertificate)  # trust believes nothing else for a host's request
    return Step(key, renews, believed.claims, warning=warning)


def _is_renewal(request: bytes) -> bool:
    said = parse_request(request).request
    return isinstance(said, HostRequest) and said.predecessor is not None


def _predecessor(state: HostState, keyid: str) -> str | None:
    """The certificate that a renewal of this key names: the newest, where it is this device key's on this machine."""
    for each in state.newest:
        if each.claims.keyid == keyid and (each.jkt, each.claims.dev) == (state.settings.jkt, state.settings.dev):
            return each.claims.jti
    return None
