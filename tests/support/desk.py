"""A host's desk without disk and network: a publisher's certificate, a book, and computers that ask."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from hashlib import sha256

from tests.support.book import MemoryBook
from tests.support.computer import Asker
from tests.support.publisher import NOW, Publisher
from volact.client.records import Identity
from volact.credential.encoding import digest
from volact.credential.keys import Signer, SoftwareSigner
from volact.credential.proof import ProofContext, make_proof
from volact.credential.request import HostRequest, sign_request
from volact.errors import VolactError
from volact.host.leases import Desk, Outcome
from volact.host.ports import LeaseBook
from volact.host.records import Certificate, LeaseAsk, Settings
from volact.host.state import HostState
from volact.protocol import messages
from volact.protocol.messages import Answer

HOST = Asker("the host itself")


class OneKey:
    """A vault that holds one device key, or none."""

    def __init__(self, signer: Signer | None) -> None:
        self._signer = signer

    def signer(self, jkt: str) -> Signer | None:
        """The key, if it is that one."""
        return self._signer if self._signer is not None and self._signer.public.kid == jkt else None


class TestDesk:
    """A desk over one state, driven batch by batch."""

    __test__ = False

    def __init__(self, publisher: Publisher, *groups: str, book: LeaseBook | None = None) -> None:
        self.publisher = publisher
        self.book = MemoryBook() if book is None else book
        self.keys = OneKey(HOST.signer)
        self.state = host_state(publisher, *groups)
        self._random = itertools.count(1)

    def ask(self, asks: Sequence[LeaseAsk]) -> list[Outcome]:
        """The answers to one batch."""
        return Desk(self.state, self.book, self.keys, self._bytes).answer_all(asks)

    def one(self, ask: LeaseAsk) -> Outcome:
        """The answer to one request."""
        return self.ask([ask])[0]

    def _bytes(self, size: int) -> bytes:
        return sha256(str(next(self._random)).encode()).digest()[:size]


def asked(name: str, product: str, *, now: int = NOW, key: str = "1", **given: object) -> LeaseAsk:
    """One request as it reaches the desk; `iat`, `virtual` and `rid` may be given."""
    asker = Asker(name, key=key)
    iat = given.pop("iat", now)
    assert isinstance(iat, int)
    request = asker.request(product, iat, **given)  # type: ignore[arg-type]
    return LeaseAsk(request, asker.signer.public.kid, digest(repr(request).encode()), now, name)


def code(outcome: Outcome) -> str | None:
    """The code of a refusal, None for a lease."""
    return outcome.code if isinstance(outcome, VolactError) else None


def host_state(publisher: Publisher, *groups: str) -> HostState:
    """The state of a host that was activated for host keys of these groups."""
    certificates = tuple(certificate(publisher, group) for group in groups)
    settings = Settings(
        pin=publisher.pin, publisher=publisher.id, platform="windows-server-2012", virtual=False,
        identity=Identity(random="A"), dev=HOST.dev, mv=digest(b""), jkt=HOST.signer.public.kid,
    )  # fmt: skip
    return HostState(settings, publisher.trust, certificates)


def certificate(publisher: Publisher, group: str, signer: SoftwareSigner | None = None) -> Certificate:
    """A host certificate, asked for like a host does."""
    key, signer = publisher.issue("host", group), signer or HOST.signer
    rid = f"{len(publisher.keys):021}A"
    context = ProofContext(jkt=signer.public.kid, aud=publisher.id, op="host", rid=rid, dev=HOST.dev)
    request = HostRequest(
        aud=publisher.id, via="online", iat=publisher.clock(), rid=rid, dev=HOST.dev, mv=digest(b""),
        platform="windows-server-2012", virtual=False, keyid=key.keyid,
        proof=make_proof(key.proof_key, context),
    )  # fmt: skip
    reply = publisher.answer("POST", "/v1/requests", sign_request(request, signer))
    text = messages.decode(Answer, reply.body).credential
    return Certificate(publisher.trust.certificate(text), text, newest=True)
