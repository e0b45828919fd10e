"""The device API: one signed request of any operation, and the documents that everybody may have (spec S-1).

The order at this face is that of the specification: size, form, operation and audience, key id and proof, signature;
then, on the record, the request's number, its time, and what it asks for.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from msgspec import UNSET

from volact import __version__
from volact.credential import jws
from volact.credential.encoding import dated, symbols
from volact.credential.request import ActivateRequest, HostRequest, SignedRequest, op_of, parse_request
from volact.credential.strictjson import dumps
from volact.errors import Damaged, Malformed, Refusal, Refused, VolactError
from volact.protocol import messages, problems
from volact.protocol.messages import Answer
from volact.service.admission.book import Ask, Granted
from volact.service.admission.hosts import unknown_predecessor
from volact.service.devices.denials import Denials
from volact.service.devices.figures import Watch
from volact.service.devices.proofs import ProofKeys, check_signature
from volact.service.devices.published import Shelf
from volact.service.devices.telemetry import Seen, Telemetry
from volact.service.ledger import admission, keys
from volact.service.ledger.connection import translated
from volact.service.ledger.denials import Denied
from volact.service.ledger.rows import AnswerRow
from volact.service.ports import Service
from volact.serving.asgi import HttpReply, HttpRequest, Routes
from volact.serving.batch import GroupCommit
from volact.serving.callers import Callers, request_id
from volact.serving.turn import OncePerTurn

_JOSE, _JOSE_JSON = "application/jose", "application/jose+json"
_VERSION_DIGITS = 9
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class DeviceApi:
    """The handlers; `service` is a connection for reading, `commit` leads to the one writer."""

    service: Service
    commit: GroupCommit[Ask, Granted]
    shelf: Shelf
    proofs: ProofKeys
    telemetry: Telemetry
    callers: Callers
    watch: Watch
    denials: Denials = field(default_factory=Denials)
    _answers: OncePerTurn[Ask, AnswerRow | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_answers", OncePerTurn(self._recorded))

    @property
    def routes(self) -> Routes:
        """Method and path of everything that is offered."""
        return {
            ("POST", "/v1/requests"): self.requests,
            ("GET", "/v1/root/{}"): self.root,
            ("GET", "/v1/catalog"): self.catalog,
            ("GET", "/v1/revocations"): self.revocations,
            ("GET", "/.well-known/volact"): self.about,
            ("GET", "/readyz"): self.ready,
            ("GET", "/metrics"): self.metrics,
        }

    async def requests(self, http: HttpRequest) -> HttpReply:
        """Answers one signed request."""
        seen = Seen(self.callers.address(http), request_id(http))
        return HttpReply(messages.encode(await self.answer(http.body, seen)))

    async def answer(self, request: bytes, seen: Seen) -> Answer:
        """The answer to one signed request, and a note of what was seen of it; raises Refused."""
        began = time.perf_counter()
        try:
            granted = await self._grant(request, seen)
            if granted.repeated:
                seen.code = "repeated"
            return self._sign(granted, seen.keyid)
        except VolactError as err:
            seen.code = err.code
            if err.__cause__ is not None and err.code == "internal":
                self.telemetry.defect("one of a batch", err.__cause__)
            raise Refused(problems.numbered(err.refusal, seen.rid)) from err
        except Exception:
            seen.code = "internal"
            raise
        finally:
            seen.ms = (time.perf_counter() - began) * 1000
            self._note(seen)

    async def root(self, http: HttpRequest) -> HttpReply:
        """One root version as it was signed."""
        number = int(http.part) if _is_version(http.part) else 0
        roots = self.shelf.newest.roots
        if not 1 <= number <= len(roots):
            raise Refused(Refusal("not_found", "there is no root of that version"))
        return _document(http, roots[number - 1], media=_JOSE_JSON, version=number)

    async def catalog(self, http: HttpRequest) -> HttpReply:
        """The newest catalog as it was signed."""
        newest = self.shelf.newest
        return _document(http, newest.catalog_text, media=_JOSE, version=newest.versions.catalog)

    async def revocations(self, http: HttpRequest) -> HttpReply:
        """The newest revocation list as it was signed."""
        newest = self.shelf.newest
        return _document(http, newest.revocations_text, media=_JOSE, version=newest.versions.revocations)

    async def about(self, _: HttpRequest) -> HttpReply:
        """Who answers here: the publisher, this program's version, the newest documents, the service's own address."""
        newest = self.shelf.newest
        versions = {name: getattr(newest.versions, name) for name in ("root", "catalog", "revocations")}
        said = {"publisher": newest.publisher, "name": newest.root.name, "version": __version__, "versions": versions}
        return HttpReply(dumps({**said, "service": newest.url}))

    async def ready(self, _: HttpRequest) -> HttpReply:
        """Whether requests can be granted now; `not_ready` where the record or its signing key is away."""
        try:
            newest = self.shelf.newest
        except Damaged as err:
            raise VolactError(err.detail, code="not_ready") from err
        now = self.service.clock.now()
        if not any(key.public.kid in newest.usable and key.exp > now for key in newest.root.active("issuing")):
            raise VolactError("no issuing key is in force", code="not_ready")
        return HttpReply(dumps({"status": "ready"}))

    async def metrics(self, _: HttpRequest) -> HttpReply:
        """The figures for Prometheus, also while the record is away."""
        now, published = self.service.clock.now(), None
        with suppress(VolactError):
            published = self.shelf.newest
        return self.telemetry.exposition(published, await self.watch.figures(), now=now)

    def _note(self, seen: Seen) -> None:
        self.telemetry.request(seen)
        if seen.is_denied:
            keyid = seen.keyid if seen.is_proved else None
            self.denials.count(Denied(self.service.clock.now() // _DAY, seen.code, keyid or "", seen.address))

    async def _grant(self, body: bytes, seen: Seen) -> Granted:
        signed = parse_request(body)
        seen.op, seen.rid, seen.jkt = op_of(signed.request), signed.request.rid, signed.jkt
        ask = self._ask(signed, seen)
        recorded = self._repeat(ask, await self._answers.ask(ask))
        if recorded is None:
            self._check_predecessor(ask)
        return recorded or await self.commit.ask(ask)

    def _ask(self, signed: SignedRequest, seen: Seen) -> Ask:
        asked = signed.request
        if not isinstance(asked, ActivateRequest | HostRequest):
            detail = f'this is a publisher\'s service; "{seen.op}" is asked of an activation host'
            raise Refused(Refusal("operation_not_offered", detail, {"op": seen.op}))
        publisher = self.shelf.newest.publisher
        if asked.aud != publisher:
            raise Malformed(f"the request is for {asked.aud}, and {publisher} answers here")
        seen.keyid = asked.keyid
        if asked.keyid is not None:
            self.proofs.check(signed, asked.keyid, proof=asked.proof or "")
        check_signature(signed)
        seen.is_proved = True
        return Ask(
            request=asked,
            jkt=signed.jkt,
            jwk=signed.public.jwk,
            digest=signed.digest,
            fresh_id=dated(self.service.clock.milliseconds(), secrets.token_bytes(16)),
            fresh_host=symbols(secrets.token_bytes(15)),
        )

    def _recorded(self, asks: Sequence[Ask]) -> list[AnswerRow | None]:
        with translated(self.service.ledger):
            rows = admission.recorded(self.service.ledger, asks)
        return [rows.get(ask.number) for ask in asks]

    def _repeat(self, ask: Ask, row: AnswerRow | None) -> Granted | None:
        """The answer to the very same request, which nothing needs to be written for."""
        if row is None or row.digest != ask.digest or row.kid not in self.shelf.newest.usable:
            return None
        return Granted(row.payload, row.typ, row.kid, repeated=True)

    def _check_predecessor(self, ask: Ask) -> None:
        """A renewal proves no key: one that names nothing of its device key's does not reach the writer."""
        jti = ask.request.predecessor if isinstance(ask.request, HostRequest) else None
        if jti is None:
            return
        with translated(self.service.ledger):
            given = admission.gave_certificate(self.service.ledger, jti, jkt=ask.jkt)
        if not given:
            raise Refused(unknown_predecessor())

    def _sign(self, granted: Granted, keyid: str | None) -> Answer:
        signer = self.service.vault.signer(granted.kid)
        if signer is None:
            raise Damaged(f"the vault holds no signing key {granted.kid}")
        credential = jws.sign_compact(granted.payload, typ=granted.typ, signer=signer)
        notice = "key_blocked" if granted.repeated and keyid is not None and self._is_blocked(keyid) else UNSET
        newest = self.shelf.newest
        checkpoint = newest.checkpoint or UNSET
        return Answer(credential=credential, versions=newest.versions, notice=notice, checkpoint=checkpoint)

    def _is_blocked(self, keyid: str) -> bool:
        with translated(self.service.ledger):
            row = keys.key(self.service.ledger, keyid)
        return row is not None and row.state != "active"


def _is_version(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _VERSION_DIGITS and not text.startswith("0")


def _document(http: HttpRequest, text: str, *, media: str, version: int) -> HttpReply:
    tag = f'"{version}"'
    headers = (("etag", tag), ("cache-control", "no-cache"))
    if tag in http.headers.get("if-none-match", ""):
        return HttpReply(status=304, media=media, headers=headers)
    return HttpReply(text.encode(), media=media, headers=headers)
