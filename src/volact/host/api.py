"""The device API of a host, its documents, and its pages for people and monitoring."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Any

import msgspec

from volact.credential import jws
from volact.credential.claims import LEASE_TYP
from volact.credential.request import LeaseRequest, op_of, parse_request
from volact.errors import Malformed, Refusal, Refused, VolactError
from volact.host.metrics import MEDIA, Metrics
from volact.host.overview import Overview, overview
from volact.host.page import SHOWN, StatusPage
from volact.host.records import Granted, LeaseAsk
from volact.host.setup import Host
from volact.host.state import HostState, Told
from volact.host.vault import check_signature
from volact.protocol import messages
from volact.protocol.messages import Answer
from volact.serving.asgi import Handler, HttpReply, HttpRequest
from volact.web.pages import HEADERS, HTML, asset

JWS_JSON, JWS = "application/jose+json", "application/jose"
HINT, HINT_LENGTH = "volact-computer", 64

Asker = Callable[[LeaseAsk], Awaitable[tuple[Granted, Told]]]


class HostApi:
    """Answers over one host: requests through `ask`, which puts them on record; all else from the store, read anew."""

    def __init__(self, host: Host, ask: Asker, *, metrics: Metrics) -> None:
        self._host, self._ask, self._metrics = host, ask, metrics
        self._state = host.state()
        self._page = StatusPage(socket.gethostname())

    @property
    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """What is answered where."""
        return {
            ("POST", "/v1/requests"): self.requests,
            ("GET", "/v1/root/{}"): self.root,
            ("GET", "/v1/catalog"): self.catalog,
            ("GET", "/v1/revocations"): self.revocations,
            ("GET", "/v1/certificates"): self.certificates,
            ("GET", "/.well-known/volact"): self.well_known,
            ("GET", "/readyz"): self.ready,
            ("GET", "/metrics"): self.metrics,
            ("GET", "/assets/{}"): self.assets,
            ("GET", "/"): self.page,
        }

    async def requests(self, http: HttpRequest) -> HttpReply:
        """Gives a lease, or raises the refusal; what was answered is on disk before."""
        try:
            ask = self._read(http)
            granted, told = await self._ask(ask)
        except VolactError as err:
            self._metrics.refused(err.code)
            raise
        self._metrics.given(granted.renewed)
        return HttpReply(self._signed(granted, told))

    async def root(self, http: HttpRequest) -> HttpReply:
        """One root version."""
        roots = self._current().trust.roots
        number = int(http.part) if http.part.isascii() and http.part.isdecimal() and len(http.part) < 10 else 0
        if not 1 <= number <= len(roots) or str(number) != http.part:
            raise Refused(Refusal("not_found", f"root versions 1 to {len(roots)} are known here"))
        return HttpReply(roots[number - 1].data, media=JWS_JSON)

    async def catalog(self, _: HttpRequest) -> HttpReply:
        """The catalog that this host has."""
        return HttpReply(self._current().trust.catalog_text.encode(), media=JWS)

    async def revocations(self, _: HttpRequest) -> HttpReply:
        """The newest revocation list."""
        return HttpReply(self._current().trust.revocations_text.encode(), media=JWS)

    async def certificates(self, _: HttpRequest) -> HttpReply:
        """The newest certificate of each host key."""
        return _json({"certificates": [each.text for each in self._current().newest]})

    async def well_known(self, _: HttpRequest) -> HttpReply:
        """Who answers here, and where what is."""
        trust = self._current().trust
        urls = {"requests": "/v1/requests", "catalog": "/v1/catalog", "revocations": "/v1/revocations"}
        urls |= {"root": "/v1/root/{version}", "certificates": "/v1/certificates"}
        known = {"publisher": trust.publisher, "name": trust.root.name, "program": "host", "version": version("volact")}
        return _json({**known, "versions": msgspec.to_builtins(trust.versions), "urls": urls})

    async def ready(self, _: HttpRequest) -> HttpReply:
        """Says that requests can be answered, and whether a certificate is in force."""
        return _json({"status": "ready", "activated": bool(self._current().in_force(self._host.clock()))})

    async def metrics(self, _: HttpRequest) -> HttpReply:
        """Everything that Prometheus reads."""
        return HttpReply(self._metrics.text(self._seen()), media=MEDIA)

    async def assets(self, http: HttpRequest) -> HttpReply:
        """The style of the pages."""
        found = asset(http.part)
        if found is None:
            raise Refused(Refusal("not_found", "nothing is at that address"))
        return HttpReply(found[0], media=found[1], headers=(("cache-control", "max-age=3600"),))

    async def page(self, _: HttpRequest) -> HttpReply:
        """The status page."""
        view = self._host.view
        body = self._page.render(
            self._seen(), self._current().trust.catalog, computers=view.computers(SHOWN), known=view.computers_known()
        )
        return HttpReply(body, media=HTML, headers=HEADERS)

    def _read(self, http: HttpRequest) -> LeaseAsk:
        now = self._host.clock()
        signed = parse_request(http.body)
        request = signed.request
        if request.aud != self._state.trust.publisher:
            raise Malformed(f"the request is for {request.aud}, and this host is of {self._state.trust.publisher}")
        check_signature(signed)
        if not isinstance(request, LeaseRequest):
            refusal = Refusal("operation_not_offered", f'an activation host does not answer "{op_of(request)}"')
            raise Refused(refusal)
        return LeaseAsk(request, signed.jkt, signed.digest, now, clean_hint(http.headers.get(HINT, "")))

    def _signed(self, granted: Granted, told: Told) -> bytes:
        signer = self._host.vault.signer(granted.certificate.jkt)
        if signer is None:
            raise Refused(
                Refusal("host_not_activated", "this host's device key is gone; `host activate` makes a new one")
            )
        credential = jws.sign_compact(granted.payload, typ=LEASE_TYP, signer=signer)
        return messages.encode(
            Answer(
                credential=credential,
                certificate=granted.certificate.text,
                versions=told.versions,
                checkpoint=told.checkpoint or msgspec.UNSET,
            )
        )

    def _current(self) -> HostState:
        if self._host.store.generation() != self._state.generation:
            self._state = self._host.state()
        return self._state

    def _seen(self) -> Overview:
        return overview(self._host, self._host.clock())


def clean_hint(text: str) -> str:
    """What a computer calls itself, as it can be shown: printable, one line, at most 64 characters."""
    if not text.isascii():
        with contextlib.suppress(UnicodeError):
            text = text.encode("latin-1").decode()
    shown = text if text.isprintable() else "".join(sign for sign in text if sign.isprintable())
    return shown.strip()[:HINT_LENGTH]


def _json(document: Mapping[str, Any]) -> HttpReply:
    return HttpReply(msgspec.json.encode(document))
